import { formsOf } from "../../text/irregularForms.ts";
import { fieldTerms, indexTerms } from "../../text/terms.ts";
import type { Filter, PoolQuery, StoredMemory, TermStatistics } from "../types.ts";
import { currentRevision, type Database } from "./database.ts";
import { filterCondition, filterParameters, type MemoryRow, memoryColumns, toMemory } from "./rows.ts";

/** Memories whose words are looked at for one query, at most and where only a very common word is known; each takes about 0.2 µs. */
const lookedAt = 4000;
/** As many memories as are asked for are read at first, and so many times more each time, until enough are let through by the filter. */
const growth = 4;
/** A word that so many memories hold is counted again after so many changes, as a share of them; each changes one count by one. */
const isCommon = 500;
const stale = 0.02;
/** Pages of the index merged in one transaction: so few that the thread is not held up. */
const mergedPages = 16;

type KeywordQuery = Pick<PoolQuery, "terms" | "all" | "statistics">;

/** The FTS5 index over `indexTerms` of every memory's text, and `fieldTerms` of what came with it. */
export class SqliteKeywords {
	readonly #database: Database;
	readonly #common = new Map<string, { readonly held: number; readonly revision: number }>();

	constructor(database: Database) {
		this.#database = database;
	}

	/** The best `k` by how much of the query they hold, best first. Terms that are in most memories may be passed over. */
	candidates(query: KeywordQuery, filter: Filter, k: number): readonly StoredMemory[] {
		const found: StoredMemory[] = [];
		// What the filter keeps out is replaced by the next best, so that a narrow one finds as much as none.
		for (const seqs of growing(this.#bestFirst(query), k)) {
			found.push(...this.#read(seqs, filter));
			if (found.length >= k) break;
		}
		return found.slice(0, k);
	}

	statistics(terms: readonly string[]): TermStatistics {
		const documents = this.#database.number("SELECT count(*) AS n FROM memories_fts_docsize");
		const revision = currentRevision(this.#database);
		const held = (term: string) => formsOf(term).reduce((sum, form) => sum + this.#held(form, revision), 0);
		return { documents, documentsWith: new Map(terms.map((term) => [term, held(term)])) };
	}

	/** How many memories hold a form of a word. SQLite reads a common word's whole list to count it. */
	#held(form: string, revision: number): number {
		const known = this.#common.get(form);
		if (known && revision - known.revision <= stale * known.held) return known.held;
		const held = this.#database.number("SELECT doc AS n FROM memories_vocabulary WHERE term = :form", {
			form,
		});
		if (held >= isCommon) this.#common.set(form, { held, revision });
		return held;
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

	/**
	 * Within a write: merges a few pages of the index, so that the words of deleted memories go.
	 * @param first begins a merge of the whole index.
	 * @returns whether there is more to merge.
	 */
	merge(first: boolean): boolean {
		const changes = () => this.#database.number("SELECT total_changes() AS n");
		const before = changes();
		this.#database.run("INSERT INTO memories_fts (memories_fts, rank) VALUES ('merge', :pages)", {
			pages: first ? -mergedPages : mergedPages,
		});
		// FTS5 counts one change for the command itself.
		return first || changes() - before >= 2;
	}

	/**
	 * The `seq`s of memories that hold any of the terms (or all), by the sum of the inverse document frequencies of those they
	 * hold, of equal ones the newer first. How often and in how long a text is left to the ranking.
	 */
	*#bestFirst({ terms, all, statistics }: KeywordQuery): Iterable<number> {
		const scores = new Map<number, number>();
		if (all) for (const seq of this.#holding(terms.map(anyForm).join(" AND "))) scores.set(seq, 1);
		else
			for (const { term, weight } of worthLookingFor(terms, statistics))
				for (const seq of this.#holding(anyForm(term))) scores.set(seq, (scores.get(seq) ?? 0) + weight);
		// Few sums differ, and mostly but the best are asked for: to sort all of them would take longer than to find them.
		const byScore = new Map<number, number[]>();
		for (const [seq, score] of scores) {
			const equal = byScore.get(score);
			if (equal) equal.push(seq);
			else byScore.set(score, [seq]);
		}
		for (const score of [...byScore.keys()].sort((one, other) => other - one))
			yield* (byScore.get(score) as number[]).sort((one, other) => other - one);
	}

	/** As one text, which is several times as fast as rows. The newest come first where not all are looked at. */
	#holding(match: string): number[] {
		if (match === "") return [];
		const found = this.#database.get<{ seqs: string | null }>(
			`SELECT group_concat(rowid) AS seqs FROM (
				SELECT rowid FROM memories_fts WHERE memories_fts MATCH :match ORDER BY rowid DESC LIMIT :most
			)`,
			{ match, most: lookedAt },
		);
		return found?.seqs?.split(",").map(Number) ?? [];
	}

	/** Those that the filter lets through, in the order given. */
	#read(seqs: readonly number[], filter: Filter): StoredMemory[] {
		return this.#database
			.all<MemoryRow>(
				`SELECT ${memoryColumns} FROM json_each(:seqs) wanted CROSS JOIN memories m ON m.seq = wanted.value WHERE ${filterCondition}`,
				{ ...filterParameters(filter), seqs: JSON.stringify(seqs) },
			)
			.map(toMemory);
	}
}

/** In pieces of `size`, then of `growth` times as many, and so on. */
function* growing<T>(items: Iterable<T>, size: number): Iterable<readonly T[]> {
	let piece: T[] = [];
	for (const item of items) {
		piece.push(item);
		if (piece.length < size) continue;
		yield piece;
		piece = [];
		size *= growth;
	}
	if (piece.length > 0) yield piece;
}

function anyForm(term: string): string {
	const forms = formsOf(term).map((form) => `"${form}"`);
	return forms.length === 1 ? (forms[0] as string) : `(${forms.join(" OR ")})`;
}

/**
 * The rarest terms, until as many memories hold them as are looked at; the others only add to a score. Each weighs its
 * inverse document frequency.
 */
function worthLookingFor(terms: readonly string[], { documents, documentsWith }: TermStatistics) {
	const byRarity = terms
		.map((term) => ({ term, held: documentsWith.get(term) ?? 0 }))
		.filter(({ held }) => held > 0)
		.sort((a, b) => a.held - b.held);
	let sum = 0;
	return byRarity
		.filter(({ held }, index) => {
			sum += held;
			return index === 0 || sum <= lookedAt;
		})
		.map(({ term, held }) => ({ term, weight: Math.log(1 + documents / held) }));
}
