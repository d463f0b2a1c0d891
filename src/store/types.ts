import type { EmbeddingSpace, TextVector } from "../vectors/embeddingSpace.ts";

export type Scope = "global" | "project";

/** `id` is the normalised git remote or the folder path, `name` is for people. */
export interface Project {
	readonly id: string;
	readonly name: string;
}

/**
 * Who finds a memory, beside its author. `project`: those of the team whose request names its project. `proposed-…`:
 * nobody, until an administrator has accepted that it is shared.
 */
export type Visibility = Audience | "proposed-project" | "proposed-team";

/** What a person asks for. */
export type Audience = "private" | "project" | "team";

/** How a memory came about; `cli`: a command of the command line, `command`: one of the editor. */
export type How = "tool" | "command" | "cli" | "hook" | "capture" | "import" | "review";

/** Where a memory came from. */
export interface Origin {
	readonly how: How;
	/** The program that saved it, by the name it gives itself, such as `claude-code`. */
	readonly client?: string;
	readonly clientVersion?: string;
	/** The name, not the path, of the project's folder. */
	readonly folder?: string;
	/** Relative to the project's folder. */
	readonly file?: string;
	/** First and last line in the file, counted from 1. */
	readonly lines?: readonly [number, number];
}

/** A save as requested, written to the journal before any work on it. */
export interface JournalEntry {
	readonly id: string;
	readonly text: string;
	/** Its author. */
	readonly userId: string;
	readonly scope: Scope;
	/** Set if and only if `scope` is `project`. */
	readonly project?: Project;
	/** The conversation (run) it was saved in. */
	readonly conversationId?: string;
	readonly metadata?: Readonly<Record<string, unknown>>;
	/** Absent: saved by an earlier version. */
	readonly origin?: Origin;
	/** Only ever true. */
	readonly pinned?: boolean;
	/** From this time on (ms since 1970) only those find the memory who ask for expired ones. */
	readonly expiresAt?: number;
	/** Absent: private. */
	readonly visibility?: Exclude<Visibility, "private">;
	/** ms since 1970; imports may set an earlier time. */
	readonly createdAt: number;
}

/** Has the fields of its journal entry, but an id of its own. */
export interface Memory extends JournalEntry {
	/** The journal entry it came from. */
	readonly saveId?: string;
	/** Milliseconds since 1970. */
	readonly updatedAt: number;
	/** The id of the memory that has taken its place; only those find this one who ask for superseded ones. */
	readonly supersededBy?: string;
	/** How often it was in an answer, and when last; absent: never. */
	readonly uses?: number;
	readonly usedAt?: number;
	/** It waits on this machine, as it is here, for a database that is away; see store/away. */
	readonly keptHere?: true;
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
	/** Who asks. */
	readonly userId: string;
	/**
	 * In a team: also what others share with the team, and with the projects that the request names, by their ids. Absent:
	 * only what is the user's own.
	 */
	readonly named?: readonly string[];
	/** Only what this user has written. */
	readonly author?: string;
	readonly global: boolean;
	/** The ids of the projects to include. */
	readonly projects: readonly string[] | "all";
	/** Bounds on `createdAt`, inclusive, in ms since 1970. */
	readonly since?: number;
	readonly until?: number;
	/** The name of the program that saved it; `null`: none that is known. */
	readonly client?: string | null;
	readonly how?: How;
	readonly pinned?: true;
	/** Absent: those that have expired, or are superseded, do not match. */
	readonly expired?: "include" | "only";
	readonly superseded?: "include" | "only";
}

export interface AddResult {
	/** `DUPLICATE`: `memory` already existed, and the new one was not stored. */
	readonly event: "ADD" | "DUPLICATE";
	readonly memory: StoredMemory;
	/** The ids of the memories whose place it has taken. */
	readonly replaced?: readonly string[];
}

/** The result of a save. */
export interface Stored {
	/** One for the text, or one per known fact. */
	readonly results: readonly AddResult[];
	/** Whether the results are the facts of an earlier save of the same words. */
	readonly knownFacts: boolean;
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
	/** Memories whose place it takes, as they were when that was found. */
	readonly replaces?: readonly StoredMemory[];
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
	/** Of the query's terms. */
	readonly statistics: TermStatistics;
	/** First the nearest by meaning, nearest first; then those found by words; then the neighbours of both in conversations. */
	readonly memories: readonly StoredMemory[];
	/** Cosines in [-1, 1] with the query by `seq`, only of memories with a vector in its space. Undefined without a query vector. */
	readonly cosines: ReadonlyMap<number, number> | undefined;
	/** Maps a memory's `seq` to that of the memory before it in its conversation. */
	readonly before: ReadonlyMap<number, number>;
	/** Word signs by `seq`, only of memories whose model provided them. */
	readonly words: ReadonlyMap<number, Uint8Array>;
	/** Why only what is kept on this machine was searched, for people. */
	readonly onlyHere?: string;
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
