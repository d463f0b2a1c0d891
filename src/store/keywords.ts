import type { Database } from "./database.ts";
import type { Filter, Keywords, StoredMemory, TermStatistics } from "./memoryStore.ts";
import { filterCondition, filterParameters, type MemoryRow, memoryColumns, toMemory } from "./rows.ts";
import { indexTerms } from "./terms.ts";

/** The FTS5 index over `indexTerms` of every memory's text. */
export class SqliteKeywords implements Keywords {
	readonly #database: Database;

	constructor(database: Database) {
		this.#database = database;
	}

	candidates(terms: readonly string[], filter: Filter, k: number, all: boolean): readonly StoredMemory[] {
		if (terms.length === 0) return [];
		const match = terms.map((term) => `"${term}"`).join(all ? " AND " : " OR ");
		return this.#database
			.all<MemoryRow>(
				`SELECT ${memoryColumns} FROM memories_fts JOIN memories m ON m.seq = memories_fts.rowid
				WHERE memories_fts MATCH :match AND ${filterCondition} ORDER BY bm25(memories_fts) LIMIT :k`,
				{ ...filterParameters(filter), match, k },
			)
			.map(toMemory);
	}

	statistics(terms: readonly string[]): TermStatistics {
		const documentsWith = new Map(
			terms.map((term) => [
				term,
				this.#database.number("SELECT doc AS n FROM memories_vocabulary WHERE term = :term", { term }),
			]),
		);
		const documents = this.#database.number("SELECT count(*) AS n FROM memories WHERE deleted_at IS NULL");
		return { documents, documentsWith };
	}

	/** Within a write: indexes the text of a memory that has no entry. */
	put(seq: number, text: string): void {
		this.#database.run("INSERT INTO memories_fts (rowid, terms) VALUES (:seq, :terms)", {
			seq,
			terms: indexTerms(text).join(" "),
		});
	}

	/** Within a write. */
	drop(seq: number): void {
		this.#database.run("DELETE FROM memories_fts WHERE rowid = :seq", { seq });
	}
}
