import * as l10n from "@vscode/l10n";
import { placeholderIn } from "./placeholders.ts";

/** What pasting brings along; none of it is ever part of a key. */
const slips = (): readonly (readonly [what: string, pattern: RegExp])[] => [
	[l10n.t("characters that cannot be seen"), /[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]+/g],
	[l10n.t("spaces around it"), /^\s+|\s+$/g],
	[l10n.t("quotation marks around it"), /^["'`´“”„‟‘’‚‛«»]+|["'`´“”„‟‘’‚‛«»]+[,;]?$/g],
	[l10n.t("the name in front of it"), /^(?:export\s+)?[A-Z][A-Z0-9_]*_(?:KEY|TOKEN)\s*=\s*/g],
	[l10n.t("the word Bearer in front of it"), /^(?:authorization\s*:\s*)?bearer(?:\s+|:\s*)/gi],
];

/** A key as it can be sent, and what was taken off it; or why it cannot be one. Neither shows anything of it. */
export type ReadKey =
	| { readonly key: string; readonly removed: readonly string[] }
	| { readonly key: undefined; readonly problem: "placeholder" | "character"; readonly why: string };

export function readKey(text: string): ReadKey {
	const removed = new Set<string>();
	let key = text.trim();
	for (let before = ""; before !== key; ) {
		before = key;
		for (const [what, pattern] of slips()) {
			const clean = key.replace(pattern, "");
			if (clean !== key) removed.add(what);
			key = clean;
		}
	}
	const placeholder = placeholderIn(key, { type: "string", secret: true });
	if (placeholder !== undefined) return { key: undefined, problem: "placeholder", why: placeholder };
	const at = [...key].findIndex((sign) => !/[\x21-\x7e]/.test(sign));
	if (key !== "" && at < 0) return { key, removed: [...removed] };
	const sign = [...key][at] ?? "";
	const code = `U+${(sign.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0")}`;
	const why = key === "" ? l10n.t("nothing of it is left") : l10n.t`${code} is at position ${at + 1}`;
	return { key: undefined, problem: "character", why };
}

/** Why a text cannot be a key, as a sentence. */
export function keyProblem(text: string): string | undefined {
	const read = readKey(text);
	if (read.key !== undefined) return undefined;
	if (read.problem === "placeholder") return l10n.t("This is a placeholder, not a key.");
	return l10n.t`A key has printable ASCII characters and no spaces; ${read.why}.`;
}
