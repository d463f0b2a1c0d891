import { formsOf } from "../../text/irregularForms.ts";
import { fieldTerms, indexTerms } from "../../text/terms.ts";
import type { NewMemory, TermStatistics } from "../types.ts";
import type { Reader } from "./database.ts";

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
 * What `pool` in searchFunction.ts makes its query for words of: all forms of the terms, with the places of their terms,
 * and a condition for each term. The terms stand in the query, where the planner sees how common they are. They consist of
 * letters, marks and digits; quotes are doubled all the same.
 */
export function termParameters(terms: readonly string[]) {
	const forms = terms.map(formsOf);
	return {
		forms: forms.flat(),
		formTerms: forms.flatMap((own, index) => own.map(() => index + 1)),
		conditions: forms.map(
			(own) => `w.terms && ARRAY[${own.map((form) => `'${form.replaceAll("'", "''")}'`).join(", ")}]::text[]`,
		),
	};
}
