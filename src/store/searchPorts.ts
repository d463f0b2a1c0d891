import type { EmbeddingSpace } from "../vectors/embeddingSpace.ts";
import type { Embedding, Filter, QueryVector, StoredMemory } from "./memoryStore.ts";

export interface TermStatistics {
	/** How many memories the index holds. */
	readonly documents: number;
	/** How many of them hold each term asked for. */
	readonly documentsWith: ReadonlyMap<string, number>;
}

export interface KeywordQuery {
	readonly terms: readonly string[];
	/** Whether a memory must hold all of the terms, not any of them. */
	readonly all: boolean;
	/** Of these terms. */
	readonly statistics: TermStatistics;
}

/** The keyword index. */
export interface Keywords {
	/** The best `k` by how much of the query they hold, best first. Of many terms, those that are in most memories may be passed over. */
	candidates(query: KeywordQuery, filter: Filter, k: number): readonly StoredMemory[];
	statistics(terms: readonly string[]): TermStatistics;
}

/** What was remembered just before and after, in the same conversations. */
export interface Neighbourhood {
	/** By `seq`, the `seq` of the memory before it. */
	readonly before: ReadonlyMap<number, number>;
	/** Those of them that were not asked about, and that the filter lets through. */
	readonly memories: readonly StoredMemory[];
}

/** Memories in the order of their conversations. */
export interface Conversations {
	around(memories: readonly StoredMemory[], filter: Filter): Neighbourhood;
}

export interface Near {
	readonly seq: number;
	/** In [-1, 1]. */
	readonly cosine: number;
}

export interface NearMemory extends Omit<Near, "seq"> {
	readonly memory: StoredMemory;
}

/** The vectors, by embedding space. */
export interface Vectors {
	/** Brings the space's index up to date with all that has been written; the first time that takes a while. */
	refresh(space: EmbeddingSpace): Promise<void>;
	/** The nearest `k` in the query's space, nearest first, as of the last `refresh`. In several turns where that takes long. */
	nearest(query: QueryVector, filter: Filter, k: number): Promise<readonly Near[]>;
	/** Those of them that are still there. */
	known(nearest: readonly Near[]): readonly NearMemory[];
	/** Cosines in [-1, 1] with the query, by `seq`; memories without a vector in its space are left out. */
	cosines(query: QueryVector, seqs: readonly number[]): ReadonlyMap<number, number>;
	/** What each word means, of the memories whose model has told (see vectors/wordSigns.ts). */
	words(space: EmbeddingSpace, seqs: readonly number[]): ReadonlyMap<number, Uint8Array>;
	/** Bytes of RAM that the space's index takes; 0 before it is needed. */
	indexBytes(space: EmbeddingSpace): number;
	/** Takes the space into use; what is remembered already stays out of it unless `everything`. */
	adopt(space: EmbeddingSpace, everything?: boolean): Promise<void>;
	/** Whether the space has been taken into use. */
	isInUse(space: EmbeddingSpace): boolean;
	/** Whether all memories are wanted in the space, or only those that came since it is in use. */
	wantsEverything(space: EmbeddingSpace): boolean;
	/** Takes back that everything is wanted; what has been embedded stays. */
	leaveRest(space: EmbeddingSpace): Promise<void>;
	/**
	 * Memories of any user that are to have a vector in the space and have none yet, newest first.
	 * @param below only those with a smaller `seq`.
	 */
	missing(space: EmbeddingSpace, limit: number, below?: number): readonly StoredMemory[];
	countMissing(space: EmbeddingSpace): number;
	/** Memories that no model has embedded yet, newest first. */
	unembedded(limit: number, below?: number): readonly StoredMemory[];
	countUnembedded(): number;
	/** How many memories have no vector in the space, wanted or not. */
	countOutside(space: EmbeddingSpace | undefined): number;
	/** How many of them have one of another model, and stay out until they are wanted. */
	countOlder(space: EmbeddingSpace | undefined): number;
	/** Whether a memory is to have a vector in the space, and has none yet. */
	awaits(space: EmbeddingSpace | undefined, seq: number): boolean;
	/** Adds vectors to memories whose text is still the one that was embedded. */
	addAll(
		space: EmbeddingSpace,
		vectors: readonly { memory: StoredMemory; values: Embedding }[],
	): Promise<void>;
}
