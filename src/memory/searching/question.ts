import type { TermStatistics } from "../../store/types.ts";
import { baseForm } from "../../text/irregularForms.ts";
import { indexTerms, queryTerms } from "../../text/terms.ts";
import { type AskedTime, askedTimes, asksWhen, isOfDate } from "../../text/timeExpressions.ts";

/** What can be told of a query without looking at any memory. */
export interface Question {
	readonly text: string;
	/** Base forms of the words that say something, each once. */
	readonly terms: readonly string[];
	/** It holds nothing but filler; a match means something only when all terms are there. */
	readonly filler: boolean;
	/** The terms as they were written, for people. */
	readonly written: ReadonlyMap<string, string>;
	/** Those of the terms that say which time is meant, where one is: they are compared with the time of a memory. */
	readonly ofTime: ReadonlySet<string>;
	/** Those of the others that are written as names. */
	readonly names: ReadonlySet<string>;
	readonly asksWhen: boolean;
	readonly times: readonly AskedTime[];
}

/** @param now ms since 1970, from which "last week" is counted. */
export function understood(text: string, now?: number): Question {
	const { terms, filler } = queryTerms(text);
	const words = text.match(/[\p{L}\p{M}\p{N}'’]+/gu) ?? [];
	const written = new Map(words.flatMap((word) => indexTerms(word).map((term) => [baseForm(term), word])));
	const capitals = words
		.filter((word) => /^\p{Lu}/u.test(word))
		.flatMap(indexTerms)
		.map(baseForm);
	const names = new Set(capitals);
	const times = askedTimes(text, now);
	const ofTime = new Set(terms.filter((term) => times.length > 0 && isOfDate(written.get(term) ?? term)));
	return {
		text,
		terms,
		filler,
		written,
		ofTime,
		names: new Set(terms.filter((term) => names.has(term) && !ofTime.has(term))),
		asksWhen: asksWhen(text),
		times,
	};
}

/** A name that more than this share of the memories hold does not tell them apart. */
const common = 0.1;
/** In fewer memories shares mean nothing. */
const leastMemories = 20;

/**
 * The query without the names that very many memories hold: a small embedding model makes so much of them that it
 * hardly sees what is asked about them. Their words still count. The first word stays, which is written like a name.
 */
export function withoutCommonNames(text: string, { documents, documentsWith }: TermStatistics): string {
	if (documents < leastMemories) return text;
	const words = text.split(/\s+/);
	const kept = words.filter((word, index) => {
		if (index === 0 || !/^[\p{P}]*\p{Lu}/u.test(word)) return true;
		const terms = indexTerms(word).map(baseForm);
		return !terms.some((term) => (documentsWith.get(term) ?? 0) > common * documents);
	});
	return kept.length === words.length || kept.length < 2 ? text : kept.join(" ");
}
