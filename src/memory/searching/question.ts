import type { TermStatistics } from "../../store/types.ts";
import { baseForm } from "../../text/irregularForms.ts";
import { indexTerms, queryTerms } from "../../text/terms.ts";
import { asksWhen, isDatePart, type TimeMatcher, timeMatchers } from "../../text/timeExpressions.ts";

/** What a query says by itself, before any memory is read. */
export interface Question {
	readonly text: string;
	/** Distinct base forms of the query's words, without stop words. */
	readonly terms: readonly string[];
	/** The query has only stop words, which `terms` then keeps: a match is meaningful only if it contains all of them. */
	readonly onlyStopWords: boolean;
	/** The words of the query by term, for people. */
	readonly written: ReadonlyMap<string, string>;
	/** The terms that name a time: a memory's own time is compared with them, not its words. */
	readonly timeTerms: ReadonlySet<string>;
	readonly asksWhen: boolean;
	readonly times: readonly TimeMatcher[];
}

/** @param now ms since 1970, the reference for "last week". */
export function parseQuestion(text: string, now?: number): Question {
	const { terms, onlyStopWords } = queryTerms(text);
	const words = text.match(/[\p{L}\p{M}\p{N}'’]+/gu) ?? [];
	const written = new Map(words.flatMap((word) => indexTerms(word).map((term) => [baseForm(term), word])));
	const times = timeMatchers(text, now);
	const timeTerms = new Set(
		terms.filter((term) => times.length > 0 && isDatePart(written.get(term) ?? term)),
	);
	return {
		text,
		terms,
		onlyStopWords,
		written,
		timeTerms,
		asksWhen: asksWhen(text),
		times,
	};
}

/** A name in more than this share of the memories does not distinguish them. */
const commonShare = 0.1;
/** With fewer memories, shares are meaningless. */
const minMemories = 20;

function mayBeName(word: string, index: number): boolean {
	return index > 0 && /^[\p{P}]*\p{Lu}/u.test(word);
}

/** Whether `withoutCommonNames` may leave any out. */
export function mayHaveNames(text: string): boolean {
	return text.split(/\s+/).some(mayBeName);
}

/**
 * The query without names that very many memories contain: a small embedding model gives them so much weight that it
 * hardly sees the rest of the question. Search by words still uses them. The first word stays, because it is always
 * capitalised.
 */
export function withoutCommonNames(text: string, { documents, documentsWith }: TermStatistics): string {
	if (documents < minMemories) return text;
	const words = text.split(/\s+/);
	const kept = words.filter((word, index) => {
		if (!mayBeName(word, index)) return true;
		const terms = indexTerms(word).map(baseForm);
		return !terms.some((term) => (documentsWith.get(term) ?? 0) > commonShare * documents);
	});
	return kept.length === words.length || kept.length < 2 ? text : kept.join(" ");
}
