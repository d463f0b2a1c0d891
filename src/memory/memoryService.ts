import { randomUUID } from "node:crypto";
import { setImmediate as nextTurn } from "node:timers/promises";
import type { Log } from "../config/log.ts";
import type { Embedder } from "../endpoints/embedder.ts";
import type { HistoryEntry, Memory, MemoryStore, Project, Scope, Vector } from "../store/memoryStore.ts";
import { queryTerms } from "../store/terms.ts";
import { BackgroundWork } from "./backgroundWork.ts";
import { InputError, unknownMemory } from "./errors.ts";
import {
	checkedFilter,
	checkedLimit,
	checkedQuery,
	checkedText,
	decodeCursor,
	encodeCursor,
	maxListLimit,
	maxSearchLimit,
} from "./input.ts";
import { PatientEmbedder } from "./patientEmbedder.ts";
import { rank } from "./ranking.ts";
import {
	checkedDraft,
	type ImportRequest,
	type ListRequest,
	type ListResult,
	type MemoryStatus,
	type SaveRequest,
	type SaveResult,
	type SearchRequest,
	type SearchResult,
} from "./requests.ts";

export interface MemoryServiceOptions {
	readonly store: MemoryStore;
	readonly embedder: Embedder;
	readonly userId: string;
	readonly log: Log;
	/** What happened on opening the store that people should know. */
	readonly notices?: readonly string[];
}

/** How many candidates each of the two indexes puts forward, at least. */
const candidatesEach = 30;

/** Saves, finds and keeps memories of one user. All methods throw InputError and StoreError. */
export class MemoryService {
	readonly #store: MemoryStore;
	readonly #embedder: Embedder;
	readonly #userId: string;
	readonly #log: Log;
	readonly #notices: readonly string[];
	readonly #background: BackgroundWork;
	readonly #patient: PatientEmbedder;
	#searchTurn: Promise<void> = Promise.resolve();
	/** Changes under way, which `dispose` waits for. */
	readonly #changes = new Set<Promise<unknown>>();

	constructor({ store, embedder, userId, log, notices = [] }: MemoryServiceOptions) {
		this.#store = store;
		this.#embedder = embedder;
		this.#userId = userId;
		this.#log = log;
		this.#notices = notices;
		this.#patient = new PatientEmbedder(embedder, log);
		this.#background = new BackgroundWork({ store, embedder, log });
	}

	/** Begins to finish what earlier processes left undone, and goes on looking for such work. */
	startBackgroundWork(): void {
		this.#background.start();
	}

	/** Commits the text first, then makes a memory of it; answers when the memory has been read back from the store. */
	save(request: SaveRequest): Promise<SaveResult> {
		return this.#change(this.#save(request));
	}

	async #save(request: SaveRequest): Promise<SaveResult> {
		const draft = checkedDraft(this.#userId, request);
		const { text } = draft;
		const saveId = randomUUID();
		await this.#store.journal.record({ ...draft, id: saveId });

		const known = this.#store.memories.duplicateOf(draft);
		const embedding = known ? undefined : await this.#patient.embed(text);
		const vector = embedding?.vector ? { vector: embedding.vector } : {};
		const added = await this.#store.memories.add({ ...draft, saveId, ...vector });
		const stored = this.#get(added.memory.id);
		if (added.event === "ADD" && stored.text !== text) {
			throw new Error(
				`The memory ${stored.id} was read back with another text than was saved. The text is kept in the journal as ${saveId}.`,
			);
		}
		if (embedding?.problem) this.#background.soon();
		const note = [
			request.infer === true
				? "Saved word for word: no language model is configured that could distil it."
				: undefined,
			embedding?.problem
				? `${embedding.problem} It can be found by its words now, and by its meaning later.`
				: undefined,
		].filter((line) => line !== undefined);
		return {
			memories: [{ id: stored.id, text: stored.text, event: added.event }],
			mode: "verbatim",
			pending: embedding?.problem ? ["embedding"] : [],
			...(note.length > 0 ? { note: note.join(" ") } : {}),
		};
	}

	/**
	 * Many memories at once, in one transaction, none of them through a language model. Their vectors are made first;
	 * those that cannot be made follow later.
	 * @throws InputError for the first request that is not valid, before anything is stored: check them one by one with `checkedDraft`.
	 */
	importAll(requests: readonly ImportRequest[]): Promise<readonly ("ADD" | "DUPLICATE")[]> {
		return this.#change(this.#importAll(requests));
	}

	async #importAll(requests: readonly ImportRequest[]): Promise<readonly ("ADD" | "DUPLICATE")[]> {
		const drafts = requests.map((request) => checkedDraft(this.#userId, request));
		const vectors = await this.#vectorsOf(drafts.map(({ text }) => text));
		const added = await this.#store.memories.addAll(
			drafts.map((draft, index) => ({ ...draft, ...(vectors ? { vector: vectors[index] as Vector } : {}) })),
		);
		return added.map(({ event }) => event);
	}

