import { fingerprint } from "../../text/fingerprint.ts";
import { contentTerms } from "../../text/terms.ts";
import { fillers } from "../searching/nearDuplicates.ts";

/** How two texts about the same relate. */
export type Relation = "same" | "contradiction" | undefined;

/** Words whose presence turns a text into its opposite. */
const negations =
	/\b(?:not|no|never|none|without|cannot|\w+n['’]t|avoid|stop(?:ped)?|nicht|kein\w*|nie|ne|jamais|nunca)\b/giu;
const numbers = /\d+(?:[.,:]\d+)*/g;
/** In texts with these, the order of the others says which is which: "pnpm, not npm". */
const ordering = /\b(?:not|over|than|instead|rather|before|after|until|unless)\b|\bfrom\b.*\bto\b/iu;
/** Words of the longest values that stand for one another: "tabs", "two spaces", "the main branch only". */
const longestValue = 4;
/** Words after them that are the same: "tabs for indentation". */
const longestEnd = 3;
/** What follows these belongs to the subject as often as to what is said of it. */
const prepositions = new Set(["of", "in", "on", "at", "by", "for", "from", "to", "with", "and", "or"]);
/** The part of the terms that texts share which say the same in other words. */
const sameFrom = 0.75;

/** A text with what is compared of it. */
export interface ComparableText {
	readonly text: string;
	/** The words that say something, in the order of the text. */
	readonly terms: ReadonlySet<string>;
	readonly words: readonly string[];
	readonly numbers: string;
	readonly negations: number;
}

export function comparableText(text: string): ComparableText {
	return {
		text,
		terms: new Set(contentTerms(text).filter((term) => !fillers.has(term))),
		words: wordsOf(text),
		numbers: (text.match(numbers) ?? []).toSorted().join(" "),
		negations: text.match(negations)?.length ?? 0,
	};
}

/**
 * Compares two texts that share many words. A number, a negation or a name that only one has makes another fact, so only
 * texts that differ in words which say little by themselves are the same. Two texts contradict each other if they begin
 * alike and end with different values, or if only one is negated.
 */
export function relationOf(one: ComparableText, other: ComparableText): Relation {
	const left = countOfOthers(one.terms, other.terms);
	const right = countOfOthers(other.terms, one.terms);
	if (left + right === 0 && fingerprint(one.text) === fingerprint(other.text)) return "same";
	const negated = one.negations !== other.negations;
	const sameNumbers = one.numbers === other.numbers;
	if (left + right === 0 && ordering.test(one.text) && ordering.test(other.text)) {
		const sameOrder = [...one.terms].join(" ") === [...other.terms].join(" ");
		return sameOrder && !negated && sameNumbers ? "same" : "contradiction";
	}
	// "The linter is Biome" and "The linter is ESLint": each has something that the other has not.
	const bothHaveOwn = left > 0 && right > 0;
	const alike = sharedPart(one.terms, other.terms) >= sameFrom;
	if (alike && sameNumbers && !negated && !bothHaveOwn) return "same";
	if (negated && sameNumbers && left + right <= 2) return "contradiction";
	return valuesDiffer(one.words, other.words) ? "contradiction" : undefined;
}

/** The least part of the terms that texts share which say the same in other words, if their vectors say so, too. */
const sharedFrom = 0.5;

/**
 * Whether two texts that are near in meaning may say the same in other words. Texts that differ in one place only are about
 * different things, however near they are: "the staging server is slow", "the production server is slow".
 */
export function mayBeParaphrases(one: ComparableText, other: ComparableText): boolean {
	if (one.numbers !== other.numbers || one.negations !== other.negations) return false;
	if (ordering.test(one.text) && ordering.test(other.text)) return false;
	return sharedPart(one.terms, other.terms) >= sharedFrom && !differInOnePlace(one.words, other.words);
}

function differInOnePlace(left: readonly string[], right: readonly string[]): boolean {
	const shorter = Math.min(left.length, right.length);
	let alike = 0;
	while (alike < shorter && left[alike] === right[alike]) alike += 1;
	let end = 0;
	while (end < shorter - alike && left.at(-1 - end) === right.at(-1 - end)) end += 1;
	return alike + end >= 2 && Math.max(left.length, right.length) - alike - end <= longestValue;
}

/** Jaccard's measure: the part of all terms that both have, from 0 to 1. */
export function sharedPart(one: ReadonlySet<string>, other: ReadonlySet<string>): number {
	const both = one.size - countOfOthers(one, other);
	const all = one.size + other.size - both;
	return all === 0 ? 0 : both / all;
}

/** Whether the texts begin with the same words, a subject and what is said of it, and go on with different values. */
function valuesDiffer(left: readonly string[], right: readonly string[]): boolean {
	const shorter = Math.min(left.length, right.length);
	let start = 0;
	while (start < shorter && left[start] === right[start]) start += 1;
	let end = 0;
	while (end < shorter - start && left.at(-1 - end) === right.at(-1 - end)) end += 1;
	const values = [left, right].map((words) => words.slice(start, words.length - end));
	if (start < 2 || end > longestEnd) return false;
	if (values.some(({ length }) => length === 0 || length > longestValue)) return false;
	return end === 0 || !prepositions.has(left[start - 1] ?? "");
}

const articles = new Set(["a", "an", "the"]);

function wordsOf(text: string): readonly string[] {
	return (
		text
			.toLowerCase()
			.match(/[\p{L}\p{M}\p{N}][\p{L}\p{M}\p{N}.:/'’_-]*/gu)
			?.map((word) => word.replace(/[.:]+$/, ""))
			.filter((word) => !articles.has(word) && !fillers.has(word)) ?? []
	);
}

function countOfOthers(terms: ReadonlySet<string>, others: ReadonlySet<string>): number {
	let count = 0;
	for (const term of terms) if (!others.has(term)) count += 1;
	return count;
}
