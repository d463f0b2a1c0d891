import { setImmediate as nextTurn } from "node:timers/promises";
import { assumedCalibration } from "../../endpoints/calibration.ts";
import type { Filter, Memory, MemoryStore, QueryVector, StoredMemory } from "../../store/memoryStore.ts";
import { wordsOf } from "../../vectors/wordSigns.ts";
import { checkedFilter, checkedLimit, checkedQuery, maxSearchLimit } from "../input.ts";
import type { PatientEmbedder } from "../patientEmbedder.ts";
import type { SearchRequest, SearchResult } from "../requests.ts";
import { explained } from "./explanation.ts";
import { type Question, understood, withoutCommonNames } from "./question.ts";
import { rank } from "./ranking.ts";
import type { Pool, PoolWords } from "./signals.ts";

export interface SearcherOptions {
	readonly store: MemoryStore;
	readonly embedder: PatientEmbedder;
	readonly userId: string;
}

/** How many candidates each of the two indexes puts forward, at least. */
const candidatesEach = 20;

/** Fewer words hardly stand anywhere: what the model makes of each is mostly chance, and alike for any text. */
const tellingWords = 4;
/** Each word of a query is compared with each of a memory: passages, and all of very many memories, would take long. */
const comparedWords = 24;
const comparedMemories = 200;

/** Finds memories. */
export class Searcher {
	readonly #options: SearcherOptions;
	#searchTurn: Promise<void> = Promise.resolve();

	constructor(options: SearcherOptions) {
		this.#options = options;
	}

	/** Memories that answer the query, by meaning and by words. */
	async search(request: SearchRequest): Promise<SearchResult> {
		const limit = checkedLimit(request.limit ?? 5, maxSearchLimit);
		const filter = checkedFilter(this.#options.userId, request);
		const question = understood(checkedQuery(request.query));
		const { pool, problem } = await this.pool(question, filter, limit, request.signal);
		const memories = rank(question, pool, limit).map((scored) => ({
			...withoutSeq(scored.memory),
			score: Math.round(scored.score * 1000) / 1000,
			...(request.explain ? { why: explained(scored) } : {}),
		}));
		return { memories, ...(problem ? { note: `${problem} Searched by words only.` } : {}) };
	}

	/** The memories that the ranking chooses from: the best by words and by meaning, and their neighbours. */
	async pool(
		question: Question,
		filter: Filter,
		limit: number,
		signal?: AbortSignal,
	): Promise<{ readonly pool: Pool; readonly problem: string | undefined }> {
		const { store, embedder } = this.#options;
		const { terms, filler } = question;
		const statistics = store.snapshot(() => store.keywords.statistics(terms));
		const asked = embedder.namesDistract ? withoutCommonNames(question.text, statistics) : question.text;
		const { vector, problem } = await embedder.embed(asked, "query", signal);

		const { space, values } = vector ?? {};
		// A word or two of filler mean nothing that vectors could tell.
		const telling = !filler || terms.length > 2;
		const queryVector = space && values && telling ? { space, values } : undefined;
		// Searches whose vectors were made in one batch come here at once; each gets a turn of the event loop.
		this.#searchTurn = this.#searchTurn.then(() => nextTurn());
		await this.#searchTurn;
		signal?.throwIfAborted();
		if (queryVector) await store.vectors.refresh(queryVector.space);
		const each = Math.max(candidatesEach, 2 * limit);
		const nearest = queryVector ? await store.vectors.nearest(queryVector, filter, each) : [];
		const pool = store.snapshot(() => {
			const byMeaning = store.vectors.known(nearest);
			const byWords = store.keywords.candidates({ terms, all: filler, statistics }, filter, each);
			const near = new Map(byMeaning.map(({ memory, cosine }) => [memory.seq, cosine]));
			const found = [
				...byMeaning.map(({ memory }) => memory),
				...byWords.filter(({ seq }) => !near.has(seq)),
			];
			const { before, memories: beside } = store.conversations.around(found, filter);
			const memories = [...found, ...beside];
			const others = memories.map(({ seq }) => seq).filter((seq) => !near.has(seq));
			const cosines = queryVector && new Map([...near, ...store.vectors.cosines(queryVector, others)]);
			const calibration = embedder.calibration ?? assumedCalibration;
			const words = queryVector && this.#words(asked, queryVector, memories);
			return { memories, cosines, words, before, statistics, calibration };
		});
		return { pool, problem };
	}

	#words(
		asked: string,
		{ space, values }: QueryVector,
		memories: readonly StoredMemory[],
	): PoolWords | undefined {
		const words = wordsOf(asked);
		if (!values.words || words.length < tellingWords || words.length > comparedWords) return undefined;
		const seqs = memories.slice(0, comparedMemories).map(({ seq }) => seq);
		return {
			asked: words,
			signs: values.words,
			of: this.#options.store.vectors.words(space, seqs),
			width: space.dimensions,
		};
	}
}

export function withoutSeq<T extends Memory & { readonly seq: number }>({
	seq: _,
	...memory
}: T): Omit<T, "seq"> {
	return memory;
}
