import { formsOf } from "../../text/irregularForms.ts";
import { fieldTerms, indexTerms } from "../../text/terms.ts";
import type { NewMemory, PoolQuery, TermStatistics } from "../types.ts";
import type { Reader } from "./database.ts";

/** The most index entries read for one query, unless only a very common term is left. */
const maxPostings = 4000;

/** Weights are sent as multiples of a 67-millionth; the largest possible is below 32. */
const weightUnit = 2 ** 26;

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
 * A query for the `seq`s of memories that contain any (or all) of the terms, with the weight of each: their sum is that
 * of the inverse document frequencies of the terms that a memory contains, in whole numbers, which add up fast and always
 * alike. `$1` is the filter, `$2` how many are wanted. The terms stand in the query, where the planner sees how common they
 * are. They consist of letters, marks and digits; quotes are doubled all the same.
 */
export function wordQuery({
	terms,
	all,
	statistics,
}: Pick<PoolQuery, "terms" | "all" | "statistics">): string | undefined {
	if (terms.length === 0) return undefined;
	const having = (weight: number, condition: string) =>
		`SELECT w.seq, ${Math.round(weight * weightUnit)} AS weight FROM words w WHERE ${condition}`;
	// Where all are worth the same, the newest that the filter lets through are the best.
	const newest = (condition: string) =>
		`(${having(1, condition)} AND (SELECT matches(m, $1) FROM memories m WHERE m.seq = w.seq) ORDER BY w.seq DESC LIMIT $2)`;
	if (all) return newest(terms.map(contains).join(" AND "));
	const [rarest, ...others] = selectiveTerms(terms, statistics);
	if (!rarest) return undefined;
	// A very common term, which stands alone.
	if (rarest.documentFrequency > maxPostings) return newest(contains(rarest.term));
	return [rarest, ...others]
		.map(({ term, weight }) => `(${having(weight, contains(term))})`)
		.join(" UNION ALL ");
}

function contains(term: string): string {
	const forms = formsOf(term).map((form) => `'${form.replaceAll("'", "''")}'`);
	return `w.terms && ARRAY[${forms.join(", ")}]::text[]`;
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
			documentFrequency,
			weight: Math.log(1 + documents / documentFrequency),
		}));
}
