/**
 * A vector's signature: one bit per component, set if it is positive. The closer the directions of two vectors, the
 * fewer bits differ (Charikar, STOC 2002). Zeros pad it to a multiple of 16 bytes, which SIMD reads at once. Narrow
 * vectors have so few bits that very many signatures look alike: theirs go on with as many bits for the sizes.
 * @param vector of length 1.
 */
export function signatureOf(vector: Float32Array): Uint8Array {
	const signs = signsOf(vector);
	if (!hasSizes(vector.length)) return signs;
	const step = sizeStep / Math.sqrt(vector.length);
	const sizes = packSigns(
		vector.map((value) => (value > step || (value <= 0 && value > -step) ? 1 : -1)),
		signs.length,
	);
	const signature = new Uint8Array(2 * signs.length);
	signature.set(signs);
	signature.set(sizes, signs.length);
	return signature;
}

/** The first part of a signature. */
export function signsOf(vector: Float32Array): Uint8Array {
	return packSigns(vector, signatureLength(vector.length));
}

/**
 * Whether signatures tell the sizes of components, too. With a sign that counts as 2 or -2, and a size that counts as 1
 * or -1, each component is one of 3, 1, -1, -3: twice as many bits, but half the error.
 */
export function hasSizes(dimensions: number): boolean {
	return dimensions <= 512;
}

/** The distance of those four levels at which normally distributed numbers are rounded best (Max, 1960). */
const sizeStep = 0.9957;

/**
 * What a component of a random unit vector, times the root of its dimensions, makes on average with its code, and the
 * average square of the code.
 */
export function codeMoments(dimensions: number): { readonly product: number; readonly square: number } {
	// Of signs alone: the mean absolute value of normally distributed numbers. Of four levels: integrated up to the step and beyond it.
	return hasSizes(dimensions)
		? { product: 1.77, square: 3.555 }
		: { product: Math.sqrt(2 / Math.PI), square: 1 };
}

/** One bit per number, set if it is positive; zeros up to `bytes`, a multiple of 4. */
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

/** Of the signs, in bytes: 64 at 512 dimensions, 192 at 1536. */
export function signatureLength(dimensions: number): number {
	return Math.ceil(dimensions / 128) * 16;
}

/** Bits per component of a query: few enough to compare fast, enough that rounding is negligible beside the signature's own error. */
const planeCount = 6;

/**
 * A query rounded to integers and split into bit planes. Counting differing bits plane by plane gives the dot product of
 * the rounded query and a signature's signs (RaBitQ, Gao and Long, SIGMOD 2024). That ranks near vectors much better
 * than comparing two signatures does.
 */
export class QueryPlanes {
	/** In the format of signatures, the least significant bits first. */
	readonly planes: readonly Uint8Array[];
	readonly #dimensions: number;
	/** The value of the integer 1. */
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
			// Stands for an odd number from -steps to steps, the sum of its bits as +1 or -1, times their place values.
			const number = Math.floor(((query[at] as number) / this.#unit + steps + 1) / 2);
			for (let plane = 0, word = at >>> 5; plane < planeCount; plane += 1, word += length / 4)
				words[word] = (words[word] as number) | (((number >>> plane) & 1) << (at & 31));
		}
		this.planes = Array.from(
			{ length: planeCount },
			(_, plane) => new Uint8Array(words.buffer, plane * length, length),
		);
	}

	/** What a plane with this many differing bits adds to the similarity, in whole units. */
	planeUnits(plane: number, distance: number): number {
		return 2 ** plane * (this.#dimensions - 2 * distance);
	}

	/** @param units summed over all planes. */
	similarity(units: number): number {
		return this.#unit * units;
	}
}
