import type { EmbeddingSpace } from "../../vectors/embeddingSpace.ts";
import type { Search } from "../memoryStore.ts";
import type { Candidates, PoolQuery, TermStatistics } from "../types.ts";
import { neighboursOf } from "./conversations.ts";
import type { Database } from "./database.ts";
import type { SqliteKeywords } from "./keywords.ts";
import type { SqliteSpaces } from "./spaces.ts";

export class SqliteSearch implements Search {
	readonly #database: Database;
	readonly #keywords: SqliteKeywords;
	readonly #spaces: SqliteSpaces;

	constructor(database: Database, keywords: SqliteKeywords, spaces: SqliteSpaces) {
		this.#database = database;
		this.#keywords = keywords;
		this.#spaces = spaces;
	}

	async statistics(terms: readonly string[]): Promise<TermStatistics> {
		return this.#database.read(() => this.#keywords.statistics(terms));
	}

	/** Scanning the signatures takes several turns of the event loop; everything after it is one short transaction. */
	async pool({ vector, filter, each, words, ...keywordQuery }: PoolQuery): Promise<Candidates> {
		const nearest = vector ? await this.#spaces.nearest(vector, filter, each) : [];
		return this.#database.read(() => {
			const byMeaning = this.#spaces.withMemories(nearest);
			const nearCosines = new Map(byMeaning.map(({ memory, cosine }) => [memory.seq, cosine]));
			const byWords = this.#keywords
				.candidates(keywordQuery, filter, each)
				.filter(({ seq }) => !nearCosines.has(seq));
			const found = [...byMeaning.map(({ memory }) => memory), ...byWords];
			const { before, memories: neighbours } = neighboursOf(this.#database, found, filter);
			const memories = [...found, ...neighbours];
			const seqs = memories.map(({ seq }) => seq);
			const others = seqs.filter((seq) => !nearCosines.has(seq));
			return {
				memories,
				cosines: vector && new Map([...nearCosines, ...this.#spaces.cosines(vector, others)]),
				before,
				words: vector ? this.#spaces.words(vector.space, seqs.slice(0, words)) : new Map(),
			};
		});
	}

	indexBytes(space: EmbeddingSpace): number {
		return this.#spaces.indexBytes(space);
	}
}
