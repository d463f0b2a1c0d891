import type { EmbeddingSpace, TextVector } from "../vectors/embeddingSpace.ts";

export type Scope = "global" | "project";

/** `id` is the normalised git remote or the folder path, `name` is for people. */
export interface Project {
	readonly id: string;
	readonly name: string;
}

/** A save as requested, written to the journal before any work on it. */
export interface JournalEntry {
	readonly id: string;
	readonly text: string;
	readonly userId: string;
	readonly scope: Scope;
	/** Set if and only if `scope` is `project`. */
	readonly project?: Project;
	/** The conversation (run) it was saved in. */
	readonly conversationId?: string;
	readonly metadata?: Readonly<Record<string, unknown>>;
	/** ms since 1970; imports may set an earlier time. */
	readonly createdAt: number;
}

/** Has the fields of its journal entry, but an id of its own. */
export interface Memory extends JournalEntry {
	/** The journal entry it came from. */
	readonly saveId?: string;
	/** Milliseconds since 1970. */
	readonly updatedAt: number;
}

/** A memory with its row number, the key in vectors and indexes. */
export interface StoredMemory extends Memory {
	readonly seq: number;
}

export interface NewMemory extends Omit<JournalEntry, "id"> {
	readonly saveId?: string;
	readonly vector?: Vector;
}

export interface MemoryRef {
	readonly id: string;
	readonly userId: string;
}

/** A vector of length 1; undefined if the model cannot read the text, which is then found by its words alone. */
export type Embedding = TextVector | undefined;

export interface Vector {
	readonly space: EmbeddingSpace;
	readonly values: Embedding;
}

export interface QueryVector extends Vector {
	readonly values: TextVector;
}

/** Matches memories that meet all conditions. */
export interface Filter {
	readonly userId: string;
	readonly global: boolean;
	/** The ids of the projects to include. */
	readonly projects: readonly string[] | "all";
	/** Bounds on `createdAt`, inclusive, in ms since 1970. */
	readonly since?: number;
	readonly until?: number;
}

export interface AddResult {
	/** `DUPLICATE`: `memory` already existed, and the new one was not stored. */
	readonly event: "ADD" | "DUPLICATE";
	readonly memory: StoredMemory;
}

/** The result of a save. */
export interface Stored {
	/** One for the text, or one per known fact. */
	readonly results: readonly AddResult[];
	/** Whether the results are the facts of an earlier save of the same words. */
	readonly knownFacts: boolean;
}

export interface HistoryEntry {
	readonly event: "ADD" | "UPDATE" | "DELETE" | "RESTORE";
	readonly oldText?: string;
	readonly newText?: string;
	/** Milliseconds since 1970. */
	readonly at: number;
}

export interface KeptText {
	readonly where: "memory" | "metadata" | "history" | "save";
	/** Absent for a save. */
	readonly memoryId?: string;
	/** Of metadata: its JSON. */
	readonly text: string;
}

export interface KeptTexts {
	readonly texts: readonly KeptText[];
	/** Where the next page begins; absent on the last one. */
	readonly next?: string;
}

/** The last memory of a page. */
export interface Position {
	readonly createdAt: number;
	readonly seq: number;
}

export interface Page {
	/** Newest first. */
	readonly memories: readonly StoredMemory[];
	/** Memories that match the filter, on all pages together. */
	readonly total: number;
	readonly next?: Position;
}

export interface Counts {
	readonly all: number;
	readonly global: number;
	/** Memories of the given project; 0 without one. */
	readonly project: number;
}

/** A save read back from the store. */
export interface ReadBack {
	/** Undefined if it is gone. */
	readonly memory: StoredMemory | undefined;
	/** Whether it waits to be distilled into facts. */
	readonly distilling: boolean;
	/** Whether it still needs a vector in the given space. */
	readonly awaitsVector: boolean;
}

