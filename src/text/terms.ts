import { stemmer } from "stemmer";
import { baseForm } from "./irregularForms.ts";
import { memoize } from "./memoize.ts";

/**
 * Words of English questions that say nothing about their subject. They are indexed like any other word, and
 * ignored in a query that has better ones.
 */
const stopWords = new Set(
	`a an and any are as at be been being but by can could did do does doing for from had has have he her hers him
	his how i if in into is it its me my of on or our ours she should so such than that the their them then there
	these they this those to was we were what when where which who whom why will with would you your yours about
	please tell know remember anything something`
		.split(/\s+/)
		.map(stem),
);

/** Scripts written without spaces whose words are best found by pairs of characters. */
const ideographs = "\\p{Script=Han}\\p{Script=Hiragana}\\p{Script=Katakana}ー";
/** Scripts written without spaces whose syllables make pairs of characters meaningless. */
const syllables = "\\p{Script=Thai}\\p{Script=Lao}\\p{Script=Khmer}\\p{Script=Myanmar}";
const ideographic = new RegExp(`[${ideographs}]`, "u");
const unspaced = new RegExp(`[${syllables}]`, "u");
const runs = new RegExp(`[${ideographs}]+|[${syllables}]+|[^ ${ideographs}${syllables}]+`, "gu");
/** ASCII only. */
const plain = /^[\t\n\r -~]*$/;
const plainGaps = /[^A-Za-z0-9']+/;
const gaps = /[^\p{L}\p{M}\p{N}'’]+/gu;

let segmenter: Intl.Segmenter | undefined;

/**
 * The index terms of a text, in order, repeats kept: lower case, without diacritics, English words stemmed
 * (Porter), `camelCase` names also by their parts, Chinese and Japanese as characters and pairs of them, Thai and
 * its relatives by dictionary words. Terms hold letters, marks and digits only, so that joined by spaces they pass
 * through FTS5's tokenizer as they are.
 */
export function indexTerms(text: string): string[] {
	return termsOf(text, true);
}

/**
 * The distinct terms to look for, each in its base form (see irregularForms.ts), most of a question's filler left out. A
 * query of filler only keeps it: `filler` then tells that a match means something only when all terms are there.
 */
export function queryTerms(query: string): { readonly terms: readonly string[]; readonly filler: boolean } {
	const all = [...new Set(termsOf(query, false))];
	const telling = all.filter((term) => !stopWords.has(term));
	const filler = telling.length === 0;
	const terms = new Set((filler ? all : telling).map(baseForm));
	return { terms: [...terms].slice(0, maxQueryTerms), filler };
}

/** What a memory says of itself besides its text and can be found by: short values of its metadata, its project's name. */
export function fieldTerms(memory: {
	readonly metadata?: Readonly<Record<string, unknown>>;
	readonly project?: { readonly name: string };
}): string[] {
	const values = Object.values(memory.metadata ?? {}).flat();
	const short = values.filter((value) => typeof value === "string" && value.length <= longestField);
	return [...(short as string[]), ...(memory.project ? [memory.project.name] : [])].flatMap(indexTerms);
}

/** Characters; a longer value is rather a document of its own than a name, a tag or a place. */
const longestField = 80;

/** More terms than this make a query slower, not better. */
const maxQueryTerms = 48;

function termsOf(text: string, forIndex: boolean): string[] {
	const terms: string[] = [];
	// Most texts: the same words as below finds, in half the time.
	if (plain.test(text)) {
		for (const run of text.split(plainGaps)) if (run !== "") terms.push(...wordTerms(run));
		return terms;
	}
	for (const [run] of text.normalize("NFKC").replace(gaps, " ").matchAll(runs)) {
		if (ideographic.test(run)) {
			terms.push(...characterPairs(run, forIndex));
		} else if (unspaced.test(run)) {
			terms.push(...dictionaryWords(run));
		} else {
			terms.push(...wordTerms(run));
		}
	}
	return terms;
}

/** The terms of one word. */
const wordTerms = memoize((run): readonly string[] => {
	const word = run.replace(/['’]s$/iu, "").replace(/['’]/gu, "");
	const whole = stem(word);
	const parts = /\p{Ll}\p{Lu}/u.test(word) ? word.split(/(?<=\p{Ll})(?=\p{Lu})/u) : [];
	// Nothing, for apostrophes alone and for diacritics without a letter.
	return whole === "" ? [] : [whole, ...parts.map(stem)];
});

function stem(word: string): string {
	const lower = word
		.toLowerCase()
		.normalize("NFD")
		.replace(/[\u0300-\u036f]/gu, "")
		.normalize("NFC")
		// FTS5 knows the two forms of sigma as one.
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
