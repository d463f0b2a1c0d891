import type { EmbeddingSpace, TextVector } from "../vectors/embeddingSpace.ts";
import type { Conversations, Keywords, Vectors } from "./searchPorts.ts";

export type * from "./searchPorts.ts";

export type Scope = "global" | "project";

/** A project as memories know it: `id` is its normalised git remote or its folder path, `name` is for people. */
export interface Project {
	readonly id: string;
	readonly name: string;
}

/** What a save asked for, written to the journal before any work is done on it. */
export interface JournalEntry {
	readonly id: string;
	readonly text: string;
	readonly userId: string;
	readonly scope: Scope;
	/** Set exactly when `scope` is `project`. */
	readonly project?: Project;
	/** The conversation (run) in which it was saved. */
	readonly conversationId?: string;
	readonly metadata?: Readonly<Record<string, unknown>>;
	/** When it came about, in ms since 1970; imports may set the past. */
	readonly createdAt: number;
}

/** Of its journal entry a memory has all but the id, which is its own. */
export interface Memory extends JournalEntry {
	/** Journal entry it came from. */
	readonly saveId?: string;
	/** Milliseconds since 1970. */
	readonly updatedAt: number;
}

/** A memory with the row number that vectors and indexes know it by. */
export interface StoredMemory extends Memory {
	readonly seq: number;
}

/** A memory to be stored. */
export interface NewMemory extends Omit<JournalEntry, "id"> {
	readonly saveId?: string;
	readonly vector?: Vector;
}

/** A vector of length 1; undefined where the model has nothing to say about the text, which is then found by its words alone. */
export type Embedding = TextVector | undefined;

export interface Vector {
	readonly space: EmbeddingSpace;
	readonly values: Embedding;
}

export interface QueryVector extends Vector {
	readonly values: TextVector;
}

/** Whose memories of which scopes and days; all conditions hold together. */
export interface Filter {
	readonly userId: string;
	readonly global: boolean;
	/** Ids of the projects whose memories count, or all of them. */
	readonly projects: readonly string[] | "all";
	/** Bounds on `createdAt`, inclusive, in ms since 1970. */
	readonly since?: number;
	readonly until?: number;
}

export interface AddResult {
	/** `DUPLICATE`: `memory` is the one that was already there, and the draft was not stored. */
	readonly event: "ADD" | "DUPLICATE";
	readonly memory: StoredMemory;
}

export interface HistoryEntry {
	readonly event: "ADD" | "UPDATE" | "DELETE" | "RESTORE";
	readonly oldText?: string;
	readonly newText?: string;
	/** Milliseconds since 1970. */
	readonly at: number;
}

export interface Page {
	/** Newest first. */
	readonly memories: readonly StoredMemory[];
	/** How many memories the filter lets through, on all pages together. */
	readonly total: number;
	readonly next?: Position;
}

/** Where a page ended. */
export interface Position {
	readonly createdAt: number;
	readonly seq: number;
}

/** Every save as it was asked for, committed before anything is done with it. */
export interface Journal {
	/** @param distil facts are to be made of it, by this process: it is claimed at once. */
	record(entry: JournalEntry, distil?: boolean): Promise<void>;
	/** Saves whose process died before it finished them. */
	abandoned(): readonly JournalEntry[];
	/** The text that was saved, as it was. */
	text(id: string): string | undefined;
	/**
	 * Texts that were saved in the same conversation before, oldest first: those that language models may see, and of
	 * which something is remembered still.
	 */
	before(entry: JournalEntry, limit: number): readonly string[];
}

/** A save whose text is a memory, and of which a language model is to make facts. */
export interface PendingSave extends JournalEntry {
	/** How often that has failed for a reason in the text or the answer. */
	readonly attempts: number;
}

/** A fact that a language model found in a save. */
export interface Fact {
	readonly text: string;
	readonly vector?: Vector;
	readonly entities: readonly Entity[];
}

/** A name that a memory mentions. */
export interface Entity {
	readonly text: string;
	/** As mem0ai calls it: PROPER, QUOTED, … */
	readonly type: string;
}

export interface DistillationCounts {
	readonly pending: number;
	/** Kept word for word, as no facts could be made of them. */
	readonly givenUp: number;
	/** What last stood in the way, in words. */
	readonly problem?: string;
}

