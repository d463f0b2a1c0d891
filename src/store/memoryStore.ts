import type { EmbeddingSpace, TextVector } from "../vectors/embeddingSpace.ts";
import type { Viewer } from "./access.ts";
import type { AwayState } from "./away/state.ts";
import type { CandidateQueue } from "./candidates.ts";
import type { Changed, HistoryEntry, MemoryChange } from "./changes.ts";
import type { Copying } from "./copying.ts";
import type {
	Counts,
	DeletedPage,
	GroupedBy,
	GroupPage,
	ListFilter,
	ListOptions,
	Page,
	Position,
} from "./lists.ts";
import type { KeptTexts, Transfers } from "./transfers.ts";
import type {
	AddResult,
	Candidates,
	DistillationState,
	Embedding,
	Entity,
	Fact,
	JournalEntry,
	MemoryRef,
	NewMemory,
	PendingSave,
	PoolQuery,
	Project,
	ReadBack,
	Setback,
	SpaceProgress,
	Stored,
	StoredMemory,
	TermStatistics,
	Vector,
} from "./types.ts";
import type { ClientUse, DayTraffic, Use } from "./usage.ts";
import type { Users } from "./users.ts";

/**
 * The port between the memory and its databases. Each call is one natural round trip and one transaction: all of it
 * happens or none. Several processes use one store at once; every call sees what the others have committed. All
 * methods throw StoreError; those that say so, ConflictError.
 */
export interface MemoryStore {
	/** For people: the path of a file, or the name of a database. */
	readonly location: string;
	readonly notes: Notes;
	readonly saves: Saves;
	readonly memories: Memories;
	readonly search: Search;
	readonly distillation: Distillation;
	readonly spaces: Spaces;
	readonly leases: Leases;
	readonly notices: Notices;
	readonly candidates: CandidateQueue;
	readonly usage: Usage;
	readonly transfers: Transfers;
	readonly copying: Copying;
	readonly traffic: Traffic;
	readonly users: Users;
	/** Of a database on another machine that may be away: how it does. */
	readonly away?: AwayState;
	/** Calls back when this or another process changes the store, at most a second late. */
	onDidChange(listener: () => void): { dispose(): void };
	close(): Promise<void>;
}

/** Short notes that outlive a run, such as what an endpoint can do. They are loaded when the store opens. */
export interface Notes {
	get(key: string): string | undefined;
	put(key: string, value: string): Promise<void>;
}

/** What happened to the database and somebody should know, such as damage. Every process tells it until it is seen. */
export interface Notices {
	/** For people, oldest first. */
	list(): Promise<readonly string[]>;
	/** Somebody has seen them all. */
	seen(): Promise<void>;
}

export interface Saves {
	/**
	 * Journals a save before a model computes its vector; `store` follows.
	 * @returns the memory that already says the same, which needs no vector.
	 */
	record(entry: JournalEntry): Promise<StoredMemory | undefined>;
	/**
	 * Journals the save unless `record` has, and makes its text a memory, unless the same is already visible in its scope
	 * (in its project, or global): its author's own, or what others share as widely. Storing a save twice stores it once. A text that waits to be distilled, and is now saved
	 * again not to be, stays as it is.
	 * @param distil This process claims the save to distil facts from it. If an earlier save of the same words was
	 * distilled and its facts are unchanged, returns those and stores nothing.
	 * @param memoryId The id of the new memory, unless another has it. Default: a new one.
	 */
	store(
		entry: JournalEntry,
		more?: { readonly distil?: boolean; readonly vector?: Vector; readonly memoryId?: string },
	): Promise<Stored>;
	/** Stores many memories without journal entries; results in the same order. */
	addAll(memories: readonly NewMemory[]): Promise<readonly AddResult[]>;
	/** The text as its author saved it, word for word: for nobody else. */
	savedText(saveId: string, userId: string): Promise<string | undefined>;
	/** What the store now holds, in the order of `refs`, and the work that is still pending on it. */
	readBack(refs: readonly MemoryRef[], space: EmbeddingSpace | undefined): Promise<readonly ReadBack[]>;
}

