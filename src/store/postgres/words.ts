import { formsOf } from "../../text/irregularForms.ts";
import { fieldTerms, indexTerms } from "../../text/terms.ts";
import type { NewMemory, PoolQuery, TermStatistics } from "../types.ts";
import type { Reader } from "./database.ts";

/** The most index entries read for one query, or for one term if only a very common one is left. */
const maxPostings = 4000;

/** The distinct terms of a memory's text, and of its metadata and project. */
export function termsOf(memory: Pick<NewMemory, "text" | "metadata" | "project">): readonly string[] {
	return [...new Set([...indexTerms(memory.text), ...fieldTerms(memory)])];
}

export async function termStatistics(reader: Reader, terms: readonly string[]): Promise<TermStatistics> {
	const forms = new Map(terms.map((term) => [term, formsOf(term)]));
	const rows = await reader.all<{ form: string | null; n: number }>(
		`SELECT NULL AS form, coalesce(sum(n), 0)::bigint AS n FROM {s}.tallies
		UNION ALL SELECT term, sum(n)::bigint FROM {s}.term_counts WHERE term = ANY (:forms::text[]) GROUP BY term`,
		{ forms: [...new Set([...forms.values()].flat())] },
	);
	const counts = new Map(rows.map(({ form, n }) => [form, n]));
	return {
		documents: counts.get(null) ?? 0,
		documentsWith: new Map(
			[...forms].map(([term, own]) => [term, own.reduce((sum, form) => sum + (counts.get(form) ?? 0), 0)]),
		),
	};
}

/**
 * A query for the `seq`s of memories that contain any (or all) of the terms, with the weight of each: their sum is the
 * inverse document frequencies of the terms that a memory contains. The terms stand in the query, where the planner sees
 * how common they are. They consist of letters, marks and digits; quotes are doubled all the same.
 */
export function wordQuery({
	terms,
	all,
	statistics,
}: Pick<PoolQuery, "terms" | "all" | "statistics">): string | undefined {
	if (terms.length === 0) return undefined;
	if (all) {
		const conditions = terms.map((term) => `terms && ${arrayOf(formsOf(term))}`).join(" AND ");
		return `(SELECT seq, 1.0::float8 AS weight, 0 AS ord FROM words WHERE ${conditions} ORDER BY seq DESC LIMIT ${maxPostings})`;
	}
	const queries = selectiveTerms(terms, statistics).map(({ term, weight, isCommon }, ord) => {
		const any = `SELECT w.seq, ${weight}::float8 AS weight, ${ord} AS ord FROM words w WHERE w.terms && ${arrayOf(formsOf(term))}`;
		// Of a very common term, the newest that the filter lets through.
		return isCommon
			? `(${any} AND (SELECT matches(m, $1) FROM memories m WHERE m.seq = w.seq) ORDER BY w.seq DESC LIMIT ${maxPostings})`
			: `(${any})`;
	});
	return queries.length === 0 ? undefined : queries.join(" UNION ALL ");
}

function arrayOf(words: readonly string[]): string {
	return `ARRAY[${words.map((word) => `'${word.replaceAll("'", "''")}'`).join(", ")}]::text[]`;
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
		.map(({ term, documentFrequency }) => ({
			term,
			weight: Math.log(1 + documents / documentFrequency),
			isCommon: documentFrequency > maxPostings,
		}));
}
