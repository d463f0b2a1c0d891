import type { MemoryStore } from "../../store/memoryStore.ts";
import { MemoryService } from "../memoryService.ts";
import type { MemoryServiceOptions } from "../memoryServiceOptions.ts";
import { makeProbe, type ProbeOutcome } from "../probe.ts";
import type { Actor } from "./actor.ts";

/** The memories of many people, on one store and the same models. */
export class SharedMemory {
	readonly #options: MemoryServiceOptions;
	readonly #memories = new Map<string, MemoryService>();
	/** Under way, by who asked. */
	readonly #probes = new Map<string, Promise<ProbeOutcome>>();
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
			// Where its database is, is for those who run it.
			place: actor.admin ? undefined : "the team's database",
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

	/**
	 * Saves, finds and deletes a memory of nobody's, and leaves nothing of it, also if whoever asked is gone meanwhile. No
	 * language model is asked.
	 * @throws StoreError
	 */
	probe(userId: string): Promise<ProbeOutcome> {
		const probe = this.#probes.get(userId) ?? this.#probe(userId).finally(() => this.#probes.delete(userId));
		this.#probes.set(userId, probe);
		return probe;
	}

	async #probe(userId: string): Promise<ProbeOutcome> {
		// No user has such a name. One per user: what a process left that was killed is erased the next time.
		const nobody = `(probe of ${userId})`;
		const { memories } = this.store;
		// It fails while the database is away, which otherwise would get the probe once it is back.
		await memories.keptTexts(nobody, 1);
		const memory = new MemoryService({
			...this.#options,
			userId: nobody,
			actor: undefined,
			team: false,
			follow: undefined,
			borrowed: true,
			distillation: undefined,
			capturesIn: undefined,
			backups: undefined,
		});
		try {
			return await makeProbe(memory, false);
		} finally {
			await memory.dispose();
			await memories.eraseUser(nobody);
		}
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
