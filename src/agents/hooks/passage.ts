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
 * Tokens of a text, at most: models count differently, and none of the usual ones counts more. A letter is a quarter of
 * one, as words that are rare are cut into pieces of four; a sign, and a letter of another script, is one or more.
 */
export function tokensOf(text: string): number {
	let count = 0;
	for (const [piece] of text.matchAll(/[A-Za-z]+|\d+|[^\sA-Za-z\d]|\n/gu))
		if (/^[A-Za-z]/.test(piece)) count += Math.ceil(piece.length / 4);
		else if (/^\d/.test(piece)) count += Math.ceil(piece.length / 2);
		else count += Math.max(1, Buffer.byteLength(piece) - 1);
	return count;
}

/** The first lines that fit into so many tokens. */
export function fitting<T extends { readonly line: string }>(
	lines: readonly T[],
	tokens: number,
): readonly T[] {
	let left = tokens;
	const first = lines.findIndex(({ line }) => {
		left -= tokensOf(`${line}\n`);
		return left < 0;
	});
	return first === -1 ? lines : lines.slice(0, first);
}

/** What stays the same until a memory says something else. */
export function keyOf({ id, updatedAt }: Pick<Memory, "id" | "updatedAt">): string {
	return `${id}@${updatedAt}`;
}
