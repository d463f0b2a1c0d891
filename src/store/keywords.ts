import type { Database } from "./database.ts";
import { formsOf } from "./irregular.ts";
import type { Filter, KeywordQuery, Keywords, StoredMemory, TermStatistics } from "./memoryStore.ts";
import { filterCondition, filterParameters, type MemoryRow, memoryColumns, toMemory } from "./rows.ts";
import { fieldTerms, indexTerms } from "./terms.ts";

/** Memories scored by BM25 for one query; each takes about two microseconds. */
const scoredAtMost = 600;

/** The FTS5 index over `indexTerms` of every memory's text, and `fieldTerms` of what came with it. */
export class SqliteKeywords implements Keywords {
	readonly #database: Database;

	constructor(database: Database) {
		this.#database = database;
	}

	candidates(query: KeywordQuery, filter: Filter, k: number): readonly StoredMemory[] {
		const { terms, all, statistics } = query;
		const { looked, common } = all ? { looked: terms, common: false } : worthLookingFor(terms, statistics);
		if (looked.length === 0) return [];
		const match = looked.map(anyForm).join(all ? " AND " : " OR ");
		// In a word that nearly every memory has, BM25 tells nothing: the newest are taken, without scoring all.
		const order = common ? "memories_fts.rowid DESC" : "bm25(memories_fts)";
		return this.#database
			.all<MemoryRow>(
				`SELECT ${memoryColumns} FROM memories m WHERE m.seq IN (
					SELECT memories_fts.rowid FROM memories_fts CROSS JOIN memories m ON m.seq = memories_fts.rowid
					WHERE memories_fts MATCH :match AND ${filterCondition} ORDER BY ${order} LIMIT :k
				)`,
				{ ...filterParameters(filter), match, k },
			)
			.map(toMemory);
	}

	statistics(terms: readonly string[]): TermStatistics {
		const documentsWith = new Map(
			terms.map((term) => [
				term,
				formsOf(term)
					.map((form) =>
						this.#database.number("SELECT doc AS n FROM memories_vocabulary WHERE term = :form", { form }),
					)
					.reduce((sum, held) => sum + held),
			]),
		);
		const documents = this.#database.number("SELECT count(*) AS n FROM memories_fts_docsize");
		return { documents, documentsWith };
	}

	/** Within a write: indexes a memory that has no entry. */
	put(seq: number, memory: Pick<StoredMemory, "text" | "metadata" | "project">): void {
		this.#database.run("INSERT INTO memories_fts (rowid, terms) VALUES (:seq, :terms)", {
			seq,
			terms: [...indexTerms(memory.text), ...fieldTerms(memory)].join(" "),
		});
	}

	/** Within a write. */
	drop(seq: number): void {
		this.#database.run("DELETE FROM memories_fts WHERE rowid = :seq", { seq });
	}
}

function anyForm(term: string): string {
	const forms = formsOf(term).map((form) => `"${form}"`);
	return forms.length === 1 ? (forms[0] as string) : `(${forms.join(" OR ")})`;
}

/** The rarest terms, until as many memories hold them as can be scored in a few milliseconds; the others only add to a score. */
function worthLookingFor(
	terms: readonly string[],
	{ documentsWith }: TermStatistics,
): {
	readonly looked: readonly string[];
	readonly common: boolean;
} {
	const byRarity = terms
		.map((term) => ({ term, held: documentsWith.get(term) ?? 0 }))
		.filter(({ held }) => held > 0)
		.sort((a, b) => a.held - b.held);
	const [rarest, ...others] = byRarity;
	if (!rarest) return { looked: [], common: false };
	let scored = rarest.held;
	const looked = [rarest.term];
	for (const { term, held } of others) {
		scored += held;
		if (scored > scoredAtMost) break;
		looked.push(term);
	}
	return { looked, common: rarest.held > scoredAtMost };
}
