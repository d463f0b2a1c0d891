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

/** What people put before the fact itself. */
const opening =
	/^\s*(?:(?:ok|okay|hey|well|so|note|(?:please )?remember)(?:[,:;.!]\s+|\s+(?=(?:that|so|i|we|my|our|the user)\b)))+/iu;

/** Articles with a word behind them. A capital `A` within a sentence is a name: `plan A`, `vitamin A`. */
const articles =
	/(?<![\p{L}\p{N}_./'’-])(?:[Aa]n|AN|[Tt]he|THE|a|(?<=(?:^|[.!?:;\n])\s*)A)(?=\s+["“'‘(]?[\p{L}\p{N}])/gu;

const weightless = new Set(["that", "please", "also", "just"]);

/**
 * Verbs that facts about people are told with; their -s comes and goes with the subject. No rule strips endings in
 * general: it would make one of Andrea and Andreas, paste and past, lives and lived, `test/` and `tests/`.
 */
const verbs = new Set(
	`avoid believe belong choose dislike eat enjoy expect feel hate keep know learn like listen live love need own play
	prefer read require say see speak think understand use want wear work write`.split(/\s+/),
);
const irregular = new Map([
	["has", "have"],
	["does", "do"],
	["goes", "go"],
]);

/**
 * The words, and the signs that tell apart what words alone do not, in order: `C` and `C++`, `-5` and `5`, `v1.2` and
 * `v12`, `a/b` and `a.b`, `x < y` and `x > y`, one emoji and another. Runs of signs are bounded, which keeps the
 * search linear. Chinese and Japanese by the character.
 */
const tokens =
	/[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}ー]|(?:(?![\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}ー])[\p{L}\p{M}\p{N}]|(?<=[\p{L}\p{M}\p{N}])['’](?=[\p{L}\p{N}]))+|[\p{Sm}\p{Sc}\p{So}^%‰&]|(?<=[\p{L}\p{N}])[#*]+|!(?=[=\p{L}\p{N}])|(?<!\p{L})-{1,9}(?=\.?[\p{L}\p{N}])|-{1,9}(?=\p{N})|(?<=\p{N}\s{1,3})-(?=\s{1,3}\p{N})|[./:\\@#_]{1,9}(?=[\p{L}\p{N}])|(?<=\p{N}),(?=\p{N})/gu;

/**
 * Equal for two texts that say the same in the same order, whatever their case, punctuation, spacing, articles,
 * contractions, endings of verbs and British or American spelling. Deliberately narrow: a new fact that only looks
 * like an old one must never be dropped as its duplicate, so numbers, names, negations, tenses and word order all count.
 */
export function fingerprint(text: string): string {
	// A save asks for it twice: as its text is looked for, and as it is stored.
	if (last?.text !== text) last = { text, print: made(text) };
	return last.print;
}

let last: { readonly text: string; readonly print: string } | undefined;

function made(text: string): string {
	// A text in capitals only says nothing by them.
	let plain = /\p{Ll}/u.test(text) ? text : text.toLowerCase();
	plain = plain
		.replace(/[⁰¹²³⁴-⁹]/gu, "^$&")
		.normalize("NFKC")
		.replace(/[‐‑–−]/gu, "-")
		.replace(/\ufe0f/gu, "")
		.replace(opening, "");
	for (const [pattern, words] of contractions) plain = plain.replace(pattern, words);
	const said = (plain.replace(articles, "").match(tokens) ?? [])
		.map(plainWord)
		.filter((token) => !weightless.has(token));
	// A text without a single word (symbols, emoji) is compared as it stands.
	const compared = said.some((token) => /[\p{L}\p{N}]/u.test(token)) ? said.join(" ") : text.trim();
	return createHash("sha256").update(compared).digest("base64url");
}

const plainWord = memoize((token: string): string => {
	const word = token.toLowerCase().replaceAll("’", "'").replace(/'s$/u, "");
	const verb = word.endsWith("s") && verbs.has(word.slice(0, -1)) ? word.slice(0, -1) : irregular.get(word);
	return americanSpelling(verb ?? word);
});

function americanSpelling(word: string): string {
	return word
		.replace(/^(\w{2,})our/u, "$1or")
		.replace(/^(\w{3,})is(e|es|ed|er|ers|ing|ation|ations)$/u, "$1iz$2");
}
