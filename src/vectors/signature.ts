/**
 * A vector's signature: one bit a component, set where it is positive. Vectors whose directions are close have few
 * differing bits (Charikar, STOC 2002). In bytes, padded with zeros to a multiple of 16, which SIMD reads at once.
 */
export function signatureOf(vector: Float32Array): Uint8Array {
	return packSigns(vector, signatureLength(vector.length));
}

/** A bit for each number, set where it is positive; zeros up to `bytes`, a multiple of 4. */
export function packSigns(values: Float32Array, bytes: number): Uint8Array {
	const words = new Uint32Array(bytes / 4);
	for (let word = 0, start = 0; start < values.length; word += 1, start += 32) {
		let bits = 0;
		const end = Math.min(32, values.length - start);
		for (let bit = 0; bit < end; bit += 1) if ((values[start + bit] as number) > 0) bits |= 1 << bit;
		words[word] = bits;
	}
	return new Uint8Array(words.buffer);
}

/** Bytes: 64 at 512 dimensions, 192 at 1536. */
export function signatureLength(dimensions: number): number {
	return Math.ceil(dimensions / 128) * 16;
}

/** Bits a component of a query is rounded to: so few that comparing is fast, so many that rounding does not show beside the signature's own error. */
const planeCount = 6;

/**
 * A query in whole numbers, bit by bit: the sum of its components, each with the sign that a signature has there, is
 * found by counting differing bits, plane by plane (as in RaBitQ, Gao and Long, SIGMOD 2024). That tells near ones
 * apart much better than the query's own signature does.
 */
export class QueryPlanes {
	/** Of the format of signatures, the least significant bits first. */
	readonly planes: readonly Uint8Array[];
	readonly #dimensions: number;
	/** What one is worth. */
	readonly #unit: number;

	constructor(query: Float32Array) {
		this.#dimensions = query.length;
		let largest = 0;
		for (let at = 0; at < query.length; at += 1) largest = Math.max(largest, Math.abs(query[at] as number));
		const steps = 2 ** planeCount - 1;
		this.#unit = largest / steps || 1;
		const length = signatureLength(query.length);
		const words = new Uint32Array((planeCount * length) / 4);
		for (let at = 0; at < query.length; at += 1) {
			// Odd numbers from -steps to steps, of which each bit, as +1 or -1, is a share.
			const number = Math.floor(((query[at] as number) / this.#unit + steps + 1) / 2);
			for (let plane = 0, word = at >>> 5; plane < planeCount; plane += 1, word += length / 4)
				words[word] = (words[word] as number) | (((number >>> plane) & 1) << (at & 31));
		}
		this.planes = Array.from(
			{ length: planeCount },
			(_, plane) => new Uint8Array(words.buffer, plane * length, length),
		);
	}

	/** What a plane's number of differing bits adds to the similarity: a whole number of units. */
	share(plane: number, distance: number): number {
		return 2 ** plane * (this.#dimensions - 2 * distance);
	}

	/** @param shares summed over all planes. */
	similarity(shares: number): number {
		return this.#unit * shares;
	}
}
