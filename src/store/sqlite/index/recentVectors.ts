/** The most that they take, in bytes. */
const maxBytes = 16 * 1024 * 1024;

/**
 * The vectors that were used last, by `seq`, in one block of memory: vectors that live for some searches, each in memory
 * of its own, make the garbage collector look through the whole heap again and again.
 */
export class RecentVectors {
	readonly #dimensions: number;
	readonly #most: number;
	#values = new Float32Array(0);
	/** The place of each in `#values`, the least recently used first. */
	readonly #places = new Map<number, number>();
	readonly #free: number[] = [];

	constructor(dimensions: number) {
		this.#dimensions = dimensions;
		this.#most = Math.max(1, Math.floor(maxBytes / (dimensions * 4)));
	}

	/** It is only valid until the next `set`. */
	get(seq: number): Float32Array | undefined {
		const place = this.#places.get(seq);
		if (place === undefined) return undefined;
		this.#places.delete(seq);
		this.#places.set(seq, place);
		return this.#at(place);
	}

	set(seq: number, vector: Float32Array): void {
		if (this.#values.length === 0) this.#values = new Float32Array(this.#most * this.#dimensions);
		this.delete(seq);
		if (this.#places.size === this.#most) this.delete(this.#places.keys().next().value as number);
		const place = this.#free.pop() ?? this.#places.size;
		this.#places.set(seq, place);
		this.#at(place).set(vector);
	}

	delete(seq: number): void {
		const place = this.#places.get(seq);
		if (place === undefined) return;
		this.#places.delete(seq);
		this.#free.push(place);
	}

	#at(place: number): Float32Array {
		return this.#values.subarray(place * this.#dimensions, (place + 1) * this.#dimensions);
	}
}
