import type { Search } from "../memoryStore.ts";
import type { PoolQuery, StoredMemory, TermStatistics } from "../types.ts";
import type { Database } from "./database.ts";
import { filterParameters, filterRow, type MemoryRow, toMemory } from "./rows.ts";
import { toRealArray } from "./sql.ts";
import { spaceId } from "./vectors.ts";
import { termParameters, termStatistics } from "./words.ts";

/** A memory with its place among the candidates, a link from one to the memory before it, or the statistics of the terms. */
type PoolRow = MemoryRow & {
	readonly documents: number | null;
	readonly frequencies: readonly number[] | null;
	readonly place: number | null;
	readonly cosine: number | null;
	readonly before: number | null;
	readonly words: Uint8Array | null;
	readonly candidate: number;
};

export function postgresSearch(database: Database): Search {
	/** Spaces never change their ids. */
	const spaceIds = new Map<string, number>();
	const idOf = async ({ space }: NonNullable<PoolQuery["vector"]>) => {
		const key = JSON.stringify(space);
		const id = spaceIds.get(key) ?? (await spaceId(database, space));
		if (id !== undefined) spaceIds.set(key, id);
		return id;
	};
	return {
		statistics: (terms) => termStatistics(database, terms),

		async pool({ vector, filter, each, words, terms, all }) {
			const space = vector && (await idOf(vector));
			const rows = await database.all<PoolRow>(
				`SELECT p.place, p.cosine, p.before, p.words, p.seq AS candidate, p.documents, p.frequencies, (p.memory).*
				FROM {s}.pool(:space::int, :vector::real[]::{v}.vector, :each::int, :forms::text[], :formTerms::int[],
					:conditions::text[], :all::boolean, :signs::int, ${filterRow}) p`,
				{
					...filterParameters(filter),
					space: space ?? null,
					vector: vector && space !== undefined ? toRealArray(vector.values) : null,
					each,
					...termParameters(terms),
					all,
					signs: vector ? words : 0,
				},
			);
			let statistics: TermStatistics = { documents: 0, documentsWith: new Map() };
			const memories: StoredMemory[] = [];
			const cosines = new Map<number, number>();
			const before = new Map<number, number>();
			const signs = new Map<number, Uint8Array>();
			for (const row of rows.sort((one, other) => (one.place ?? 0) - (other.place ?? 0))) {
				if (row.documents !== null)
					statistics = {
						documents: row.documents,
						documentsWith: new Map(terms.map((term, index) => [term, row.frequencies?.[index] ?? 0])),
					};
				if (row.before !== null) before.set(row.candidate, row.before);
				if (row.place === null) continue;
				memories.push(toMemory(row));
				if (row.cosine !== null) cosines.set(row.candidate, row.cosine);
				if (row.words) signs.set(row.candidate, new Uint8Array(row.words));
			}
			return { statistics, memories, cosines: vector && cosines, before, words: signs };
		},

		// There is no earlier version whose words are indexed in another way.
		refreshWords: async () => false,

		// The index is in the database.
		indexBytes: () => 0,
	};
}
