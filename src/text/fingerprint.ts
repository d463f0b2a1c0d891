import { createHash } from "node:crypto";
import { memoize } from "./memoize.ts";

const contractions: readonly (readonly [RegExp, string])[] = [
	[/\bcan['’]t\b/giu, "can not"],
	[/\bwon['’]t\b/giu, "will not"],
	[/\bcannot\b/giu, "can not"],
	[/n['’]t\b/giu, " not"],
	[/\b(it|he|she|that|there|what|who)['’]s\b/giu, "$1 is"],
	[/['’]re\b/giu, " are"],
	[/['’]m\b/giu, " am"],
	[/['’]ve\b/giu, " have"],
	[/['’]ll\b/giu, " will"],
];

/** Phrases that introduce a fact without being part of it. */
const preamble =
	/^\s*(?:(?:ok|okay|hey|well|so|note|(?:please )?remember)(?:[,:;.!]\s+|\s+(?=(?:that|so|i|we|my|our|the user)\b)))+/iu;

/** Articles followed by a word. A capital `A` within a sentence is a name: `plan A`, `vitamin A`. */
const articles =
	/(?<![\p{L}\p{N}_./'’-])(?:[Aa]n|AN|[Tt]he|THE|a|(?<=(?:^|[.!?:;\n])\s*)A)(?=\s+["“'‘(]?[\p{L}\p{N}])/gu;

const ignoredWords = new Set(["that", "please", "also", "just"]);

/**
 * Verbs that are common in facts about people; their -s depends on the subject. A general rule for endings would merge
 * Andrea and Andreas, paste and past, lives and lived, `test/` and `tests/`.
 */
const verbs = new Set(
	`avoid believe belong choose dislike eat enjoy expect feel hate keep know learn like listen live love need own play
	prefer read require say see speak think understand use want wear work write`.split(/\s+/),
);
const irregularVerbs = new Map([
	["has", "have"],
	["does", "do"],
	["goes", "go"],
]);

/**
 * Words, and the signs that distinguish what words alone do not: `C` and `C++`, `-5` and `5`, `v1.2` and `v12`, `a/b` and
 * `a.b`, `x < y` and `x > y`, two emoji. The length of runs of signs is bounded to keep matching linear. A Chinese or
 * Japanese character is a token by itself.
 */
const tokens =
	/[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}ー]|(?:(?![\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}ー])[\p{L}\p{M}\p{N}]|(?<=[\p{L}\p{M}\p{N}])['’](?=[\p{L}\p{N}]))+|[\p{Sm}\p{Sc}\p{So}^%‰&]|(?<=[\p{L}\p{N}])[#*]+|!(?=[=\p{L}\p{N}])|(?<!\p{L})-{1,9}(?=\.?[\p{L}\p{N}])|-{1,9}(?=\p{N})|(?<=\p{N}\s{1,3})-(?=\s{1,3}\p{N})|[./:\\@#_]{1,9}(?=[\p{L}\p{N}])|(?<=\p{N}),(?=\p{N})/gu;

/**
 * Equal for two texts that differ only in case, punctuation, spacing, articles, contractions, verb endings or British
 * and American spelling. Deliberately narrow: a new fact that only looks like an old one must never be dropped as its
 * duplicate, so numbers, names, negations, tenses and word order all count.
 */
export function fingerprint(text: string): string {
	// A save needs it twice: to look for a duplicate, and to store the text.
	if (last?.text !== text) last = { text, hash: hashOf(text) };
	return last.hash;
}

let last: { readonly text: string; readonly hash: string } | undefined;

function hashOf(text: string): string {
	// In a text without lower-case letters, capitals mean nothing.
	let plain = /\p{Ll}/u.test(text) ? text : text.toLowerCase();
	plain = plain
		.replace(/[⁰¹²³⁴-⁹]/gu, "^$&")
		.normalize("NFKC")
		.replace(/[‐‑–−]/gu, "-")
		.replace(/\ufe0f/gu, "")
		.replace(preamble, "");
	for (const [pattern, expansion] of contractions) plain = plain.replace(pattern, expansion);
	const words = (plain.replace(articles, "").match(tokens) ?? [])
		.map(plainWord)
		.filter((token) => !ignoredWords.has(token));
	// A text without words (only symbols or emoji) must match exactly.
	const normalised = words.some((token) => /[\p{L}\p{N}]/u.test(token)) ? words.join(" ") : text.trim();
	return createHash("sha256").update(normalised).digest("base64url");
}

const plainWord = memoize((token: string): string => {
	const word = token.toLowerCase().replaceAll("’", "'").replace(/'s$/u, "");
	const verb =
		word.endsWith("s") && verbs.has(word.slice(0, -1)) ? word.slice(0, -1) : irregularVerbs.get(word);
	return americanSpelling(verb ?? word);
});

function americanSpelling(word: string): string {
	return word
		.replace(/^(\w{2,})our/u, "$1or")
		.replace(/^(\w{3,})is(e|es|ed|er|ers|ing|ation|ations)$/u, "$1iz$2");
}