export interface Memories {
	/** Also an expired or superseded memory: whoever has the id asks for it. */
	get(id: string, viewer: Viewer): Promise<StoredMemory | undefined>;
	list(filter: ListFilter, limit: number, options?: ListOptions): Promise<Page>;
	/** Leaves out expired and superseded memories. */
	counts(viewer: Viewer, project?: Project): Promise<Counts>;
	/**
	 * The memories by what they have in common, but for expired and superseded ones.
	 * @param after `next` of the page before.
	 */
	groups(viewer: Viewer, by: GroupedBy, limit: number, after?: string): Promise<GroupPage>;
	/** Memories whose authors want to share them, and which the viewer may accept or refuse; the newest first. */
	proposed(viewer: Viewer, limit: number, after?: Position): Promise<Page>;
	/** Memories that can be restored: the user's own. */
	deleted(userId: string, limit: number, after?: Position): Promise<DeletedPage>;
	/** Oldest first. Deleted memories have one too. Of another's memory, since it was last shared. */
	history(id: string, viewer: Viewer): Promise<readonly HistoryEntry[]>;
	/** The names the memory mentions. */
	entities(memory: StoredMemory): Promise<readonly Entity[]>;
	/**
	 * Changes memories: all of them or, with a ConflictError, none. A new text drops the vectors of the old one. What a
	 * change leaves as it was is in no history.
	 * @returns the memories before and after; undefined for an unknown id, or where the viewer may not change it.
	 * @throws ConflictError if a memory is not as its change expects.
	 */
	change(viewer: Viewer, changes: readonly MemoryChange[]): Promise<readonly (Changed | undefined)[]>;
	/** @returns the memories as they were; undefined for an unknown id, or where the viewer may not delete it. */
	delete(ids: readonly string[], viewer: Viewer): Promise<readonly (StoredMemory | undefined)[]>;
	/** Brings deleted memories back with their ids and age; undefined where there is none. */
	restore(ids: readonly string[], viewer: Viewer): Promise<readonly (StoredMemory | undefined)[]>;
	/**
	 * Erases the user's memories deleted before `before` (ms since 1970) for good, with their history and journal entries,
	 * the candidates decided before it, and vectors that have been kept since then.
	 */
	purgeDeleted(userId: string, before: number): Promise<number>;
	/**
	 * Erases for good all that is not shared: memories, what shared ones were before, texts as saved, candidates, uses.
	 * @returns how many memories.
	 */
	eraseUser(userId: string): Promise<number>;
	/**
	 * Every text of the user that is kept: of memories, their metadata (as JSON), their history (also of deleted ones), the
	 * journal, candidates and queries.
	 * @param after `next` of the page before.
	 */
	keptTexts(userId: string, limit: number, after?: string): Promise<KeptTexts>;
	/**
	 * Puts other texts in the place of these wherever `keptTexts` finds them, as if they had always been there: without
	 * history, and so that nothing of the old ones is left in the database.
	 * @returns whether nothing is left already; false while another process still reads an earlier state.
	 */
	replaceKeptTexts(userId: string, replacements: ReadonlyMap<string, string>): Promise<boolean>;
}

/** Who uses the memory: a bounded log, and the uses of each memory. */
export interface Usage {
	record(uses: readonly Use[]): Promise<void>;
	/** The last uses, newest first. */
	recent(userId: string, limit: number): Promise<readonly Use[]>;
	/** By client, the last active first. */
	clients(userId: string): Promise<readonly ClientUse[]>;
}

export interface Search {
	/** For whoever must know how common words are before there are candidates, which come with the same. */
	statistics(terms: readonly string[]): Promise<TermStatistics>;
	/** The candidates for the ranking, in one round trip. */
	pool(query: PoolQuery): Promise<Candidates>;
	/** Indexes anew the words of a few memories that an earlier version indexed in another way. @returns whether any are left. */
	refreshWords(): Promise<boolean>;
	/** Bytes of RAM the space's index takes in this process; 0 before its first use. */
	indexBytes(space: EmbeddingSpace): number;
}

