import type { EmbeddingSpace } from "../vectors/embeddingSpace.ts";
import type { Filter, StoredMemory } from "./types.ts";

/** What lists can filter by besides. */
export interface ListFilter extends Filter {
	/** `null`: those of none. */
	readonly conversationId?: string | null;
	/** Only what became of this save. */
	readonly saveId?: string;
	/** Whether it was changed, or deleted and restored, since it was added. */
	readonly hasHistory?: true;
	/** Only memories without a vector in the space; `null`: without any vector. */
	readonly notEmbeddedIn?: EmbeddingSpace | null;
}

/** `unused`: the longest unused first; a memory that was never used counts from its creation. */
export type ListOrder = "newest" | "oldest" | "mostUsed" | "unused";

export interface ListOptions {
	/** Default: `newest`. */
	readonly order?: ListOrder;
	/** `next` of the page before, which had the same filter and order. */
	readonly after?: Position | undefined;
	/** `false`: `total` is not needed and is 0. */
	readonly total?: false;
}

/** The last memory of a page. */
export interface Position {
	/** What the list is ordered by: a time, or a number of uses. */
	readonly key: number;
	readonly seq: number;
}

/** A memory that can be restored, with the text it had. */
export interface DeletedMemory extends StoredMemory {
	/** ms since 1970 */
	readonly deletedAt: number;
}

export interface DeletedPage {
	/** The last deleted first. */
	readonly memories: readonly DeletedMemory[];
	readonly next?: Position;
	/** Why those of the team are not among them: its memory is away. */
	readonly onlyHere?: string;
}

export type GroupedBy = "project" | "client" | "conversation" | "author";

/** Memories that have something in common. */
export interface MemoryGroup {
	/** Absent: global memories, or those of no known client. Memories of no conversation are in no group. */
	readonly key?: string;
	/** Of a project, for people. */
	readonly name?: string;
	readonly count: number;
	/** The `createdAt` of the newest. */
	readonly newest: number;
}

export interface GroupPage {
	/** The group with the newest memory first. */
	readonly groups: readonly MemoryGroup[];
	readonly next?: string;
	/** As that of a page of memories. */
	readonly onlyHere?: string;
}

export interface Page {
	/** In the order of the list. */
	readonly memories: readonly StoredMemory[];
	/** Memories that match the filter, on all pages together. */
	readonly total: number;
	readonly next?: Position;
	/** Why only what is kept on this machine is listed, for people. */
	readonly onlyHere?: string;
}

/** A page of the newest first. @param found one more than belongs on it, if there are more. */
export function pageOf(found: readonly StoredMemory[], limit: number, total: number): Page {
	const memories = found.slice(0, limit);
	const last = found.length > limit ? memories.at(-1) : undefined;
	return { memories, total, ...(last ? { next: { key: last.createdAt, seq: last.seq } } : {}) };
}

export interface Counts {
	readonly all: number;
	readonly global: number;
	/** Memories of the given project; 0 without one. */
	readonly project: number;
}
