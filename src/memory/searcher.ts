import { setImmediate as nextTurn } from "node:timers/promises";
import { assumedCalibration } from "../endpoints/calibration.ts";
import type { Memory, MemoryStore } from "../store/memoryStore.ts";
import { queryTerms } from "../store/terms.ts";
import { checkedFilter, checkedLimit, checkedQuery, maxSearchLimit } from "./input.ts";
import type { PatientEmbedder } from "./patientEmbedder.ts";
import { rank } from "./ranking.ts";
import type { SearchRequest, SearchResult } from "./requests.ts";

export interface SearcherOptions {
	readonly store: MemoryStore;
	readonly embedder: PatientEmbedder;
	readonly userId: string;
}

/** How many candidates each of the two indexes puts forward, at least. */
const candidatesEach = 30;

/** Finds memories. */
export class Searcher {
	readonly #options: SearcherOptions;
	#searchTurn: Promise<void> = Promise.resolve();

	constructor(options: SearcherOptions) {
		this.#options = options;
	}

	/** Memories that answer the query, by meaning and by words. */
	async search(request: SearchRequest): Promise<SearchResult> {
		const query = checkedQuery(request.query);
		const limit = checkedLimit(request.limit ?? 5, maxSearchLimit);
		const filter = checkedFilter(this.#options.userId, request);
		const { vector, problem } = await this.#options.embedder.embed(query, "query", request.signal);

		// Searches whose vectors were made in one batch come here at once; each gets a turn of the event loop.
		this.#searchTurn = this.#searchTurn.then(() => nextTurn());
		await this.#searchTurn;
		request.signal?.throwIfAborted();
		const each = Math.max(candidatesEach, 2 * limit);
		const { terms, filler } = queryTerms(query);
		const statistics = this.#options.store.keywords.statistics(terms);
		const byWords = this.#options.store.keywords.candidates({ terms, all: filler, statistics }, filter, each);
		const { space, values } = vector ?? {};
		// A word or two of filler mean nothing that vectors could tell.
		const telling = !filler || terms.length > 2;
		const queryVector = space && values && telling ? { space, values } : undefined;
		const byMeaning = queryVector
			? await this.#options.store.vectors.candidates(queryVector, filter, each)
			: [];
		const near = new Map(byMeaning.map(({ memory, cosine }) => [memory.seq, cosine]));
		const onlyByWords = byWords.filter(({ seq }) => !near.has(seq));
		const candidates = [...byMeaning.map(({ memory }) => memory), ...onlyByWords];
		const cosines =
			queryVector &&
			new Map([
				...near,
				...this.#options.store.vectors.cosines(
					queryVector,
					onlyByWords.map(({ seq }) => seq),
				),
			]);
		const calibration = this.#options.embedder.calibration ?? assumedCalibration;
		const memories = rank({ terms, statistics }, candidates, cosines, limit, calibration).map(
			({ memory, score }) => ({
				...withoutSeq(memory),
				score: Math.round(score * 1000) / 1000,
			}),
		);
		return { memories, ...(problem ? { note: `${problem} Searched by words only.` } : {}) };
	}
}

export function withoutSeq<T extends Memory & { readonly seq: number }>({
	seq: _,
	...memory
}: T): Omit<T, "seq"> {
	return memory;
}
