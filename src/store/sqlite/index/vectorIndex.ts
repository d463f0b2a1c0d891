import { codeMoments, hasSizes, QueryPlanes, signatureLength, signsOf } from "../../../vectors/signature.ts";
import { Hamming } from "./hammingScan.ts";

/** What the index stores about a memory besides its signature. */
export interface IndexedMemory {
	readonly seq: number;
	/** The number of its combination of user, scope and project. */
	readonly partition: number;
	readonly createdAt: number;
}

export interface IndexFilter {
	/** By partition number: whether to include its memories. */
	readonly partitions: readonly boolean[];
	readonly since: number;
	readonly until: number;
}

/** Signatures compared in one scan, whose distances stay in the scan's memory meanwhile. */
const blockSize = 4096;
/** How much larger than necessary arrays grow. */
const slack = 1.125;
/** Signatures copied next to each other to be compared with the query's planes. */
const gatherSize = 1024;
/** Exceeds any index into the slots, so that a similarity and an index fit into one number. */
const rankBase = 2 ** 32;

export interface Candidate {
	readonly seq: number;
	/** The cosine, estimated from the signature; `estimateError` is its standard error. */
	readonly estimate: number;
}

/** The standard error of estimated cosines, as in RaBitQ (Gao and Long, SIGMOD 2024), but with the mean in place of each vector's own factor. */
export function estimateError(dimensions: number): number {
	const { product, square } = codeMoments(dimensions);
	return Math.sqrt((square / product ** 2 - 1) / dimensions);
}

/**
 * The signatures of all vectors of one embedding space; the vectors stay on disk. It finds the memories that are worth
 * an exact comparison: those whose signs differ least from the query's, best estimates first. It filters before it
 * chooses, so that a filter costs no recall. A memory takes 26 bytes and its signature: 90 bytes at 256 dimensions, 218 at
 * 1536, and up to an eighth more.
 */
export class VectorIndex {
	readonly #length: number;
	/** Its memory holds, in order: the query's signature or plane, the distances of a block, gathered signatures, the signs of all. */
	readonly #hamming: Hamming;
	/** The second part of each signature: it is compared for few memories, so it need not lie in the scan's memory. */
	#sizes = new Uint32Array(0);
	readonly #hasSizes: boolean;
	/** The offset of all signatures in that memory. */
	readonly #signatures: number;
	/** A distance larger than any real one. */
	readonly #filteredOut: number;
	#size = 0;
	#capacity = 0;
	/** Counts every partition that ever had a memory. */
	#partitionCount = 0;
	#seqs = new Float64Array(0);
	#partitions = new Uint32Array(0);
	#createdAts = new Float64Array(0);
	#distances = new Uint16Array(0);
	/** By `seq`: 1 + the slot; 0: not in the index. */
	#slots = new Uint32Array(0);

	constructor(dimensions: number) {
		this.#length = signatureLength(dimensions);
		this.#hasSizes = hasSizes(dimensions);
		this.#signatures = this.#length * (1 + gatherSize) + 2 * blockSize;
		this.#filteredOut = this.#length * 8 + 1;
		this.#hamming = new Hamming(this.#signatures);
		this.reserve(256);
	}

	get size(): number {
		return this.#size;
	}

