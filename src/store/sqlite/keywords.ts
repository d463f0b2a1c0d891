import { formsOf } from "../../text/irregularForms.ts";
import { fieldTerms, indexTerms } from "../../text/terms.ts";
import type { Candidates, Filter, PoolQuery, StoredMemory, TermStatistics } from "../types.ts";
import { currentRevision, type Database } from "./database.ts";
import { filterCondition, filterParameters, selectMemories } from "./rows.ts";
import { countAll } from "./tallies.ts";

/** The most index entries read for one query, or for one term if only a very common one is left; each takes about 0.2 µs. */
const maxPostings = 4000;
/** The first batch has as many memories as requested; each further one is this many times larger, until enough match the filter. */
const batchGrowth = 4;
/** The count of a word in at least this many memories is cached. */
const minCached = 500;
/** A cached count expires after this many changes, as a share of the count; each change can alter it by one. */
const staleShare = 0.02;
/** Pages of the index merged in one transaction; few, so that the thread is not held up. */
const mergedPages = 16;

type KeywordQuery = Pick<PoolQuery, "terms" | "all"> & Pick<Candidates, "statistics">;

/*
 * The FTS5 index over the `indexTerms` of every memory's text and the `fieldTerms` of its metadata and project.
 */

/** The best `k` by how much of the query they contain, best first. May ignore terms that most memories contain. */
export function keywordCandidates(
	database: Database,
	query: KeywordQuery,
	filter: Filter,
	k: number,
): readonly StoredMemory[] {
	const found: StoredMemory[] = [];
	// The next best replace memories that the filter excludes, so that a narrow filter finds as many as none.
	for (const seqs of growingBatches(bestFirst(database, query), k)) {
		const matches = selectMemories(
			database,
			`FROM json_each(:seqs) wanted CROSS JOIN memories m ON m.seq = wanted.value WHERE ${filterCondition(filter)}`,
			{ ...filterParameters(filter), seqs: JSON.stringify(seqs) },
		);
		found.push(...matches);
		if (found.length >= k) break;
	}
	return found.slice(0, k);
}

/** Returns a function that counts memories by term, and that caches the counts of common words. */
export function termCounter(database: Database): (terms: readonly string[]) => TermStatistics {
	const cachedCounts = new Map<string, { readonly count: number; readonly revision: number }>();
	/** The number of memories that contain a form of a word. SQLite reads a word's whole posting list to count it. */
	const documentFrequency = (form: string, revision: number) => {
		const cached = cachedCounts.get(form);
		if (cached && revision - cached.revision <= staleShare * cached.count) return cached.count;
		const sql = "SELECT doc AS n FROM memories_vocabulary WHERE term = :form";
		const count = database.number(sql, { form });
		if (count >= minCached) cachedCounts.set(form, { count, revision });
		return count;
	};
	return (terms) => {
		const documents = countAll(database);
		const revision = currentRevision(database);
		const frequency = (term: string) =>
			formsOf(term).reduce((sum, form) => sum + documentFrequency(form, revision), 0);
		return { documents, documentsWith: new Map(terms.map((term) => [term, frequency(term)])) };
	};
}

/** Within a write: indexes a memory that is not in the index. */
export function indexWords(
	database: Database,
	seq: number,
	memory: Pick<StoredMemory, "text" | "metadata" | "project">,
): void {
	const terms = [...indexTerms(memory.text), ...fieldTerms(memory)].join(" ");
	database.run("INSERT INTO memories_fts (rowid, terms) VALUES (:seq, :terms)", { seq, terms });
}

/** Within a write. */
export function dropWords(database: Database, seq: number): void {
	database.run("DELETE FROM memories_fts WHERE rowid = :seq", { seq });
}

/**
 * Within a write: merges a few pages of the index, so that the words of deleted memories go.
 * @param first begins a merge of the whole index.
 * @returns whether there is more to merge.
 */
export function mergeWords(database: Database, first: boolean): boolean {
	const changes = () => database.number("SELECT total_changes() AS n");
	const before = changes();
	const pages = first ? -mergedPages : mergedPages;
	database.run("INSERT INTO memories_fts (memories_fts, rank) VALUES ('merge', :pages)", { pages });
	// FTS5 counts one change for the command itself.
	return first || changes() - before >= 2;
}

/**
 * The `seq`s of memories that contain any (or all) of the terms, ordered by the sum of the inverse document frequencies
 * of the terms they contain, ties newest first. The ranking accounts for term frequency and text length.
 */
function* bestFirst(database: Database, { terms, all, statistics }: KeywordQuery): Iterable<number> {
	const scores = new Map<number, number>();
	if (all) for (const seq of matching(database, terms.map(anyForm).join(" AND "))) scores.set(seq, 1);
	else
		for (const { term, weight } of selectiveTerms(terms, statistics))
			for (const seq of matching(database, anyForm(term))) scores.set(seq, (scores.get(seq) ?? 0) + weight);
	// There are few distinct sums, and callers mostly need only the best: sorting all memories would take longer than
	// finding them.
	const byScore = new Map<number, number[]>();
	for (const [seq, score] of scores) {
		const tied = byScore.get(score);
		if (tied) tied.push(seq);
		else byScore.set(score, [seq]);
	}
	for (const score of [...byScore.keys()].sort((one, other) => other - one))
		yield* (byScore.get(score) as number[]).sort((one, other) => other - one);
}

/** At most `maxPostings`, the newest. One text instead of rows, and read as JSON: several times as fast. */
function matching(database: Database, match: string): number[] {
	if (match === "") return [];
	const found = database.get<{ seqs: string | null }>(
		`SELECT group_concat(rowid) AS seqs FROM (
			SELECT rowid FROM memories_fts WHERE memories_fts MATCH :match ORDER BY rowid DESC LIMIT :limit
		)`,
		{ match, limit: maxPostings },
	);
	return JSON.parse(`[${found?.seqs ?? ""}]`) as number[];
}

/** Batches of `size`, then `batchGrowth` times as many, and so on. */
function* growingBatches<T>(items: Iterable<T>, size: number): Iterable<readonly T[]> {
	let batch: T[] = [];
	for (const item of items) {
		batch.push(item);
		if (batch.length < size) continue;
		yield batch;
		batch = [];
		size *= batchGrowth;
	}
	if (batch.length > 0) yield batch;
}

function anyForm(term: string): string {
	const forms = formsOf(term).map((form) => `"${form}"`);
	return forms.length === 1 ? (forms[0] as string) : `(${forms.join(" OR ")})`;
}

/** The rarest terms, up to `maxPostings` index entries in total, each weighted by its inverse document frequency. */
function selectiveTerms(terms: readonly string[], { documents, documentsWith }: TermStatistics) {
	const byRarity = terms
		.map((term) => ({ term, documentFrequency: documentsWith.get(term) ?? 0 }))
		.filter(({ documentFrequency }) => documentFrequency > 0)
		.sort((a, b) => a.documentFrequency - b.documentFrequency);
	let postings = 0;
	return byRarity
		.filter(({ documentFrequency }, index) => {
			postings += documentFrequency;
			return index === 0 || postings <= maxPostings;
		})
		.map(({ term, documentFrequency }) => ({ term, weight: Math.log(1 + documents / documentFrequency) }));
}
