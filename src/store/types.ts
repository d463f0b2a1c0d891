import type { EmbeddingSpace, TextVector } from "../vectors/embeddingSpace.ts";

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

/** A memory has everything of its journal entry but the id: it has one of its own. */
export interface Memory extends JournalEntry {
	/** The journal entry it came from. */
	readonly saveId?: string;
	/** Milliseconds since 1970. */
	readonly updatedAt: number;
}

/** A memory with the row number under which vectors and indexes know it. */
export interface StoredMemory extends Memory {
	readonly seq: number;
}

/** A memory to be stored. */
export interface NewMemory extends Omit<JournalEntry, "id"> {
	readonly saveId?: string;
	readonly vector?: Vector;
}

/** Names a memory, and whose it is. */
export interface MemoryRef {
	readonly id: string;
	readonly userId: string;
}

/** A vector of length 1; undefined where the model cannot read the text, which is then found by its words alone. */
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
	/** `DUPLICATE`: `memory` was there already, and the new one was not stored. */
	readonly event: "ADD" | "DUPLICATE";
	readonly memory: StoredMemory;
}

/** What became of a save. */
export interface Stored {
	/** One, or as many as there are facts. */
	readonly results: readonly AddResult[];
	/** They are the facts of an earlier save of the same words. */
	readonly knownFacts: boolean;
}

export interface HistoryEntry {
	readonly event: "ADD" | "UPDATE" | "DELETE" | "RESTORE";
	readonly oldText?: string;
	readonly newText?: string;
	/** Milliseconds since 1970. */
	readonly at: number;
}

/** Where a page ended. */
export interface Position {
	readonly createdAt: number;
	readonly seq: number;
}

export interface Page {
	/** Newest first. */
	readonly memories: readonly StoredMemory[];
	/** How many memories the filter lets through, on all pages together. */
	readonly total: number;
	readonly next?: Position;
}

export interface Counts {
	readonly all: number;
	readonly global: number;
	/** Of the project asked about; 0 without one. */
	readonly project: number;
}

/** A save as it was read back from the store. */
export interface ReadBack {
	/** Undefined where it is gone. */
	readonly memory: StoredMemory | undefined;
	/** Facts are still to be made of it. */
	readonly distilling: boolean;
	/** It is to have a vector in the space asked about, and has none yet. */
	readonly awaitsVector: boolean;
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

/** What stood in the way of distilling a save, and what follows. */
export interface Setback {
	/** In words. */
	readonly problem: string;
	/** The model that was tried. */
	readonly model: string;
	/** ms until the save is due again. */
	readonly delay: number;
	/** Whether it counts as an attempt: the reason lies in the text or the answer. */
	readonly counts: boolean;
	/** Whether it is left for good. */
	readonly giveUp: boolean;
}

export interface DistillationState {
	readonly pending: number;
	/** Kept word for word, as no facts could be made of them. */
	readonly givenUp: number;
	/** What last stood in the way, in words. */
	readonly problem?: string;
	/** When the next unclaimed save is due, in ms since 1970. */
	readonly nextDue?: number;
}

export interface TermStatistics {
	/** How many memories the index holds. */
	readonly documents: number;
	/** How many of them hold each term asked for. */
	readonly documentsWith: ReadonlyMap<string, number>;
}

/** What a search asks the store for. */
export interface PoolQuery {
	readonly terms: readonly string[];
	/** Whether a memory must hold all of the terms, not any of them. */
	readonly all: boolean;
	/** Of these terms. */
	readonly statistics: TermStatistics;
	/** Absent: by words only. */
	readonly vector?: QueryVector | undefined;
	readonly filter: Filter;
	/** How many candidates each of the two indexes puts forward. */
	readonly each: number;
	/** Of how many candidates to tell what each word means; see vectors/wordSigns.ts. */
	readonly words: number;
}

/** The candidates of a search, as of one moment. */
export interface Candidates {
	/** The nearest by meaning, nearest first; then those found by words; then their neighbours in conversations. */
	readonly memories: readonly StoredMemory[];
	/** Cosines in [-1, 1] with the query by `seq`; memories without a vector in its space are left out. Undefined without a vector. */
	readonly cosines: ReadonlyMap<number, number> | undefined;
	/** By `seq`, the `seq` of the memory before it in its conversation. */
	readonly before: ReadonlyMap<number, number>;
	/** What each word means, by `seq`, of those whose model has told. */
	readonly words: ReadonlyMap<number, Uint8Array>;
}

/** How far an embedding space has come. Without a space, no memory has a vector in it. */
export interface SpaceProgress {
	/** Whether the space has been taken into use. */
	readonly inUse: boolean;
	/** Memories that are to have a vector in the space and have none yet; without a space, those that have no vector at all. */
	readonly missing: number;
	/** Memories without a vector in the space, wanted or not. */
	readonly outside: number;
	/** Those of them that have a vector of another model, and stay out until they are wanted. */
	readonly older: number;
}
