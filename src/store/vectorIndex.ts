/** What the index knows of one memory besides its vector. */
export interface IndexedMemory {
	readonly seq: number;
	/** Number of its combination of user, scope and project. */
	readonly partition: number;
	readonly createdAt: number;
}

export interface IndexFilter {
	/** By partition number: whether its memories count. */
	readonly partitions: readonly boolean[];
	readonly since: number;
	readonly until: number;
}

/**
 * One bit a component (its sign) of every vector of one embedding space, scanned by Hamming distance. It answers
 * which memories are worth an exact comparison: their vectors stay on disk. 64 bytes a memory at 512 dimensions.
 */
export class VectorIndex {
	readonly #words: number;
	#size = 0;
	#signatures: Uint32Array;
	#seqs = new Float64Array(1024);
	#partitions = new Uint32Array(1024);
	#createdAts = new Float64Array(1024);
	#distances = new Uint16Array(1024);
	readonly #slots = new Map<number, number>();

	constructor(dimensions: number) {
		this.#words = Math.ceil(dimensions / 32);
		this.#signatures = new Uint32Array(1024 * this.#words);
	}

	get size(): number {
		return this.#size;
	}

	set(memory: IndexedMemory, vector: Float32Array): void {
		let slot = this.#slots.get(memory.seq);
		if (slot === undefined) {
			slot = this.#size;
			if (slot === this.#seqs.length) this.#grow();
			this.#size += 1;
			this.#slots.set(memory.seq, slot);
		}
		this.#seqs[slot] = memory.seq;
		this.#partitions[slot] = memory.partition;
		this.#createdAts[slot] = memory.createdAt;
		writeSignature(vector, this.#signatures, slot * this.#words, this.#words);
	}

	delete(seq: number): void {
		const slot = this.#slots.get(seq);
		if (slot === undefined) return;
		this.#slots.delete(seq);
		this.#size -= 1;
		const last = this.#size;
		if (slot === last) return;
		const moved = this.#seqs[last] as number;
		this.#seqs[slot] = moved;
		this.#partitions[slot] = this.#partitions[last] as number;
		this.#createdAts[slot] = this.#createdAts[last] as number;
		this.#signatures.copyWithin(slot * this.#words, last * this.#words, (last + 1) * this.#words);
		this.#slots.set(moved, slot);
	}

	/** The `seq`s of the memories whose signatures are nearest: at least `count` if the filter lets as many through, more on a tie. */
	nearest(query: Float32Array, filter: IndexFilter, count: number): number[] {
		const words = this.#words;
		const signature = new Uint32Array(words);
		writeSignature(query, signature, 0, words);
		const farthest = words * 32;
		const histogram = new Uint32Array(farthest + 1);
		for (let slot = 0; slot < this.#size; slot += 1) {
			const createdAt = this.#createdAts[slot] as number;
			if (
				!filter.partitions[this.#partitions[slot] as number] ||
				createdAt < filter.since ||
				createdAt > filter.until
			) {
				this.#distances[slot] = 0xffff;
				continue;
			}
			let distance = 0;
			for (let word = 0, at = slot * words; word < words; word += 1, at += 1) {
				let bits = (this.#signatures[at] as number) ^ (signature[word] as number);
				bits -= (bits >>> 1) & 0x55555555;
				bits = (bits & 0x33333333) + ((bits >>> 2) & 0x33333333);
				distance += Math.imul((bits + (bits >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
			}
			this.#distances[slot] = distance;
			histogram[distance] = (histogram[distance] as number) + 1;
		}
		let cutoff = 0;
		for (let seen = histogram[0] as number; seen < count && cutoff < farthest; ) {
			cutoff += 1;
			seen += histogram[cutoff] as number;
		}
		const seqs: number[] = [];
		for (let slot = 0; slot < this.#size; slot += 1) {
			if ((this.#distances[slot] as number) <= cutoff) seqs.push(this.#seqs[slot] as number);
		}
		return seqs;
	}

	#grow(): void {
		const capacity = this.#seqs.length * 2;
		this.#signatures = enlarged(this.#signatures, new Uint32Array(capacity * this.#words));
		this.#seqs = enlarged(this.#seqs, new Float64Array(capacity));
		this.#partitions = enlarged(this.#partitions, new Uint32Array(capacity));
		this.#createdAts = enlarged(this.#createdAts, new Float64Array(capacity));
		this.#distances = new Uint16Array(capacity);
	}
}

function enlarged<T extends Uint32Array | Float64Array>(from: T, to: T): T {
	to.set(from);
	return to;
}

function writeSignature(vector: Float32Array, into: Uint32Array, offset: number, words: number): void {
	for (let word = 0; word < words; word += 1) {
		let bits = 0;
		const start = word * 32;
		for (let bit = 0; bit < 32; bit += 1) {
			if ((vector[start + bit] ?? -1) > 0) bits |= 1 << bit;
		}
		into[offset + word] = bits >>> 0;
	}
}
