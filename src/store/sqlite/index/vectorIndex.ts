import { QueryPlanes, signatureLength, signatureOf } from "../../../vectors/signature.ts";
import { Hamming } from "./hammingScan.ts";

/** What the index knows of one memory besides its signature. */
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

/** Signatures compared in one go, whose distances lie in the scan's memory meanwhile. */
const blockSize = 4096;
/** What is made room for beyond what is there. */
const slack = 1.125;
/** Signatures brought together to be compared with the query itself. */
const gatherSize = 1024;
/** More than there can be slots. */
const places = 2 ** 32;

export interface Candidate {
	readonly seq: number;
	/** The cosine, estimated from the signature with an error of deviation `estimateError`. */
	readonly estimate: number;
}

/** Of a component of a vector in a random direction: its mean size, times the square root of the dimensions. */
const meanSize = Math.sqrt(2 / Math.PI);

/** The deviation of estimated cosines from true ones; as in RaBitQ (Gao and Long, SIGMOD 2024), whose factor of each vector is its mean here. */
export function estimateError(dimensions: number): number {
	return Math.sqrt((1 / meanSize ** 2 - 1) / dimensions);
}

/**
 * The signatures of all vectors of one embedding space. It answers which memories are worth an exact comparison, whose
 * vectors stay on disk: those that differ from the query in the fewest signs, most similar to the query first. A filter is applied to every memory before any is chosen, so that it costs no recall. Takes 26
 * bytes a memory and the signature: 218 bytes at 1536 dimensions, and up to an eighth more.
 */
export class VectorIndex {
	readonly #length: number;
	/** In its memory: the query's signature or plane, the distances of a block, signatures gathered, all signatures. */
	readonly #hamming: Hamming;
	readonly #signatures: number;
	/** A distance that cannot be. */
	readonly #filteredOut: number;
	#size = 0;
	#capacity = 0;
	/** Of all partitions that any memory was in. */
	#partitionCount = 0;
	#seqs = new Float64Array(0);
	#partitions = new Uint32Array(0);
	#createdAts = new Float64Array(0);
	#distances = new Uint16Array(0);
	/** By `seq`: 1 + its slot; 0: not there. */
	#slots = new Uint32Array(0);

	constructor(dimensions: number) {
		this.#length = signatureLength(dimensions);
		this.#signatures = this.#length * (1 + gatherSize) + 2 * blockSize;
		this.#filteredOut = this.#length * 8 + 1;
		this.#hamming = new Hamming(this.#signatures);
		this.reserve(256);
	}

	get size(): number {
		return this.#size;
	}

	/** Bytes of RAM it holds. */
	get bytes(): number {
		const arrays = [this.#seqs, this.#partitions, this.#createdAts, this.#distances, this.#slots];
		return arrays.reduce((sum, { byteLength }) => sum + byteLength, this.#hamming.bytes.byteLength);
	}

	/** Makes room for so many memories at once. */
	reserve(count: number): void {
		if (count <= this.#capacity) return;
		this.#capacity = count;
		this.#hamming.grow(this.#signatures + count * this.#length);
		this.#seqs = enlarged(this.#seqs, new Float64Array(count));
		this.#partitions = enlarged(this.#partitions, new Uint32Array(count));
		this.#createdAts = enlarged(this.#createdAts, new Float64Array(count));
		this.#distances = new Uint16Array(count);
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
		this.#hamming.bytes.set(signature, this.#at(slot));
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
		this.#hamming.bytes.copyWithin(this.#at(slot), this.#at(last), this.#at(last + 1));
		this.#slots[moved] = slot + 1;
	}

	/**
	 * At least `count` memories, or all that the filter lets through: on a tie in differing signs more.
	 * @param query of length 1.
	 */
	nearest(query: Float32Array, filter: IndexFilter, count: number): Candidate[] {
		const slots = this.#fewestDifferences(query, filter, count);
		const planes = new QueryPlanes(query);
		// Whole numbers below 2^20 either way; with the place below them they sort as plain numbers.
		const ranked = this.#shares(planes, slots).map((shares, place) => place - shares * places);
		const scale = 1 / (meanSize * Math.sqrt(query.length));
		return Array.from(ranked.sort(), (rank) => {
			const shares = -Math.floor(rank / places);
			return {
				seq: this.#seqs[slots[rank + shares * places] as number] as number,
				estimate: scale * planes.similarity(shares),
			};
		});
	}

	/** What each slot has in common with the query, as `QueryPlanes` counts it. */
	#shares(query: QueryPlanes, slots: readonly number[]): Float64Array {
		const { bytes } = this.#hamming;
		const shares = new Float64Array(slots.length);
		const length = this.#length;
		const gathered = length + 2 * blockSize;
		const distances = new Uint16Array(bytes.buffer, length, blockSize);
		for (let start = 0; start < slots.length; start += gatherSize) {
			const count = Math.min(gatherSize, slots.length - start);
			for (let index = 0; index < count; index += 1) {
				const at = this.#at(slots[start + index] as number);
				bytes.copyWithin(gathered + index * length, at, at + length);
			}
			for (const [plane, bits] of query.planes.entries()) {
				bytes.set(bits, 0);
				this.#hamming.scan(gathered, 0, count, length / 16, length);
				for (let index = 0; index < count; index += 1)
					shares[start + index] =
						(shares[start + index] as number) + query.share(plane, distances[index] as number);
			}
		}
		return shares;
	}

	/** At least `count` slots, more on a tie. */
	#fewestDifferences(query: Float32Array, filter: IndexFilter, count: number): number[] {
		const histogram = this.#measureDistances(query, filter);
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

	/** Fills `#distances`; answers how many memories have which distance. */
	#measureDistances(query: Float32Array, filter: IndexFilter): Uint32Array {
		const { bytes } = this.#hamming;
		bytes.set(signatureOf(query), 0);
		const ofBlock = new Uint16Array(bytes.buffer, this.#length, blockSize);
		const distances = this.#distances;
		const histogram = new Uint32Array(this.#filteredOut + 1);
		const open = this.#letsAllThrough(filter);
		for (let start = 0; start < this.#size; start += blockSize) {
			const count = Math.min(blockSize, this.#size - start);
			this.#hamming.scan(this.#at(start), 0, count, this.#length / 16, this.#length);
			if (!open) this.#filter(start, ofBlock.subarray(0, count), filter);
			for (let index = 0; index < count; index += 1) {
				const distance = ofBlock[index] as number;
				distances[start + index] = distance;
				histogram[distance] = (histogram[distance] as number) + 1;
			}
		}
		return histogram.subarray(0, this.#filteredOut);
	}

	#letsAllThrough({ partitions, since, until }: IndexFilter): boolean {
		const all = partitions.length >= this.#partitionCount && partitions.every(Boolean);
		return all && since === -Infinity && until === Infinity;
	}

	/** Sets the distance of those that do not count to `#filteredOut`. */
	#filter(start: number, distances: Uint16Array, { partitions, since, until }: IndexFilter): void {
		for (let index = 0, slot = start; index < distances.length; index += 1, slot += 1) {
			const createdAt = this.#createdAts[slot] as number;
			if (!partitions[this.#partitions[slot] as number] || createdAt < since || createdAt > until)
				distances[index] = this.#filteredOut;
		}
	}

	#at(slot: number): number {
		return this.#signatures + slot * this.#length;
	}
}

function enlarged<T extends Uint32Array | Float64Array>(from: T, to: T): T {
	to.set(from);
	return to;
}
