import { setTimeout as after, setImmediate as nextTurn } from "node:timers/promises";
import * as l10n from "@vscode/l10n";
import { assumedCalibration } from "../../endpoints/calibration.ts";
import type { Filter, Memory } from "../../store/types.ts";
import { wordsOf } from "../../vectors/wordSigns.ts";
import { checkedFilter, checkedLimit, checkedQuery, maxSearchLimit } from "../input.ts";
import { onlyHereNote } from "../keptHere.ts";
import { withKnownClient } from "../knownClient.ts";
import type { MemoryContext } from "../memoryContext.ts";
import type { SearchRequest, SearchResult } from "../requests.ts";
import { explain } from "./explanation.ts";
import { mayHaveNames, parseQuestion, type Question, withoutCommonNames } from "./question.ts";
import { rank } from "./ranking.ts";
import type { Pool } from "./signals.ts";
import { asksForPast } from "./superseded.ts";

/** The minimum number of candidates from each of the two indexes. */
const minCandidates = 20;

/** Fewer words give the model too little context: the signs of each word are mostly chance, and similar to any text. */
const minComparedWords = 4;
/** Every word of a query is compared with every word of a memory, which is slow for passages and for very many memories. */
const maxComparedWords = 24;
const maxComparedMemories = 200;

const withoutVector = {
	vector: undefined,
	problem: "The embedding model takes longer than this search waits.",
};

type SearchContext = Pick<MemoryContext, "store" | "embedder" | "patientEmbedder" | "userId"> &
	Partial<Pick<MemoryContext, "team">>;

export class Searcher {
	readonly #context: SearchContext;
	#searchTurn: Promise<void> = Promise.resolve();

	constructor(context: SearchContext) {
		this.#context = context;
	}

	/** Memories that answer the query, by meaning and by words. */
	async search(request: SearchRequest): Promise<SearchResult> {
		const limit = checkedLimit(request.limit ?? 5, maxSearchLimit);
		const { userId, team, store } = this.#context;
		const query = checkedQuery(request.query);
		const question = parseQuestion(query);
		// What was true then may have been superseded since.
		const isOfThen = asksForPast(query) || question.times.length > 0;
		const { superseded = isOfThen ? "include" : undefined } = request;
		const filter = await withKnownClient(store, checkedFilter(userId, { ...request, superseded }, team));
		const { pool, problem, onlyHere } = await this.pool(
			question,
			filter,
			limit,
			request.signal,
			request.patience,
		);
		// A process's first search compiles what it runs, for some milliseconds in the store and as many here.
		await nextTurn();
		const memories = rank(question, pool, limit).map((scored) => ({
			...withoutSeq(scored.memory),
			score: Math.round(scored.score * 1000) / 1000,
			...(scored.weak ? { weak: true } : {}),
			...(scored.supersededBy ? { supersededBy: scored.supersededBy.id } : {}),
			...(request.explain ? { why: explain(scored) } : {}),
		}));
		const byWords = problem && `${problem} ${l10n.t("Searched by words only.")}`;
		const notes = [onlyHereNote(onlyHere), byWords].filter(Boolean);
		return { memories, ...(notes.length > 0 ? { note: notes.join(" ") } : {}) };
	}

	/** The candidates for the ranking: the best by words and by meaning, and their neighbours. */
	async pool(
		question: Question,
		filter: Filter,
		limit: number,
		signal?: AbortSignal,
		patience?: number,
	): Promise<{
		readonly pool: Pool;
		readonly problem: string | undefined;
		readonly onlyHere: string | undefined;
	}> {
		const { store, embedder, patientEmbedder } = this.#context;
		const { terms, onlyStopWords } = question;
		const text =
			embedder.namesDistract && mayHaveNames(question.text)
				? withoutCommonNames(question.text, await store.search.statistics(terms))
				: question.text;
		const embedding = patientEmbedder.embed(text, "query", signal);
		// The request goes on: the next one who asks may find the model ready, or the vector.
		const { vector, problem } =
			patience === undefined
				? await embedding
				: await Promise.race([embedding, after(patience, withoutVector, { ref: false })]);

		const { space, values } = vector ?? {};
		// A stop word or two have no meaning that a vector could express.
		const hasMeaning = !onlyStopWords || terms.length > 2;
		const queryVector = space && values && hasMeaning ? { space, values } : undefined;
		// Searches whose vectors were made in one batch arrive here together; each gets its own turn of the event loop.
		this.#searchTurn = this.#searchTurn.then(() => nextTurn());
		await this.#searchTurn;
		signal?.throwIfAborted();
		const querySigns = values?.words;
		const queryWords = querySigns && queryVector ? wordsOf(text) : [];
		const comparesWords = queryWords.length >= minComparedWords && queryWords.length <= maxComparedWords;
		const candidates = await store.search.pool({
			terms,
			all: onlyStopWords,
			vector: queryVector,
			filter,
			each: Math.max(minCandidates, 4 * limit),
			words: comparesWords ? maxComparedMemories : 0,
		});
		const words =
			comparesWords && querySigns && space
				? { queryWords, querySigns, memorySigns: candidates.words, width: space.dimensions }
				: undefined;
		const calibration = embedder.calibration ?? assumedCalibration;
		const { onlyHere } = candidates;
		return { pool: { ...candidates, words, calibration }, problem, onlyHere };
	}
}

export function withoutSeq<T extends Memory & { readonly seq: number }>({
	seq: _,
	...memory
}: T): Omit<T, "seq"> {
	return memory;
}
