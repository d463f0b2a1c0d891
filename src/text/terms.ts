import { baseForm } from "./irregularForms.ts";
import {
	commonWordsOf,
	type Language,
	languageOfScript,
	languagesOfWord,
	likeliestLanguage,
} from "./language.ts";
import { memoize } from "./memoize.ts";
import { stem } from "./stemming.ts";

/** Words of English questions that say nothing about their subject. Indexed, but ignored in a query with better words. */
const stopWords = new Set(
	`a an and any are as at be been being but by can could did do does doing for from had has have he her hers him
	his how i if in into is it its me my of on or our ours she should so such than that the their them then there
	these they this those to was we were what when where which who whom why will with would you your yours about
	please tell know remember anything something`
		.split(/\s+/)
		.map((word) => stem(word, "en")),
);

/** Scripts without spaces, and Korean, whose words carry their particles: indexed by pairs of characters. */
const ideographs = "\\p{Script=Han}\\p{Script=Hiragana}\\p{Script=Katakana}\\p{Script=Hangul}ー";
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
 * The index terms of a text, in order and with repeats: lower case, without diacritics, stemmed by the text's language,
 * `camelCase` names also split into their parts, Chinese, Japanese and Korean as characters and pairs of them, Thai and
 * related scripts as dictionary words. Terms consist of letters, marks and digits only, so that FTS5's tokenizer leaves them
 * unchanged when they are joined by spaces.
 */
export function indexTerms(text: string): string[] {
	return read(text, true).terms;
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
	const terms = onlyStopWords ? [...new Set(read(query, false).terms.map(baseForm))] : content;
	return { terms: terms.slice(0, maxQueryTerms), onlyStopWords };
}

/** The distinct terms that say something about the subject of a text, in base form. */
export function contentTerms(text: string): string[] {
	const { terms, language } = read(text, false);
	const stops = stopTerms(language);
	const content = terms.filter((term) => !stopWords.has(term) && !stops.has(term));
	return [...new Set(content.map(baseForm))];
}

const stopTermsOf = new Map<Language, ReadonlySet<string>>();

/** The commonest words of a language other than English. */
function stopTerms(language: Language): ReadonlySet<string> {
	let terms = stopTermsOf.get(language);
	if (!terms) {
		terms = new Set(language === "en" ? [] : commonWordsOf(language).map((word) => stem(word, language)));
		stopTermsOf.set(language, terms);
	}
	return terms;
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

interface Reading {
	readonly language: Language;
	readonly terms: string[];
}

function read(text: string, forIndex: boolean): Reading {
	// Most texts are ASCII, and English: this finds the same words as below in half the time.
	if (ascii.test(text)) {
		const words = text.split(asciiGaps);
		const told: (readonly Language[])[] = [];
		const terms: string[] = [];
		for (const word of words) {
			if (word === "") continue;
			const { languages, english } = knownWord(word);
			told.push(languages);
			for (const term of english) terms.push(term);
		}
		const language = likeliestLanguage(told);
		return { language, terms: language === "en" ? terms : words.flatMap(termsOfWord(language)) };
	}
	const found = [...text.normalize("NFKC").replace(gaps, " ").matchAll(runs)].map(([run]) => run);
	const language = likeliestLanguage(found.map((run) => knownWord(run).languages));
	const terms = found.flatMap((run) => {
		if (ideographic.test(run)) return characterPairs(run, forIndex);
		if (syllabic.test(run)) return dictionaryWords(run);
		return termsOfWord(languageOfScript(run) ?? language)(run);
	});
	return { language, terms };
}

const termsOfWords = new Map<Language, (word: string) => readonly string[]>();

function termsOfWord(language: Language): (word: string) => readonly string[] {
	const known = termsOfWords.get(language);
	if (known) return known;
	const compute = memoize((run): readonly string[] => {
		const word = run.replace(/['’]s$/iu, "").replace(/['’]/gu, "");
		const whole = stem(word, language);
		// Empty for apostrophes alone and for diacritics without a letter.
		return whole === "" ? [] : [whole, ...partsOf(word).map((part) => stem(part, language))];
	});
	termsOfWords.set(language, compute);
	return compute;
}

const knownWord = memoize((run) => ({ languages: languagesOfWord(run), english: termsOfWord("en")(run) }));

/** Between the parts of `camelCase` and `HTTPServer`. */
const joints = /(?<=\p{Ll})(?=\p{Lu})|(?<=\p{Lu})(?=\p{Lu}\p{Ll})/u;
const pieces = /[\p{L}\p{M}]+|\p{N}+/gu;
/** A name with its number has so many pieces at most: `node24`, `v8`, `utf8mb4`. A hash has more. */
const maxPieces = 4;

function partsOf(word: string): string[] {
	const parts = word.split(joints).flatMap((name) => {
		const found = name.match(pieces) ?? [];
		return found.length > maxPieces ? [name] : found;
	});
	return parts.length <= 1 ? [] : parts.filter((part) => part.length > 1 || /\p{N}/u.test(part));
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
