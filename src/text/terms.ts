import { stemmer } from "stemmer";
import { baseForm } from "./irregularForms.ts";
import { memoize } from "./memoize.ts";

/** Words of English questions that say nothing about their subject. Indexed, but ignored in a query with better words. */
const stopWords = new Set(
	`a an and any are as at be been being but by can could did do does doing for from had has have he her hers him
	his how i if in into is it its me my of on or our ours she should so such than that the their them then there
	these they this those to was we were what when where which who whom why will with would you your yours about
	please tell know remember anything something`
		.split(/\s+/)
		.map(stem),
);

/** Scripts without spaces, indexed by pairs of characters. */
const ideographs = "\\p{Script=Han}\\p{Script=Hiragana}\\p{Script=Katakana}ー";
/** Scripts without spaces whose syllables make pairs of characters meaningless; indexed by dictionary words. */
const syllables = "\\p{Script=Thai}\\p{Script=Lao}\\p{Script=Khmer}\\p{Script=Myanmar}";
const ideographic = new RegExp(`[${ideographs}]`, "u");
const syllabic = new RegExp(`[${syllables}]`, "u");
const runs = new RegExp(`[${ideographs}]+|[${syllables}]+|[^ ${ideographs}${syllables}]+`, "gu");
const ascii = /^[\t\n\r -~]*$/;
const asciiGaps = /[^A-Za-z0-9']+/;
const gaps = /[^\p{L}\p{M}\p{N}'’]+/gu;

let segmenter: Intl.Segmenter | undefined;

/**
 * The index terms of a text, in order and with repeats: lower case, without diacritics, English words stemmed (Porter),
 * `camelCase` names also split into their parts, Chinese and Japanese as characters and pairs of them, Thai and related
 * scripts as dictionary words. Terms consist of letters, marks and digits only, so that FTS5's tokenizer leaves them
 * unchanged when they are joined by spaces.
 */
export function indexTerms(text: string): string[] {
	return termsOf(text, true);
}

/**
 * The distinct terms to search for, in base form (see irregularForms.ts), without stop words. A query of stop words only
 * keeps them (`onlyStopWords`); a match is then meaningful only if it contains all terms.
 */
export function queryTerms(query: string): {
	readonly terms: readonly string[];
	readonly onlyStopWords: boolean;
} {
	const content = contentTerms(query);
	const onlyStopWords = content.length === 0;
	const terms = onlyStopWords ? [...new Set(termsOf(query, false).map(baseForm))] : content;
	return { terms: terms.slice(0, maxQueryTerms), onlyStopWords };
}

/** The distinct terms that say something about the subject of a text, in base form. */
export function contentTerms(text: string): string[] {
	const terms = termsOf(text, false).filter((term) => !stopWords.has(term));
	return [...new Set(terms.map(baseForm))];
}

/** The terms of a memory's short metadata values and its project's name, which searches find as well. */
export function fieldTerms(memory: {
	readonly metadata?: Readonly<Record<string, unknown>>;
	readonly project?: { readonly name: string };
}): string[] {
	const values = Object.values(memory.metadata ?? {}).flat();
	const short = values.filter((value) => typeof value === "string" && value.length <= maxFieldLength);
	return [...(short as string[]), ...(memory.project ? [memory.project.name] : [])].flatMap(indexTerms);
}

/** In characters; a longer value is more likely a text than a name, a tag or a place. */
const maxFieldLength = 80;

/** More terms make a query slower, not better. */
const maxQueryTerms = 48;

function termsOf(text: string, forIndex: boolean): string[] {
	const terms: string[] = [];
	// Most texts are ASCII: this finds the same words as below in half the time.
	if (ascii.test(text)) {
		for (const run of text.split(asciiGaps)) if (run !== "") terms.push(...wordTerms(run));
		return terms;
	}
	for (const [run] of text.normalize("NFKC").replace(gaps, " ").matchAll(runs)) {
		if (ideographic.test(run)) {
			terms.push(...characterPairs(run, forIndex));
		} else if (syllabic.test(run)) {
			terms.push(...dictionaryWords(run));
		} else {
			terms.push(...wordTerms(run));
		}
	}
	return terms;
}

const wordTerms = memoize((run): readonly string[] => {
	const word = run.replace(/['’]s$/iu, "").replace(/['’]/gu, "");
	const whole = stem(word);
	const parts = /\p{Ll}\p{Lu}/u.test(word) ? word.split(/(?<=\p{Ll})(?=\p{Lu})/u) : [];
	// Empty for apostrophes alone and for diacritics without a letter.
	return whole === "" ? [] : [whole, ...parts.map(stem)];
});

function stem(word: string): string {
	const lower = word
		.toLowerCase()
		.normalize("NFD")
		.replace(/[\u0300-\u036f]/gu, "")
		.normalize("NFC")
		// FTS5 treats the two forms of sigma as one.
		.replaceAll("ς", "σ");
	return /^[a-z]{3,}$/.test(lower) ? stemmer(lower) : lower;
}

function characterPairs(run: string, forIndex: boolean): string[] {
	const characters = [...run];
	const pairs = characters.slice(1).map((character, index) => `${characters[index]}${character}`);
	return forIndex || pairs.length === 0 ? [...characters, ...pairs] : pairs;
}

function dictionaryWords(run: string): string[] {
	segmenter ??= new Intl.Segmenter("th", { granularity: "word" });
	return [...segmenter.segment(run)]
		.filter((part) => part.isWordLike)
		.map((part) => part.segment.toLowerCase());
}