/** Saves on their way from a text to facts. Who claims one has it alone until it is settled, or its process is gone. */
export interface Distillations {
	/** Claims saves that are due. */
	claim(limit: number): Promise<readonly PendingSave[]>;
	/**
	 * Puts the facts in the place of the text, in one transaction: the first takes over the memory and its id.
	 * Answers undefined when nothing was done, since the memory was changed or deleted meanwhile, or the claim lost.
	 * @param keepText the text stays beside its facts, as they are not all.
	 */
	commit(
		saveId: string,
		facts: readonly Fact[],
		keepText: boolean,
	): Promise<readonly AddResult[] | undefined>;
	/** When the next save that nobody works on is due, in ms since 1970. */
	nextDue(): number | undefined;
	/** Leaves a save for later, or for good, with what stood in the way. */
	postpone(
		saveId: string,
		why: { problem: string; model: string; delay: number; counts: boolean; giveUp: boolean },
	): Promise<void>;
	/** The text itself is the memory: no fact was found in it. */
	keepText(saveId: string): Promise<void>;
	/** Gives back what processes that are gone have claimed. */
	releaseDead(): Promise<void>;
	/** Gives back what this process has claimed, undone. */
	release(saveIds: readonly string[]): Promise<void>;
	/** Makes everything due, once, that other models were tried on and this one was not; also what was given up. */
	wake(model: string): Promise<void>;
	/** The memories that came of an earlier save of the same words, if all of them still say what they said then. */
	knownFrom(draft: NewMemory): readonly StoredMemory[];
	counts(): DistillationCounts;
	/** Whether facts are still to be made of a save. */
	isPending(saveId: string): boolean;
	/** Memories whose entities are to be found anew, as their text has changed. */
	unlinked(limit: number): readonly StoredMemory[];
	/** Gives a memory its entities, if its text is still the one they are of. */
	link(memory: StoredMemory, entities: readonly Entity[]): Promise<void>;
	/** The entities of a memory. */
	entities(memory: StoredMemory): readonly Entity[];
}

/** Work that one process at a time does for all. */
export interface Leases {
	/** Takes or renews the lease for `duration` ms; false while another live process has it. */
	acquire(name: string, duration: number): Promise<boolean>;
	release(name: string): Promise<void>;
}

/** Notes that are kept between runs, such as what an endpoint can do. */
export interface Notes {
	get(key: string): string | undefined;
	put(key: string, value: string): Promise<void>;
}

export interface Memories {
	/**
	 * Adds a memory, unless one that says the same is visible where it would be (in its project, or global), and
	 * closes its journal entry in the same transaction. A save that is closed already is not added again.
	 */
	add(draft: NewMemory): Promise<AddResult>;
	/** Journals a save that is to be distilled and adds its text, in one transaction: nothing is asked in between. */
	record(entry: JournalEntry): Promise<AddResult>;
	/** Many drafts in one transaction, answered in order. */
	addAll(drafts: readonly NewMemory[]): Promise<readonly AddResult[]>;
	/** What `add` would answer as the duplicate. */
	duplicateOf(draft: NewMemory): StoredMemory | undefined;
	/** Replaces the text; vectors of the old text go. Answers undefined for an unknown id. */
	update(id: string, userId: string, text: string, vector?: Vector): Promise<StoredMemory | undefined>;
	/** Answers the memory as it was, undefined for an unknown id. */
	delete(id: string, userId: string): Promise<StoredMemory | undefined>;
	/** Brings a deleted memory back, with its id and age; undefined where there is none. */
	restore(id: string, userId: string): Promise<StoredMemory | undefined>;
	/** Erases for good what was deleted before `before` (ms since 1970), history and journal included. */
	purgeDeleted(before: number): Promise<number>;

	get(id: string, userId: string): StoredMemory | undefined;
	list(filter: Filter, limit: number, after?: Position): Page;
	count(filter: Filter): number;
	/** Oldest first; also that of a deleted memory. */
	history(id: string, userId: string): readonly HistoryEntry[];
}

/**
 * Where memories live. Several processes use one store at once; every method sees what the others have committed.
 * All methods throw StoreError.
 */
export interface MemoryStore {
	/** Path of the database, for messages. */
	readonly path: string;
	readonly journal: Journal;
	readonly memories: Memories;
	readonly keywords: Keywords;
	readonly vectors: Vectors;
	readonly conversations: Conversations;
	readonly distillations: Distillations;
	readonly leases: Leases;
	readonly notes: Notes;
	/** Runs reads that see one state of the store. */
	snapshot<T>(reads: () => T): T;
	/** Calls back when this or another process has changed the store, at most a second late. */
	onDidChange(listener: () => void): { dispose(): void };
	close(): Promise<void>;
}
