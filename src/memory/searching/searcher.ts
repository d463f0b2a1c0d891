import { setImmediate as nextTurn } from "node:timers/promises";
import { assumedCalibration } from "../../endpoints/calibration.ts";
import type { MemoryStore } from "../../store/memoryStore.ts";
import type { Filter, Memory } from "../../store/types.ts";
import { wordsOf } from "../../vectors/wordSigns.ts";
import { checkedFilter, checkedLimit, checkedQuery, maxSearchLimit } from "../input.ts";
import type { PatientEmbedder } from "../patientEmbedder.ts";
import type { SearchRequest, SearchResult } from "../requests.ts";
import { explained } from "./explanation.ts";
import { type Question, understood, withoutCommonNames } from "./question.ts";
import { rank } from "./ranking.ts";
import type { Pool } from "./signals.ts";

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
		const statistics = await store.search.statistics(terms);
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
		const signs = values?.words;
		const asking = signs && queryVector ? wordsOf(asked) : [];
		const compared = asking.length >= tellingWords && asking.length <= comparedWords;
		const found = await store.search.pool({
			terms,
			all: filler,
			statistics,
			vector: queryVector,
			filter,
			each: Math.max(candidatesEach, 2 * limit),
			words: compared ? comparedMemories : 0,
		});
		const words =
			compared && signs && space
				? { asked: asking, signs, of: found.words, width: space.dimensions }
				: undefined;
		const calibration = embedder.calibration ?? assumedCalibration;
		return { pool: { ...found, words, statistics, calibration }, problem };
	}
}

export function withoutSeq<T extends Memory & { readonly seq: number }>({
	seq: _,
	...memory
}: T): Omit<T, "seq"> {
	return memory;
}