/** A save whose text is a memory and waits for a language model to distil it into facts. */
export interface PendingSave extends JournalEntry {
	/** How often distilling failed because of the text or the model's answer. */
	readonly attempts: number;
}

export interface Fact {
	readonly text: string;
	readonly vector?: Vector;
	readonly entities: readonly Entity[];
}

/** A name that a memory mentions. */
export interface Entity {
	readonly text: string;
	/** mem0ai's name for it: PROPER, QUOTED, … */
	readonly type: string;
}

/** Why distilling a save failed, and what happens next. */
export interface Setback {
	/** For people. */
	readonly problem: string;
	/** The model that was tried. */
	readonly model: string;
	/** ms until the save is due again. */
	readonly delay: number;
	/** Whether it counts as an attempt because the text or the model's answer caused it. */
	readonly counts: boolean;
	readonly giveUp: boolean;
}

/**
 * The origins of the endpoints to which a process sends texts; empty for a model on this machine or of the program around
 * us, undefined while none is configured. What one process was to send to one host, no other process sends to another.
 */
export interface Destinations {
	readonly chat: string | undefined;
	readonly embedding: string | undefined;
}

export interface DistillationState {
	/** Saves that wait to be distilled at this process's endpoint. */
	readonly pending: number;
	/** Saves kept word for word because distilling failed for good. */
	readonly givenUp: number;
	/** The last failure, for people. */
	readonly problem?: string;
	/** When the next unclaimed save is due, in ms since 1970. */
	readonly nextDue?: number;
	/** Saves that wait for another endpoint, and its origins. */
	readonly heldBack: number;
	readonly heldBackFor: readonly string[];
}

export interface TermStatistics {
	/** The number of memories in the index. */
	readonly documents: number;
	/** The number of memories that contain each term. */
	readonly documentsWith: ReadonlyMap<string, number>;
}

/** A search's request to the store. */
export interface PoolQuery {
	readonly terms: readonly string[];
	/** Whether a memory must contain all of the terms, not just one. */
	readonly all: boolean;
	/** Statistics of `terms`. */
	readonly statistics: TermStatistics;
	/** Absent: search by words only. */
	readonly vector?: QueryVector | undefined;
	readonly filter: Filter;
	/** The number of candidates from each of the two indexes. */
	readonly each: number;
	/** The number of candidates to return word signs for; see vectors/wordSigns.ts. */
	readonly words: number;
}

/** The candidates of a search, from one snapshot. */
export interface Candidates {
	/** First the nearest by meaning, nearest first; then those found by words; then the neighbours of both in conversations. */
	readonly memories: readonly StoredMemory[];
	/** Cosines in [-1, 1] with the query by `seq`, only of memories with a vector in its space. Undefined without a query vector. */
	readonly cosines: ReadonlyMap<number, number> | undefined;
	/** Maps a memory's `seq` to that of the memory before it in its conversation. */
	readonly before: ReadonlyMap<number, number>;
	/** Word signs by `seq`, only of memories whose model provided them. */
	readonly words: ReadonlyMap<number, Uint8Array>;
}

/** How much of the memory an embedding space covers. Without a space, it covers nothing. */
export interface SpaceProgress {
	/** Whether the space has been taken into use. */
	readonly inUse: boolean;
	/** Memories that still need a vector in the space; without a space, those that have no vector at all. */
	readonly missing: number;
	/** Memories without a vector in the space, whether they need one or not. */
	readonly outside: number;
	/** The part of `outside` that has a vector of another model and stays out until the user asks for re-embedding. */
	readonly older: number;
}

/** The requests of one day to one host, of all processes. */
export interface DayTraffic {
	/** Local, as in `2026-07-09`. */
	readonly day: string;
	readonly role: "chat" | "embedding";
	/** Or another place in words. */
	readonly host: string;
	readonly requests: number;
	readonly errors: number;
	/** As the servers counted them. */
	readonly inputTokens: number;
	readonly outputTokens: number;
	/** ms that the requests which were answered took together. */
	readonly duration: number;
}
