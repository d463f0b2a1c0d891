import type { Changed, MemoryChange } from "./changes.ts";
import type { AddResult, JournalEntry, NewMemory, StoredMemory } from "./types.ts";

/**
 * `conflict`: a change that was made while the database was away, of a memory that was changed there meanwhile. `edit`:
 * somebody of the team wants to change a shared memory. `sharing`: see memory/curating/sharingProposals.ts.
 */
export type CandidateKind = "capture" | "import" | "tidy-up" | "conflict" | "edit" | "sharing";

/** What somebody is to decide on. It is no memory: nothing finds it. */
export interface NewCandidate extends Omit<JournalEntry, "id"> {
	readonly kind: CandidateKind;
	/** The same proposal has the same key: while it waits, or once it was rejected, it is not added again. */
	readonly key: string;
	/** The passage it comes from. */
	readonly excerpt?: string;
	/** Why it is proposed, for people. */
	readonly why?: string;
	/** What accepting it does to existing memories, as the room that proposed it calls it, such as `merge`. */
	readonly action?: string;
	/** The ids of the memories it is about. */
	readonly concerns?: readonly string[];
}

export interface Candidate extends NewCandidate {
	readonly id: string;
	readonly seq: number;
}

export interface CandidatePage {
	/** The last added first. */
	readonly candidates: readonly Candidate[];
	/** The `seq` to go on below. */
	readonly next?: number;
}

/** The end of a candidate, and all that is done with it. */
export interface Decision {
	readonly id: string;
	readonly outcome: "accepted" | "rejected";
	readonly add?: readonly NewMemory[];
	readonly change?: readonly MemoryChange[];
	/** The ids of memories. */
	readonly delete?: readonly string[];
}

export interface Decided {
	readonly id: string;
	readonly added: readonly AddResult[];
	readonly changed: readonly Changed[];
	readonly deleted: readonly StoredMemory[];
}

/** What waits for somebody's decision. Nothing in it is a memory, and no search finds it. */
export interface CandidateQueue {
	/** @returns those that were added: not what waits already or was rejected. */
	add(candidates: readonly NewCandidate[]): Promise<readonly Candidate[]>;
	list(
		userId: string,
		limit: number,
		options?: { readonly kind?: CandidateKind; readonly below?: number },
	): Promise<CandidatePage>;
	get(id: string, userId: string): Promise<Candidate | undefined>;
	count(userId: string): Promise<number>;
	/**
	 * Settles candidates and does what was decided: all of it or none.
	 * @returns undefined for a candidate that does not wait, for which nothing was done.
	 * @throws ConflictError as `Memories.change`.
	 */
	decide(userId: string, decisions: readonly Decision[]): Promise<readonly (Decided | undefined)[]>;
	/** Lets decided candidates wait again; what was done to memories stays. @returns how many. */
	reopen(ids: readonly string[], userId: string): Promise<number>;
}
