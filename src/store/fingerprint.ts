import { createHash } from "node:crypto";
import { indexTerms } from "./terms.ts";

/** Words that can come or go without changing what a sentence says. Negations, tenses and numbers are not among them. */
const weightless = new Set([
	"a",
	"an",
	"the",
	"that",
	"pleas",
	"also",
	"so",
	"well",
	"just",
	"ok",
	"hey",
	"rememb",
	"note",
]);

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

/**
 * Equal for two texts that say the same in the same order, whatever their case, punctuation, spacing, articles,
 * contractions, endings of words and British or American spelling. Deliberately narrow: a new fact that only looks like an old one
 * must never be dropped as its duplicate, so numbers, names, negations and word order all count.
 */
export function fingerprint(text: string): string {
	let plain = text;
	for (const [pattern, words] of contractions) plain = plain.replace(pattern, words);
	const terms = indexTerms(plain).filter((term) => !weightless.has(term));
	const said = terms.map(americanSpelling).join(" ");
	const marks = meaningfulMarks(plain);
	// A text without a single word (symbols, emoji) is compared as it stands.
	return createHash("sha256")
		.update(terms.length > 0 ? `${said}\n${marks}` : text.trim())
		.digest("base64url");
}

/** Stems in -our and -is(e) as American English has them. */
function americanSpelling(stem: string): string {
	return stem
		.replace(/^(\w{2,})our/u, "$1or")
		.replace(/^(\w{3,})is$/u, "$1iz")
		.replace(/^grey$/u, "gray");
}

/** Signs that tell apart what the words alone do not: `C` and `C++`, `-5` and `5`, `v1.2` and `v12`, `a/b` and `a.b`. */
function meaningfulMarks(text: string): string {
	return (
		text
			.normalize("NFKC")
			.match(
				/(?<=[\p{L}\p{N}])[+#*]+|[-−+<>=!~^$€£%&|]+(?=[\p{L}\p{N}])|(?<=\p{N})[%°$€£]|(?<=[\p{L}\p{N}_])[./:\\@_](?=[\p{L}\p{N}_])/gu,
			) ?? []
	).join("");
}
