import type { FoundMemory } from "../../../memory/requests.ts";
import type { Candidate } from "../../../store/candidates.ts";
import type { DeletedMemory, MemoryGroup } from "../../../store/lists.ts";
import type { Memory, Project } from "../../../store/types.ts";
import type { Place } from "./nodes.ts";
import type { Order, ViewFilter } from "./viewState.ts";

/** A part of a longer list. */
export interface Part<T> {
	readonly items: readonly T[];
	/** Where the list goes on. */
	readonly next?: string;
	/** Why the list is not the full one. */
	readonly note?: string;
}

/** What the tree is made of. Every method reads the memory as it is now. */
export interface MemorySource {
	/** The project of the window. */
	readonly project: () => Promise<Project | undefined>;
	readonly memories: (
		place: Place,
		arranged: { readonly order: Order; readonly filter: ViewFilter },
		limit: number,
		next?: string,
	) => Promise<Part<Memory>>;
	readonly groups: (
		by: "project" | "client" | "conversation" | "author",
		limit: number,
		next?: string,
	) => Promise<Part<MemoryGroup>>;
	/** Groups of memories that say the same. */
	readonly duplicates: () => Promise<readonly (readonly Memory[])[]>;
	readonly deleted: (limit: number, next?: string) => Promise<Part<DeletedMemory>>;
	readonly waiting: (limit: number, next?: string) => Promise<Part<Candidate>>;
	readonly waitingCount: () => Promise<number>;
	readonly search: (
		query: string,
		filter: ViewFilter,
		signal: AbortSignal,
	) => Promise<{ readonly memories: readonly FoundMemory[]; readonly note?: string }>;
}
