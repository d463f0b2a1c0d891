import { packSigns } from "./signature.ts";

/**
 * The signs of a model's contextual vector of each word of a text, in the text's order: one bit per component, set if it
 * is positive. Differing bits measure how similar two words are (Charikar, STOC 2002). To compare a query with a text,
 * each word of the query is matched to the most similar word of the text (Khattab and Zaharia, SIGIR 2020).
 */
export type WordSigns = Uint8Array;

/** The words of a text as a model's tokenizer sees them: everything between spaces. */
export function wordsOf(text: string): readonly string[] {
	return text
		.normalize("NFKC")
		.split(/\s+/)
		.filter((word) => word !== "");
}

/** A longer text keeps the signs of this many words: 4 KB at 512 components per word. */
export const maxWords = 64;

/** @param rows one per word, each a multiple of 32 numbers. */
export function signsOf(rows: Float32Array): WordSigns {
	return packSigns(rows, rows.length / 8);
}

/**
 * For each word of the query, the estimated cosine with the most similar word of the text; empty if either has no words.
 * @param width components per word.
 */
export function wordSimilarities(query: WordSigns, text: WordSigns, width: number): number[] {
	const queryBits = aligned(query);
	const textBits = aligned(text);
	const length = width / 32;
	const similarities: number[] = [];
	if (textBits.length === 0) return similarities;
	for (let word = 0; word < queryBits.length; word += length) {
		let smallest = width;
		for (let other = 0; other < textBits.length; other += length) {
			let distance = 0;
			for (let at = 0; at < length && distance < smallest; at += 1)
				distance += bitCount((queryBits[word + at] as number) ^ (textBits[other + at] as number));
			if (distance < smallest) smallest = distance;
		}
		similarities.push(Math.cos((Math.PI * smallest) / width));
	}
	return similarities;
}

function aligned(signs: WordSigns): Uint32Array {
	const bytes = signs.byteOffset % 4 === 0 ? signs : signs.slice();
	return new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 4);
}

function bitCount(bits: number): number {
	const pairs = bits - ((bits >>> 1) & 0x55555555);
	const fours = (pairs & 0x33333333) + ((pairs >>> 2) & 0x33333333);
	return Math.imul((fours + (fours >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}
