import type { Memory } from "../../store/types.ts";
import { inJson, oneLine } from "../../text/inert.ts";
import { ageOf } from "../../text/wording.ts";

/** Characters of a memory that are shown. */
const longestText = 400;

/** A memory in a text for a model: in quotes that it cannot leave, nor the tags that a client puts around it. */
export function lineOf({ text, updatedAt }: Pick<Memory, "text" | "updatedAt">, now?: number): string {
	return `- ${quotedForModel(text, longestText)} (${ageOf(updatedAt, now)})`;
}

export function quotedForModel(text: string, longest: number): string {
	const inTags = { "<": "\\u003c", ">": "\\u003e" };
	return inJson(oneLine(text, longest)).replace(/[<>]/g, (sign) => inTags[sign as keyof typeof inTags]);
}

/**
 * Tokens of a text, rather more than fewer than models count. Words that a model does not know are cut into pieces, those
 * with capitals inside into small ones; a sign, and a letter of another script, is one.
 */
export function tokensOf(text: string): number {
	let count = 0;
	for (const [piece] of text.matchAll(/[A-Za-z]+|\d+|[^\sA-Za-z\d]|\n/gu))
		if (/^.[a-z]*$/.test(piece)) count += Math.ceil(piece.length / 4);
		else if (/^[A-Za-z\d]/.test(piece)) count += Math.ceil(piece.length / 2);
		// A character outside of the basic plane is made of bytes.
		else count += piece.length > 1 ? 4 : 1;
	return count;
}

/** The lines that fit into so many tokens, the first first. */
export function fitting<T extends { readonly line: string }>(
	lines: readonly T[],
	tokens: number,
): readonly T[] {
	let left = tokens;
	return lines.filter(({ line }) => {
		const needed = tokensOf(`${line}\n`);
		if (needed > left) return false;
		left -= needed;
		return true;
	});
}

/** What stays the same until a memory says something else. */
export function keyOf({ id, updatedAt }: Pick<Memory, "id" | "updatedAt">): string {
	return `${id}@${updatedAt}`;
}

export function idOf(key: string): string {
	return key.replace(/@-?\d+$/, "");
}
