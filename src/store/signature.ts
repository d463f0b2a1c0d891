/**
 * A vector's signature: one bit a component, set where it is positive. Vectors whose directions are close have few
 * differing bits (Charikar, STOC 2002). In bytes, padded with zeros to a multiple of 16, which SIMD reads at once.
 */
export function signatureOf(vector: Float32Array): Uint8Array {
	const bytes = new Uint8Array(signatureLength(vector.length));
	const words = new Uint32Array(bytes.buffer);
	for (let word = 0, start = 0; start < vector.length; word += 1, start += 32) {
		let bits = 0;
		const end = Math.min(32, vector.length - start);
		for (let bit = 0; bit < end; bit += 1) if ((vector[start + bit] as number) > 0) bits |= 1 << bit;
		words[word] = bits;
	}
	return bytes;
}

/** Bytes: 64 at 512 dimensions, 192 at 1536. */
export function signatureLength(dimensions: number): number {
	return Math.ceil(dimensions / 128) * 16;
}

/**
 * Compares signatures with the query itself instead of its signature: the sum of its components, each with the sign
 * that the signature has there. Tells near ones apart much better than differing bits do, for some 200 table look-ups.
 */
export class QueryTable {
	/** For each byte of a signature and each of its 256 values, what these eight components add. */
	readonly #sums: Float32Array;
	readonly #bytes: number;

	constructor(query: Float32Array) {
		this.#bytes = Math.ceil(query.length / 8);
		this.#sums = new Float32Array(this.#bytes * 256);
		for (let byte = 0; byte < this.#bytes; byte += 1) {
			const table = this.#sums.subarray(byte * 256, byte * 256 + 256);
			let none = 0;
			for (let bit = 0; bit < 8; bit += 1) none -= query[byte * 8 + bit] ?? 0;
			table[0] = none;
			for (let bit = 0; bit < 8; bit += 1) {
				const turned = 2 * (query[byte * 8 + bit] ?? 0);
				// The values below have been made already; with this bit set they differ by it alone.
				for (let value = 0; value < 1 << bit; value += 1)
					table[value + (1 << bit)] = (table[value] as number) + turned;
			}
		}
	}

	/** @param at where the signature begins in `bytes`. */
	similarity(bytes: Uint8Array, at: number): number {
		let sum = 0;
		for (let byte = 0, table = 0; byte < this.#bytes; byte += 1, table += 256)
			sum += this.#sums[table + (bytes[at + byte] as number)] as number;
		return sum;
	}
}
