import type { Changed, MemoryChange } from "../changes.ts";
import type { Counts } from "../lists.ts";
import type { MemoryStore } from "../memoryStore.ts";
import type { AddResult, Destinations, JournalEntry, StoredMemory, Vector } from "../types.ts";

export interface KeptSave {
	readonly kind: "save";
	readonly entry: JournalEntry;
	readonly distil: boolean;
}

/** What somebody did while the database was away. */
export type KeptChange =
	| KeptSave
	| { readonly kind: "change"; readonly change: MemoryChange }
	| { readonly kind: "delete" }
	| { readonly kind: "restore" };

/** A change that waits for the database. */
export interface WaitingChange {
	/** Changes are delivered in this order. */
	readonly seq: number;
	readonly memoryId: string;
	readonly userId: string;
	readonly kept: KeptChange;
	/** The memory as it was in the database; absent for a save, and for what follows another change that waits. */
	readonly base?: StoredMemory;
	/** The process that made it. */
	readonly owner: string;
	/** Of that process: its texts go to no other endpoints. */
	readonly destinations: Destinations;
	/** ms since 1970 */
	readonly at: number;
}

/** Memories as they were last seen in the database, by id. */
export type KnownMemories = ReadonlyMap<string, StoredMemory>;

/**
 * The changes that wait on this machine, and the memories that they are about as they are with them. Each method that
 * keeps or settles a change does so in one transaction, which is synced to disk.
 */
export interface Outbox {
	/** This process, as the owner of what it keeps. */
	readonly owner: string;
	/** Keeping a save twice keeps it once; the second time may bring its vector. */
	save(
		entry: JournalEntry,
		memoryId: string,
		more: { readonly distil?: boolean; readonly vector?: Vector },
	): Promise<AddResult>;
	/** As Memories.change. @param known the memories of which no change waits yet. */
	change(
		userId: string,
		changes: readonly MemoryChange[],
		known: KnownMemories,
	): Promise<readonly (Changed | undefined)[]>;
	delete(
		userId: string,
		ids: readonly string[],
		known: KnownMemories,
	): Promise<readonly (StoredMemory | undefined)[]>;
	/** Only what was deleted here. */
	restore(userId: string, ids: readonly string[]): Promise<readonly (StoredMemory | undefined)[]>;

	count(): number;
	/** The memories of which changes wait. */
	ids(): ReadonlySet<string>;
	has(memoryId: string): boolean;
	/** Whether a save of the memory waits: the database does not know it. */
	isNew(memoryId: string): boolean;
	/** How many memories were added here. */
	added(userId: string, projectId: string | undefined): Counts;
	/** How many memories of the database are another here. */
	copies(userId: string): number;
	/** Whether the save waits to be distilled. */
	isToDistil(saveId: string): boolean;
	/** The next one to be delivered. @param after the `seq` of the last one. */
	next(after: number): WaitingChange | undefined;

	/** The database has the change. @param landed the memory as it is there now; undefined: deleted. */
	delivered(change: WaitingChange, landed: StoredMemory | undefined): Promise<void>;
	/** All changes of the memory are settled in another way. */
	dropAll(memoryId: string): Promise<void>;
	/** The id under which the database has a memory that was saved here. */
	landedAs(memoryId: string): string;
	/** What a change expects, as the database has it: the time of what was changed here is another there. */
	asLanded(change: MemoryChange): MemoryChange;
	/** Erases what was delivered, down to the bytes of the file, when nothing waits any more. */
	erase(): Promise<void>;
}

/** The file on this machine. */
export interface KeptFile {
	/** The memories that changes are about, as a store of their own. */
	readonly store: MemoryStore;
	readonly outbox: Outbox;
}
