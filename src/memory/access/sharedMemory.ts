import type { MemoryStore } from "../../store/memoryStore.ts";
import { MemoryService } from "../memoryService.ts";
import type { MemoryServiceOptions } from "../memoryServiceOptions.ts";
import type { Actor } from "./actor.ts";

/** The memories of many people, on one store and the same models. */
export class SharedMemory {
	readonly #options: MemoryServiceOptions;
	readonly #memories = new Map<string, MemoryService>();
	/** The memory of the user in the configuration, as without a team. */
	readonly own: MemoryService;

	constructor(options: MemoryServiceOptions) {
		this.#options = options;
		this.own = new MemoryService(options);
	}

	get store(): MemoryStore {
		return this.#options.store;
	}

	/** The memories that are in use. */
	get all(): readonly MemoryService[] {
		return [this.own, ...this.#memories.values()];
	}

	/** The memory of somebody of the team. It stays open, and finishes what waits for a model. */
	of(actor: Actor): MemoryService {
		const key = JSON.stringify([actor.userId, actor.admin]);
		const known = this.#memories.get(key);
		if (known) return known;
		const memory = new MemoryService({
			...this.#options,
			userId: actor.userId,
			actor,
			team: true,
			follow: undefined,
			borrowed: true,
			// The sessions of agents on this machine, and the backups of all, are those of `own`.
			capturesIn: undefined,
			backups: undefined,
		});
		this.#memories.set(key, memory);
		memory.startBackgroundWork();
		return memory;
	}

	/** Models may be available that were not. */
	workSoon(): void {
		for (const memory of this.all) memory.workSoon();
	}

	stopWaiting(): void {
		for (const memory of this.all) memory.stopWaiting();
	}

	async dispose(): Promise<void> {
		await Promise.all([...this.#memories.values()].map((memory) => memory.dispose()));
		await this.own.dispose();
	}
}
