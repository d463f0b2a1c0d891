import type { EmbeddingSpace } from "../vectors/embeddingSpace.ts";
import type {
	AddResult,
	Candidates,
	Counts,
	DistillationState,
	Embedding,
	Entity,
	Fact,
	Filter,
	HistoryEntry,
	JournalEntry,
	MemoryRef,
	NewMemory,
	Page,
	PendingSave,
	PoolQuery,
	Position,
	Project,
	ReadBack,
	Setback,
	SpaceProgress,
	Stored,
	StoredMemory,
	TermStatistics,
	Vector,
} from "./types.ts";

/**
 * Where memories live: the port between the memory and its databases. Each call is one natural round trip and one
 * transaction, which happens whole or not at all. Several processes use one store at once; every call sees what the
 * others have committed. All methods throw StoreError.
 */
export interface MemoryStore {
	/** Where it is, for people: the path of a file, or the name of a database. */
	readonly location: string;
	readonly notes: Notes;
	readonly saves: Saves;
	readonly memories: Memories;
	readonly search: Search;
	readonly distillation: Distillation;
	readonly spaces: Spaces;
	readonly leases: Leases;
	/** Calls back when this or another process has changed the store, at most a second late. */
	onDidChange(listener: () => void): { dispose(): void };
	close(): Promise<void>;
}

/** Notes that are kept between runs, such as what an endpoint can do. They are loaded when the store is opened. */
export interface Notes {
	get(key: string): string | undefined;
	put(key: string, value: string): Promise<void>;
}

export interface Saves {
	/**
	 * Journals a save before a model is asked for its vector; `store` follows.
	 * @returns the memory that says the same already: no vector is needed then.
	 */
	record(entry: JournalEntry): Promise<StoredMemory | undefined>;
	/**
	 * Journals the save, where `record` has not, and makes its text a memory, unless one that says the same is visible
	 * where it would be (in its project, or global). A save that is stored already is not stored again.
	 * @param distil Facts are to be made of it, by this process, which holds the claim. Where facts of an earlier save of
	 * the same words still stand as they were made, these are the answer, and nothing is stored.
	 */
	store(entry: JournalEntry, more?: { readonly distil?: boolean; readonly vector?: Vector }): Promise<Stored>;
	/** Stores many memories without journal entries, answered in order. */
	addAll(memories: readonly NewMemory[]): Promise<readonly AddResult[]>;
	/** The text that was saved, word for word. */
	savedText(saveId: string): Promise<string | undefined>;
	/** What is in the store now, in the order asked, and what is still to be done with it. */
	readBack(refs: readonly MemoryRef[], space: EmbeddingSpace | undefined): Promise<readonly ReadBack[]>;
}

export interface Memories {
	get(id: string, userId: string): Promise<StoredMemory | undefined>;
	list(filter: Filter, limit: number, after?: Position): Promise<Page>;
	counts(userId: string, project?: Project): Promise<Counts>;
	/** Oldest first; also that of a deleted memory. */
	history(id: string, userId: string): Promise<readonly HistoryEntry[]>;
	/** The names it mentions. */
	entities(memory: StoredMemory): Promise<readonly Entity[]>;
	/** Replaces the text; vectors of the old text go. Undefined for an unknown id. */
	update(id: string, userId: string, text: string, vector?: Vector): Promise<StoredMemory | undefined>;
	/** @returns the memory as it was, undefined for an unknown id. */
	delete(id: string, userId: string): Promise<StoredMemory | undefined>;
	/** Brings a deleted memory back, with its id and age; undefined where there is none. */
	restore(id: string, userId: string): Promise<StoredMemory | undefined>;
	/** Erases for good what was deleted before `before` (ms since 1970), history and journal included. */
	purgeDeleted(before: number): Promise<number>;
}

export interface Search {
	statistics(terms: readonly string[]): Promise<TermStatistics>;
	/** The candidates among which the ranking chooses. */
	pool(query: PoolQuery): Promise<Candidates>;
	/** Bytes of RAM that the index of the space takes in this process; 0 before it is needed. */
	indexBytes(space: EmbeddingSpace): number;
}

/** Saves on their way from a text to facts. A claim is held until the save is settled or its holder is gone. */
export interface Distillation {
	/** Claims saves that are due. */
	claim(limit: number): Promise<readonly PendingSave[]>;
	/**
	 * Puts the facts in the place of the text: the first takes over the memory and its id. Undefined when nothing was
	 * done, since the memory was changed or deleted meanwhile, or the claim lost.
	 * @param keepText the text stays beside its facts, as they are not all of it; with its vector, where there is one.
	 */
	commit(
		saveId: string,
		facts: readonly Fact[],
		keepText?: { readonly vector?: Vector | undefined },
	): Promise<readonly AddResult[] | undefined>;
	/** The text itself is the memory, as no fact was found in it. */
	keepText(saveId: string, vector?: Vector): Promise<void>;
	/** Leaves a save for later, or for good; its text gets the vector that was made of it. */
	postpone(saveId: string, setback: Setback, vector?: Vector): Promise<void>;
	/** Gives back claims of this process, with nothing done. */
	release(saveIds: readonly string[]): Promise<void>;
	/** Gives back the claims of processes that are gone. */
	releaseDead(): Promise<void>;
	/** Makes everything due, once, that was tried with other models and not with this one; also what was given up. */
	wake(model: string): Promise<void>;
	state(): Promise<DistillationState>;
	/** Saves whose process died before their text became a memory. */
	abandoned(): Promise<readonly JournalEntry[]>;
	/**
	 * Texts that were saved in the same conversation before, oldest first: those that language models may see, and of
	 * which something is still remembered.
	 */
	before(entry: JournalEntry, limit: number): Promise<readonly string[]>;
	/** Memories whose entities are to be found anew, as their text has changed. */
	unlinked(limit: number): Promise<readonly StoredMemory[]>;
	/** Gives a memory its entities, if its text is still the one they were found in. */
	link(memory: StoredMemory, entities: readonly Entity[]): Promise<void>;
}

/** The vectors, by embedding space. */
export interface Spaces {
	/** Takes the space into use; what is remembered already stays out of it unless `everything`. */
	adopt(space: EmbeddingSpace, everything?: boolean): Promise<void>;
	/** Takes back that everything is wanted; what has been embedded stays. */
	leaveRest(space: EmbeddingSpace): Promise<void>;
	/**
	 * Memories of any user that are to have a vector in the space and have none yet, newest first; without a space,
	 * those that have no vector at all.
	 * @param below only those with a smaller `seq`.
	 */
	missing(space: EmbeddingSpace | undefined, limit: number, below?: number): Promise<readonly StoredMemory[]>;
	progress(space: EmbeddingSpace | undefined): Promise<SpaceProgress>;
	/** Adds vectors to memories whose text is still the one that was embedded. */
	addVectors(
		space: EmbeddingSpace,
		vectors: readonly { readonly memory: StoredMemory; readonly values: Embedding }[],
	): Promise<void>;
}

/** Work that one process at a time does for all, on the store's clock. */
export interface Leases {
	/** Takes or renews the lease for `duration` ms; false while another live process holds it. */
	acquire(name: string, duration: number): Promise<boolean>;
	release(name: string): Promise<void>;
}
