import { existsSync } from "node:fs";
import { join } from "node:path";
import { databaseFile, openKeptFile } from "../sqlite/sqliteStore.ts";
import type { Destinations, StoredMemory } from "../types.ts";
import type { KeptFile, KnownMemories } from "./outbox.ts";

/** The file on this machine, which is made when something is to be kept. Its processes share it. */
export class Kept {
	readonly #folder: string;
	readonly #destinations: Destinations;
	readonly #opened: (file: KeptFile) => void;
	#opening: Promise<KeptFile> | undefined;

	/** @param opened called once, when it is open. */
	constructor(folder: string, destinations: Destinations, opened: (file: KeptFile) => void) {
		this.#folder = folder;
		this.#destinations = destinations;
		this.#opened = opened;
	}

	/** @throws StoreError */
	open(): Promise<KeptFile> {
		if (!this.#opening) {
			const opening = openKeptFile(this.#folder, this.#destinations);
			this.#opening = opening;
			opening.then(this.#opened, () => {
				this.#opening = undefined;
			});
		}
		return this.#opening;
	}

	/** The file, if anything was ever kept. */
	async ifAny(): Promise<KeptFile | undefined> {
		return this.#opening || existsSync(join(this.#folder, databaseFile)) ? this.open() : undefined;
	}

	/** The file, if anything waits in it. */
	async waiting(): Promise<KeptFile | undefined> {
		const file = await this.ifAny();
		return file && file.outbox.count() > 0 ? file : undefined;
	}

	/**
	 * The file, to keep something in it.
	 * @param isUnderWay The database may still get it from this process: nobody else brings it there meanwhile.
	 */
	async toKeep(isUnderWay: boolean): Promise<KeptFile> {
		const file = await this.open();
		if (isUnderWay) await file.store.leases.acquire(underWay(file.outbox.owner), longestUnderWay);
		return file;
	}

	/** Nothing is under way from this process any more. */
	async settled(): Promise<void> {
		const file = await this.ifAny();
		await file?.store.leases.release(underWay(file.outbox.owner));
	}

	/** Whether the process that has kept something may still bring it to the database itself. */
	async isUnderWay(owner: string): Promise<boolean> {
		const { store } = await this.open();
		const name = underWay(owner);
		if (!(await store.leases.acquire(name, 1))) return true;
		await store.leases.release(name);
		return false;
	}

	async close(): Promise<void> {
		const file = await this.#opening?.catch(() => undefined);
		await file?.store.close();
	}
}

/** A lease that its process holds. */
const underWay = (owner: string) => `under way from ${owner}`;
/** ms; longer than the database's own limits. */
const longestUnderWay = 10 * 60_000;

/** Of texts; memories beyond it are forgotten, the longest unseen first. */
const mostCharacters = 4_000_000;

/** Memories as this process last saw them in the database, or brought them there: what it may change while the database is away. */
export class Seen {
	readonly #memories = new Map<string, StoredMemory>();
	#characters = 0;

	add(memories: readonly (StoredMemory | undefined)[]): void {
		for (const memory of memories) {
			if (!memory || memory.keptHere) continue;
			this.forget(memory.id);
			this.#memories.set(memory.id, memory);
			this.#characters += memory.text.length;
		}
		for (const [id] of this.#memories) {
			if (this.#characters <= mostCharacters) break;
			this.forget(id);
		}
	}

	forget(id: string): void {
		this.#characters -= this.#memories.get(id)?.text.length ?? 0;
		this.#memories.delete(id);
	}

	get(id: string, userId: string): StoredMemory | undefined {
		const memory = this.#memories.get(id);
		return memory?.userId === userId ? memory : undefined;
	}

	of(ids: readonly string[], userId: string): KnownMemories {
		return new Map(
			ids.flatMap((id) => {
				const memory = this.get(id, userId);
				return memory ? [[id, memory]] : [];
			}),
		);
	}
}