/** Turns saved texts into facts. The worker holds a claim until the save is settled or its process is gone. */
export interface Distillation {
	/** Claims due saves that were to go to the endpoint of this process. */
	claim(userId: string, limit: number): Promise<readonly PendingSave[]>;
	/**
	 * Replaces the text with its facts; the first fact takes over the memory and its id. Where no fact is new, the text
	 * stays unless it says no more than they do. Undefined if nothing was done because the memory was changed or deleted
	 * meanwhile, or the claim was lost. What a fact replaces is superseded by it, unless that was changed meanwhile or is
	 * said by another of the facts.
	 * @param keepText keeps the text beside its facts, which do not cover all of it, with its vector if there is one.
	 * @returns a result per fact, and one for the text if it stays. A fact is no duplicate of a text that is still to be
	 * distilled.
	 */
	commit(
		saveId: string,
		facts: readonly Fact[],
		keepText?: { readonly vector?: Vector | undefined },
	): Promise<readonly AddResult[] | undefined>;
	/** Settles a save in which no fact was found: its text stays the memory, unless another says the same meanwhile. */
	keepText(saveId: string, vector?: Vector): Promise<void>;
	/** Defers a save, or gives it up; its text gets the vector if one was made. */
	postpone(saveId: string, setback: Setback, vector?: Vector): Promise<void>;
	/** Releases claims of this process without any result. */
	release(saveIds: readonly string[]): Promise<void>;
	/** Releases the claims of processes that are gone. */
	releaseDead(): Promise<void>;
	/** Makes saves that failed with other models due once for this one, given-up saves included. */
	wake(userId: string, model: string): Promise<void>;
	state(userId: string): Promise<DistillationState>;
	/** Lets saves that wait for another endpoint be distilled at that of this process. @returns how many. */
	takeOver(userId: string): Promise<number>;
	/** Saves whose process died before their text became a memory. */
	abandoned(userId: string): Promise<readonly JournalEntry[]>;
	/**
	 * Texts saved earlier in the same conversation, oldest first: only those that language models may see and that still
	 * have a memory, which is shared as widely.
	 */
	before(entry: JournalEntry, limit: number): Promise<readonly string[]>;
	/** Memories whose text has changed and whose entities must be extracted again. */
	unlinked(userId: string, limit: number): Promise<readonly StoredMemory[]>;
	/** Links a memory to its entities, unless its text has changed since they were found. */
	link(memory: StoredMemory, entities: readonly Entity[]): Promise<void>;
}

/** Vectors by embedding space. */
export interface Spaces {
	/** Takes the space into use. Existing memories stay out of it unless `everything`. */
	adopt(userId: string, space: EmbeddingSpace, everything?: boolean): Promise<void>;
	/** Cancels `everything`; vectors that were already made stay. */
	leaveRest(userId: string, space: EmbeddingSpace): Promise<void>;
	/**
	 * Memories that still need a vector in the space, newest first; without a space, those that have no vector at all.
	 * Texts that another endpoint was to embed are left out, unless everything is to be moved.
	 * @param below returns only memories with a smaller `seq`.
	 */
	missing(
		userId: string,
		space: EmbeddingSpace | undefined,
		limit: number,
		below?: number,
	): Promise<readonly StoredMemory[]>;
	progress(userId: string, space: EmbeddingSpace | undefined): Promise<SpaceProgress>;
	/** The vectors that were made of exactly these texts, whoever saved them; undefined for those that are not known. */
	vectorsOf(space: EmbeddingSpace, texts: readonly string[]): Promise<readonly Embedding[]>;
	/** Keeps vectors of texts beyond what memories say, up to a number, until `purgeDeleted` erases what is as old. */
	keep(
		space: EmbeddingSpace,
		vectors: readonly { readonly text: string; readonly values: TextVector }[],
	): Promise<void>;
	/** Adds vectors to memories, skipping those whose text has changed since it was embedded. */
	addVectors(
		space: EmbeddingSpace,
		vectors: readonly { readonly memory: StoredMemory; readonly values: Embedding }[],
	): Promise<void>;
}

/** Let one process at a time do work for all of them, timed by the store's clock. */
export interface Leases {
	/**
	 * Takes or renews the lease for `duration` ms; false while another live process holds it. Also brings back within an
	 * hour whatever a clock that was ahead once has put off for longer.
	 */
	acquire(name: string, duration: number): Promise<boolean>;
	release(name: string): Promise<void>;
}

/** The requests of all processes to the models. No text and no key is in it. */
export interface Traffic {
	/** Adds numbers to those of the same day, role and host. Keeps the last 30 days on which there were any. */
	add(rows: readonly DayTraffic[]): Promise<void>;
	/** The rows of a day and of those after it, newest first. */
	since(day: string): Promise<readonly DayTraffic[]>;
	/**
	 * Takes one of the `most` requests to a server that may begin within any `window` ms.
	 * @returns 0; or, if none is left, ms after which one may be.
	 */
	take(server: string, most: number, window: number): Promise<number>;
}
