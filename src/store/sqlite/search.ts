import type { EmbeddingSpace } from "../../vectors/embeddingSpace.ts";
import type { Search } from "../memoryStore.ts";
import type { Candidates, Filter, PoolQuery, QueryVector, StoredMemory } from "../types.ts";
import { neighboursOf } from "./conversations.ts";
import { currentRevision, type Database } from "./database.ts";
import { type Near, SpaceIndex } from "./index/spaceIndex.ts";
import { keywordCandidates, termCounter } from "./keywords.ts";
import { reindexSome } from "./reindexing.ts";
import { filterCondition, filterParameters, selectMemories } from "./rows.ts";
import { spaceId } from "./vectors.ts";

/** The nearest memories, of the file and the revision in which they were found. */
interface Nearest {
	readonly near: readonly Near[];
	readonly asOf: string;
	readonly revision: number;
}

export function sqliteSearch(database: Database): Search {
	let countTerms = termCounter(database);
	/** By the space's id; each is built by the first search in its space. */
	const indexes = new Map<number, SpaceIndex>();
	let generation = database.generation;

	/** Another file has other memories under the same numbers. */
	const forgetOtherFile = () => {
		const now = database.generation;
		if (generation === now) return;
		generation = now;
		countTerms = termCounter(database);
		indexes.clear();
	};

	const indexOf = (space: EmbeddingSpace) => {
		forgetOtherFile();
		const id = spaceId(database, space);
		if (id === undefined) return undefined;
		const index = indexes.get(id) ?? new SpaceIndex(database, id, space.dimensions);
		indexes.set(id, index);
		return index;
	};

	/** The nearest `k` in the query's space, nearest first. A long search takes several turns of the event loop. */
	const nearestTo = async (query: QueryVector, filter: Filter, k: number): Promise<Nearest> => {
		const index = indexOf(query.space);
		const asOf = generation;
		if (!index) return { near: [], asOf, revision: currentRevision(database) };
		const revision = await index.refresh();
		return { near: await index.nearest(query, filter, k), asOf, revision };
	};

	const candidatesOf = (
		{ vector, filter, each, words, terms, all }: PoolQuery,
		near: readonly Near[],
	): Candidates => {
		forgetOtherFile();
		const statistics = countTerms(terms);
		const byMeaning = withMemories(database, near, filter);
		const nearCosines = new Map(byMeaning.map(({ memory, cosine }) => [memory.seq, cosine]));
		const byWords = keywordCandidates(database, { terms, all, statistics }, filter, each).filter(
			({ seq }) => !nearCosines.has(seq),
		);
		const found = [...byMeaning.map(({ memory }) => memory), ...byWords];
		const { before, memories: neighbours } = neighboursOf(database, found, filter);
		const memories = [...found, ...neighbours];
		const seqs = memories.map(({ seq }) => seq);
		const others = seqs.filter((seq) => !nearCosines.has(seq));
		const otherCosines = vector && indexOf(vector.space)?.cosines(vector, others);
		return {
			statistics,
			memories,
			cosines: vector && new Map([...nearCosines, ...(otherCosines ?? [])]),
			before,
			words: vector && words > 0 ? wordSigns(database, vector.space, seqs.slice(0, words)) : new Map(),
		};
	};

	return {
		async statistics(terms) {
			forgetOtherFile();
			return database.read(() => countTerms(terms));
		},

		/** Scanning the signatures takes several turns of the event loop; everything after it is one short transaction. */
		async pool(query) {
			const { vector, filter, each } = query;
			for (let again = true; ; again = false) {
				const nearest = vector && (await nearestTo(vector, filter, each));
				const candidates = database.read(() => {
					// A text may have changed after its vector was compared: once more. Of another file, as often as it takes.
					const otherFile = nearest && nearest.asOf !== database.generation;
					const changed = nearest && again && nearest.revision !== currentRevision(database);
					return otherFile || changed ? undefined : candidatesOf(query, nearest?.near ?? []);
				});
				if (candidates) return candidates;
			}
		},

		refreshWords: () => reindexSome(database),

		indexBytes: (space) => indexes.get(spaceId(database, space) ?? 0)?.bytes ?? 0,
	};
}

/** Leaves out memories that were deleted or have expired meanwhile. */
function withMemories(
	database: Database,
	nearest: readonly Near[],
	filter: Filter,
): { memory: StoredMemory; cosine: number }[] {
	if (nearest.length === 0) return [];
	const memories = selectMemories(
		database,
		`FROM memories m WHERE m.seq IN (SELECT value FROM json_each(:seqs)) AND ${filterCondition(filter)}`,
		{ ...filterParameters(filter), seqs: JSON.stringify(nearest.map(({ seq }) => seq)) },
	);
	const bySeq = new Map(memories.map((memory) => [memory.seq, memory]));
	return nearest.flatMap(({ seq, cosine }) => {
		const memory = bySeq.get(seq);
		return memory ? [{ memory, cosine }] : [];
	});
}

/** The word signs of the memories whose model provided them. */
function wordSigns(
	database: Database,
	space: EmbeddingSpace,
	seqs: readonly number[],
): Map<number, Uint8Array> {
	const rows = database.all<{ seq: number; words: Uint8Array }>(
		"SELECT v.seq, v.words FROM json_each(:seqs) AS wanted CROSS JOIN vectors v ON v.space = :space AND v.seq = wanted.value AND v.words IS NOT NULL",
		{ seqs: JSON.stringify(seqs), space: spaceId(database, space) ?? 0 },
	);
	return new Map(rows.map(({ seq, words }) => [seq, words]));
}