	/** Memories that answer the query, by meaning and by words. */
	async search(request: SearchRequest): Promise<SearchResult> {
		const query = checkedQuery(request.query);
		const limit = checkedLimit(request.limit ?? 5, maxSearchLimit);
		const filter = checkedFilter(this.#userId, request);
		const { vector, problem } = await this.#patient.embed(query, "query", request.signal);

		// Searches whose vectors were made in one batch come here at once; each gets a turn of the event loop.
		this.#searchTurn = this.#searchTurn.then(() => nextTurn());
		await this.#searchTurn;
		request.signal?.throwIfAborted();
		const each = Math.max(candidatesEach, 2 * limit);
		const { terms, filler } = queryTerms(query);
		const statistics = this.#store.keywords.statistics(terms);
		const byWords = this.#store.keywords.candidates({ terms, all: filler, statistics }, filter, each);
		const { space, values } = vector ?? {};
		// A word or two of filler mean nothing that vectors could tell.
		const telling = !filler || terms.length > 2;
		const queryVector = space && values && telling ? { space, values } : undefined;
		const byMeaning = queryVector ? await this.#store.vectors.candidates(queryVector, filter, each) : [];
		const near = new Map(byMeaning.map(({ memory, cosine }) => [memory.seq, cosine]));
		const onlyByWords = byWords.filter(({ seq }) => !near.has(seq));
		const candidates = [...byMeaning.map(({ memory }) => memory), ...onlyByWords];
		const cosines =
			queryVector &&
			new Map([
				...near,
				...this.#store.vectors.cosines(
					queryVector,
					onlyByWords.map(({ seq }) => seq),
				),
			]);
		const memories = rank({ terms, statistics }, candidates, cosines, limit).map(({ memory, score }) => ({
			...withoutSeq(memory),
			score: Math.round(score * 1000) / 1000,
		}));
		return { memories, ...(problem ? { note: `${problem} Searched by words only.` } : {}) };
	}

	list(request: ListRequest = {}): ListResult {
		const limit = checkedLimit(request.limit ?? 50, maxListLimit);
		const page = this.#store.memories.list(
			checkedFilter(this.#userId, request),
			limit,
			decodeCursor(request.cursor),
		);
		return {
			memories: page.memories.map(withoutSeq),
			total: page.total,
			...(page.next ? { nextCursor: encodeCursor(page.next) } : {}),
		};
	}

	get(id: unknown): Memory {
		return withoutSeq(this.#get(id));
	}

	update(id: unknown, newText: unknown): Promise<Memory> {
		return this.#change(this.#update(id, newText));
	}

	async #update(id: unknown, newText: unknown): Promise<Memory> {
		const text = checkedText(newText);
		const old = this.#get(id);
		const { vector, problem } = await this.#patient.embed(text);
		const updated = await this.#store.memories.update(old.id, this.#userId, text, vector);
		if (!updated) throw unknownMemory(old.id);
		if (problem) this.#background.soon();
		return this.get(old.id);
	}

	/** Answers the memory as it was. It can be restored until it is purged. */
	async delete(id: unknown): Promise<Memory> {
		const deleted = await this.#store.memories.delete(checkedId(id), this.#userId);
		if (!deleted) throw unknownMemory(checkedId(id));
		return withoutSeq(deleted);
	}

	async restore(id: unknown): Promise<Memory> {
		const restored = await this.#store.memories.restore(checkedId(id), this.#userId);
		if (!restored) throw unknownMemory(checkedId(id));
		this.#background.soon();
		return withoutSeq(restored);
	}

	/** Oldest first; also that of a deleted memory. */
	history(id: unknown): readonly HistoryEntry[] {
		const entries = this.#store.memories.history(checkedId(id), this.#userId);
		if (entries.length === 0) throw unknownMemory(checkedId(id));
		return entries;
	}

	status(project?: Project): MemoryStatus {
		const count = (scope: Scope | "all") =>
			this.#store.memories.count(checkedFilter(this.#userId, { scope, project }));
		return {
			database: this.#store.path,
			userId: this.#userId,
			embedding: this.#embedder.space,
			counts: { all: count("all"), global: count("global"), project: project ? count("project") : 0 },
			pending: { embedding: this.#store.vectors.countMissing(this.#embedder.space) },
			notices: this.#notices,
		};
	}

	/** Calls back when memories have changed, here or in another process, at most a second late. */
	onDidChange(listener: () => void): { dispose(): void } {
		return this.#store.onDidChange(listener);
	}

	/** Waits for saves and updates under way, then closes everything. */
	async dispose(): Promise<void> {
		await Promise.allSettled(this.#changes);
		await this.#background.dispose();
		await this.#embedder.dispose();
		await this.#store.close();
	}

	async #change<T>(work: Promise<T>): Promise<T> {
		this.#changes.add(work);
		try {
			return await work;
		} finally {
			this.#changes.delete(work);
		}
	}

	#get(id: unknown) {
		const memory = this.#store.memories.get(checkedId(id), this.#userId);
		if (!memory) throw unknownMemory(checkedId(id));
		return memory;
	}

	/** Undefined where vectors cannot be made now: the background work is then told. */
	async #vectorsOf(texts: readonly string[]): Promise<Vector[] | undefined> {
		try {
			const vectors = await this.#embedder.embed(texts);
			return vectors.map((values) => ({ space: this.#embedder.space, values }));
		} catch (error) {
			this.#log.warn(`Embedding failed: ${messageOf(error)}`);
			this.#background.soon();
			return undefined;
		}
	}
}

function checkedId(id: unknown): string {
	if (typeof id === "string" && id.trim() !== "") return id.trim();
	throw new InputError("id", "The id is missing. Take one from search_memories or get_all_memories.");
}

function withoutSeq<T extends Memory & { readonly seq: number }>({ seq: _, ...memory }: T): Omit<T, "seq"> {
	return memory;
}

function messageOf(error: unknown): string {
	return error instanceof Error ? error.message : String(error);
}
