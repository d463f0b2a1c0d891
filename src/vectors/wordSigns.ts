import { packSigns } from "./signature.ts";

/**
 * What each word of a text means where it stands, one word after the other, in the text's order: of the numbers that a
 * model has for the word only the signs, a bit each, set where positive. Words are compared by counting differing bits
 * (Charikar, STOC 2002), a query with a text by each of the query's words and the text's word most like it (Khattab and
 * Zaharia, SIGIR 2020).
 */
export type WordSigns = Uint8Array;

/** The words of a text, as a model's tokenizer sees them: whatever stands between two spaces. */
export function wordsOf(text: string): readonly string[] {
	return text
		.normalize("NFKC")
		.split(/\s+/)
		.filter((word) => word !== "");
}

/** Of a longer text, so many words are kept: 4 KB at 512 numbers a word. */
export const mostWords = 64;

/** The signs of rows of a multiple of 32 numbers, one row a word. */
export function signsOf(rows: Float32Array): WordSigns {
	return packSigns(rows, rows.length / 8);
}

/** Of each word of the query, its cosine with the text's word most like it, estimated; none where either has no words. */
export function likenessOf(query: WordSigns, text: WordSigns, width: number): number[] {
	const asked = aligned(query);
	const told = aligned(text);
	const length = width / 32;
	const likeness: number[] = [];
	if (told.length === 0) return likeness;
	for (let word = 0; word < asked.length; word += length) {
		let least = width;
		for (let other = 0; other < told.length; other += length) {
			let distance = 0;
			for (let at = 0; at < length && distance < least; at += 1)
				distance += ones((asked[word + at] as number) ^ (told[other + at] as number));
			if (distance < least) least = distance;
		}
		likeness.push(Math.cos((Math.PI * least) / width));
	}
	return likeness;
}

function aligned(signs: WordSigns): Uint32Array {
	const bytes = signs.byteOffset % 4 === 0 ? signs : signs.slice();
	return new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 4);
}

/** How many bits are set. */
function ones(bits: number): number {
	const pairs = bits - ((bits >>> 1) & 0x55555555);
	const fours = (pairs & 0x33333333) + ((pairs >>> 2) & 0x33333333);
	return Math.imul((fours + (fours >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}
