import type { EmbeddingSpace, TextVector } from "../vectors/embeddingSpace.ts";

export type Scope = "global" | "project";

/** `id` is the normalised git remote or the folder path, `name` is for people. */
export interface Project {
	readonly id: string;
	readonly name: string;
}

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
}

/** A memory with its row number, the key in vectors and indexes. */
export interface StoredMemory extends Memory {
	readonly seq: number;
}

export interface NewMemory extends Omit<JournalEntry, "id"> {
	readonly saveId?: string;
	readonly vector?: Vector;
}

/** A memory as it was elsewhere. */
export interface TransferredMemory extends NewMemory {
	/** Kept unless it is taken. */
	readonly id?: string;
	readonly updatedAt?: number;
	readonly supersededBy?: string;
	readonly uses?: number;
	readonly usedAt?: number;
	/** Absent: it begins now. */
	readonly history?: readonly HistoryEntry[];
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
	/** The name of the program that saved it. */
	readonly client?: string;
	readonly how?: How;
	readonly pinned?: true;
	/** Absent: those that have expired, or are superseded, do not match. */
	readonly expired?: "include" | "only";
	readonly superseded?: "include" | "only";
}

/** What lists can filter by besides. */
export interface ListFilter extends Filter {
	readonly conversationId?: string;
	/** Whether it was changed, or deleted and restored, since it was added. */
	readonly hasHistory?: true;
	/** Only memories without a vector in the space. */
	readonly notEmbeddedIn?: EmbeddingSpace;
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

/** What a change changes; `null` removes what there is. */
export interface MemoryChange {
	readonly id: string;
	/** What the change is based on; see ConflictError. Absent: whatever there is. */
	readonly expected?: Pick<Memory, "text" | "updatedAt">;
	readonly text?: string;
	/** Of the new text. */
	readonly vector?: Vector | undefined;
	/** The project it moves to; `null`: it becomes global. */
	readonly project?: Project | null;
	readonly pinned?: boolean;
	readonly expiresAt?: number | null;
	readonly metadata?: Readonly<Record<string, unknown>> | null;
	readonly supersededBy?: string | null;
}

export interface Changed {
	readonly before: StoredMemory;
	readonly after: StoredMemory;
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
	/** The other fields that changed, as they were and as they became. */
	readonly oldFields?: ChangedFields;
	readonly newFields?: ChangedFields;
	/** Milliseconds since 1970. */
	readonly at: number;
}

export interface KeptText {
	readonly where: "memory" | "metadata" | "history" | "save" | "candidate" | "query";
	/** Of a memory, and of its history. */
	readonly memoryId?: string;
	/** Of metadata: its JSON. */
	readonly text: string;
}

export interface KeptTexts {
	readonly texts: readonly KeptText[];
	/** Where the next page begins; absent on the last one. */
	readonly next?: string;
}

/** `null`: there was none; a project of `null` is global. */
export type ChangedFields = Pick<
	MemoryChange,
	"project" | "pinned" | "expiresAt" | "metadata" | "supersededBy"
>;

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
}

/** Memories that have something in common. */
export interface MemoryGroup {
	/** Absent: global memories, those of no known client, or of no conversation. */
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
}

export interface Page {
	/** In the order of the list. */
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

export type CandidateKind = "capture" | "import" | "tidy-up";

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

export type UseKind = "searched" | "read" | "saved" | "changed";

/** Somebody used the memory. */
export interface Use {
	readonly userId: string;
	/** By the name it gives itself. */
	readonly client: string;
	readonly clientVersion?: string;
	readonly what: UseKind;
	readonly project?: Project;
	/** Only at log level DEBUG. */
	readonly query?: string;
	/** ms since 1970 */
	readonly at: number;
	/** The ids of the memories that were in the answer. */
	readonly memories?: readonly string[];
}

/** When a client last used the memory, and how often; times in ms since 1970. */
export interface ClientUse {
	readonly client: string;
	readonly clientVersion?: string;
	/** Searched or read. */
	readonly lastRead?: number;
	/** Saved or changed. */
	readonly lastWrote?: number;
	readonly searched: number;
	readonly read: number;
	readonly saved: number;
	readonly changed: number;
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