	/** Bytes of RAM it takes. */
	get bytes(): number {
		const arrays = [
			this.#seqs,
			this.#partitions,
			this.#createdAts,
			this.#distances,
			this.#slots,
			this.#sizes,
		];
		return arrays.reduce((sum, { byteLength }) => sum + byteLength, this.#hamming.bytes.byteLength);
	}

	/** Makes room for this many memories. */
	reserve(count: number): void {
		if (count <= this.#capacity) return;
		this.#capacity = count;
		this.#hamming.grow(this.#signatures + count * this.#length);
		this.#seqs = enlarged(this.#seqs, new Float64Array(count));
		this.#partitions = enlarged(this.#partitions, new Uint32Array(count));
		this.#createdAts = enlarged(this.#createdAts, new Float64Array(count));
		this.#distances = new Uint16Array(count);
		if (this.#hasSizes) this.#sizes = enlarged(this.#sizes, new Uint32Array((count * this.#length) / 4));
	}

	/** @param signature as `signatureOf` makes it. */
	set(memory: IndexedMemory, signature: Uint8Array): void {
		if (memory.seq >= this.#slots.length)
			this.#slots = enlarged(this.#slots, new Uint32Array(Math.ceil((memory.seq + 1024) * slack)));
		let slot = (this.#slots[memory.seq] as number) - 1;
		if (slot < 0) {
			if (this.#size === this.#capacity) this.reserve(Math.ceil(this.#capacity * slack));
			slot = this.#size;
			this.#size += 1;
			this.#slots[memory.seq] = slot + 1;
		}
		this.#partitionCount = Math.max(this.#partitionCount, memory.partition + 1);
		this.#seqs[slot] = memory.seq;
		this.#partitions[slot] = memory.partition;
		this.#createdAts[slot] = memory.createdAt;
		this.#hamming.bytes.set(signature.subarray(0, this.#length), this.#offset(slot));
		if (this.#hasSizes) this.#sizes.set(inWords(signature.subarray(this.#length)), (slot * this.#length) / 4);
	}

	delete(seq: number): void {
		const slot = (this.#slots[seq] ?? 0) - 1;
		if (slot < 0) return;
		this.#slots[seq] = 0;
		this.#size -= 1;
		const last = this.#size;
		if (slot === last) return;
		const moved = this.#seqs[last] as number;
		this.#seqs[slot] = moved;
		this.#partitions[slot] = this.#partitions[last] as number;
		this.#createdAts[slot] = this.#createdAts[last] as number;
		this.#hamming.bytes.copyWithin(this.#offset(slot), this.#offset(last), this.#offset(last + 1));
		const width = this.#length / 4;
		this.#sizes.copyWithin(slot * width, last * width, (last + 1) * width);
		this.#slots[moved] = slot + 1;
	}

	/** To another partition; nothing, if it is not in the index. */
	move(seq: number, partition: number): void {
		const slot = (this.#slots[seq] ?? 0) - 1;
		if (slot < 0) return;
		this.#partitionCount = Math.max(this.#partitionCount, partition + 1);
		this.#partitions[slot] = partition;
	}

	/**
	 * The best estimates among at least `count` memories, more on a tie in differing signs, or all that match the filter.
	 * It yields where the caller may let others have the thread, but for this index: nothing else may be asked of it, nor
	 * changed, until it returns.
	 * @param query of length 1.
	 * @param most to return.
	 */
	*nearest(
		query: Float32Array,
		filter: IndexFilter,
		count: number,
		most = Number.POSITIVE_INFINITY,
	): Generator<void, Candidate[]> {
		const slots = yield* this.#fewestDifferences(query, filter, count);
		const planes = new QueryPlanes(query);
		// Similarities are integers with an absolute value below 2^20: with the index below them they sort as plain numbers.
		const ranked = new Float64Array(slots.length);
		const similarities = yield* this.#similarities(planes, slots);
		for (let index = 0; index < ranked.length; index += 1)
			ranked[index] = index - (similarities[index] as number) * rankBase;
		ranked.sort();
		const scale = 1 / (codeMoments(query.length).product * Math.sqrt(query.length));
		const best: Candidate[] = [];
		for (let place = 0; place < Math.min(most, ranked.length); place += 1) {
			const rank = ranked[place] as number;
			const units = -Math.floor(rank / rankBase);
			best.push({
				seq: this.#seqs[slots[rank + units * rankBase] as number] as number,
				estimate: scale * planes.similarity(units),
			});
		}
		return best;
	}

	/** The similarity of each slot to the query, in units of `QueryPlanes`. */
	*#similarities(query: QueryPlanes, slots: readonly number[]): Generator<void, Int32Array> {
		const { bytes } = this.#hamming;
		const words = new Uint32Array(bytes.buffer);
		const width = this.#length / 4;
		const gathered = this.#length + 2 * blockSize;
		const distances = new Uint16Array(bytes.buffer, this.#length, blockSize);
		const similarities = new Int32Array(slots.length);
		/** Adds what the signs or sizes of `count` slots contribute. */
		const add = (start: number, count: number, from: Uint32Array, offset: number, weight: number) => {
			for (let index = 0, to = gathered / 4; index < count; index += 1) {
				let at = offset + (slots[start + index] as number) * width;
				for (const end = at + width; at < end; at += 1, to += 1) words[to] = from[at] as number;
			}
			for (const [plane, bits] of query.planes.entries()) {
				bytes.set(bits, 0);
				this.#hamming.scan(gathered, 0, count, this.#length / 16, this.#length);
				const ofNone = weight * query.planeUnits(plane, 0);
				const each = weight * query.planeUnits(plane, 1) - ofNone;
				for (let index = 0; index < count; index += 1)
					similarities[start + index] =
						(similarities[start + index] as number) + ofNone + each * (distances[index] as number);
			}
		};
		const sizes = this.#hasSizes ? this.#sizes : undefined;
		for (let start = 0; start < slots.length; start += gatherSize) {
			const count = Math.min(gatherSize, slots.length - start);
			add(start, count, words, this.#signatures / 4, sizes ? 2 : 1);
			if (sizes) add(start, count, sizes, 0, 1);
			yield;
		}
		return similarities;
	}

	/** At least `count` slots, more on a tie. */
	*#fewestDifferences(query: Float32Array, filter: IndexFilter, count: number): Generator<void, number[]> {
		const histogram = yield* this.#measureDistances(query, filter);
		let cutoff = 0;
		for (let seen = histogram[0] as number; seen < count && cutoff < histogram.length - 1; ) {
			cutoff += 1;
			seen += histogram[cutoff] as number;
		}
		const slots: number[] = [];
		const distances = this.#distances;
		for (let slot = 0; slot < this.#size; slot += 1)
			if ((distances[slot] as number) <= cutoff) slots.push(slot);
		return slots;
	}

	/** Fills `#distances`. @returns the number of memories by distance. */
	*#measureDistances(query: Float32Array, filter: IndexFilter): Generator<void, Uint32Array> {
		const { bytes } = this.#hamming;
		bytes.set(signsOf(query), 0);
		const blockDistances = new Uint16Array(bytes.buffer, this.#length, blockSize);
		const distances = this.#distances;
		const histogram = new Uint32Array(this.#filteredOut + 1);
		const unfiltered = this.#matchesAll(filter);
		for (let start = 0; start < this.#size; start += blockSize) {
			const count = Math.min(blockSize, this.#size - start);
			this.#hamming.scan(this.#offset(start), 0, count, this.#length / 16, this.#length);
			if (!unfiltered) this.#filter(start, blockDistances.subarray(0, count), filter);
			for (let index = 0; index < count; index += 1) {
				const distance = blockDistances[index] as number;
				distances[start + index] = distance;
				histogram[distance] = (histogram[distance] as number) + 1;
			}
			yield;
		}
		return histogram.subarray(0, this.#filteredOut);
	}

	#matchesAll({ partitions, since, until }: IndexFilter): boolean {
		const all = partitions.length >= this.#partitionCount && partitions.every(Boolean);
		return all && since === -Infinity && until === Infinity;
	}

	/** Sets the distance of memories that do not match to `#filteredOut`. */
	#filter(start: number, distances: Uint16Array, { partitions, since, until }: IndexFilter): void {
		for (let index = 0, slot = start; index < distances.length; index += 1, slot += 1) {
			const createdAt = this.#createdAts[slot] as number;
			if (!partitions[this.#partitions[slot] as number] || createdAt < since || createdAt > until)
				distances[index] = this.#filteredOut;
		}
	}

	/** Of a slot's signature, in bytes. */
	#offset(slot: number): number {
		return this.#signatures + slot * this.#length;
	}
}

function enlarged<T extends Uint32Array | Float64Array>(from: T, to: T): T {
	to.set(from);
	return to;
}

/** The bytes of a whole number of 32-bit words. */
function inWords(bytes: Uint8Array): Uint32Array {
	const aligned = bytes.byteOffset % 4 === 0 ? bytes : bytes.slice();
	return new Uint32Array(aligned.buffer, aligned.byteOffset, aligned.byteLength / 4);
}
