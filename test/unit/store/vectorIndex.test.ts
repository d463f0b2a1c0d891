import assert from "node:assert/strict";
import {
	type Candidate,
	estimateError,
	type IndexFilter,
	VectorIndex,
} from "../../../src/store/sqlite/index/vectorIndex.ts";
import { signatureOf } from "../../../src/vectors/signature.ts";

const dimensions = 128;
const everything: IndexFilter = { partitions: [true, true, true], since: -Infinity, until: Infinity };

/** The same numbers in every run (mulberry32). */
function seeded(seed: number): () => number {
	let state = seed;
	return () => {
		state = (state + 0x6d2b79f5) | 0;
		let bits = Math.imul(state ^ (state >>> 15), 1 | state);
		bits = (bits + Math.imul(bits ^ (bits >>> 7), 61 | bits)) ^ bits;
		return ((bits ^ (bits >>> 14)) >>> 0) / 2 ** 32;
	};
}

/** A direction around a centre, of length 1. */
function vectorNear(centre: Float32Array | undefined, spread: number, random: () => number): Float32Array {
	const gaussian = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
	const vector = Float32Array.from(
		{ length: dimensions },
		(_, index) => (centre?.[index] ?? 0) + (spread * gaussian()) / Math.sqrt(dimensions),
	);
	const length = Math.hypot(...vector);
	return vector.map((value) => value / length);
}

function dot(a: Float32Array, b: Float32Array): number {
	return a.reduce((sum, value, index) => sum + value * (b[index] as number), 0);
}

describe("The vector index", () => {
	const random = seeded(7);
	const vectors = Array.from({ length: 5000 }, () => vectorNear(undefined, 1, random));
	const signature = (seq: number) => signatureOf(vectors[seq] as Float32Array);
	const memory = (seq: number) => ({ seq, partition: seq % 3, createdAt: seq * 10 });
	const filled = (count: number) => {
		const index = new VectorIndex(dimensions);
		for (let seq = 0; seq < count; seq += 1) index.set(memory(seq), signature(seq));
		return index;
	};
	const ascending = (seqs: readonly number[]) => seqs.toSorted((a, b) => a - b);
	const upTo = (count: number) => Array.from({ length: count }, (_, seq) => seq);
	const query = vectorNear(undefined, 1, random);
	const seqsOf = (found: readonly Candidate[]) => found.map(({ seq }) => seq);
	const candidates = (index: VectorIndex, ...asked: Parameters<VectorIndex["nearest"]>) => {
		const steps = index.nearest(...asked);
		for (;;) {
			const step = steps.next();
			if (step.done) return step.value;
		}
	};
	const nearest = (...asked: Parameters<typeof candidates>) => seqsOf(candidates(...asked));

	it("answers nothing when it is empty", () => {
		assert.deepEqual(nearest(new VectorIndex(dimensions), query, everything, 5), []);
	});

	for (const count of [1, 255, 256, 257, 3000, 4095, 4096, 4097]) {
		it(`answers all of ${count} memories when as many are asked for`, () => {
			const index = filled(count);
			assert.equal(index.size, count);
			assert.deepEqual(ascending(nearest(index, query, everything, count)), upTo(count));
			assert.deepEqual(ascending(nearest(index, query, everything, count + 100)), upTo(count));
		});
	}

	it("answers a memory for its own vector, however many there are", () => {
		const index = filled(3000);
		for (const seq of [0, 1023, 1024, 2048, 2999])
			assert.equal(nearest(index, vectors[seq] as Float32Array, everything, 1)[0], seq);
	});

	it("answers those whose signs differ least, ties included, those most similar to the query first", () => {
		const index = filled(3000);
		const signs = vectors.slice(0, 3000).map((vector) => vector.map((value) => (value > 0 ? 1 : -1)));
		const own = query.map((value) => (value > 0 ? 1 : -1));
		const large = 0.9957 / Math.sqrt(dimensions);
		const codes = vectors.map((vector) =>
			vector.map((value) => (value > 0 ? 1 : -1) * (Math.abs(value) > large ? 3 : 1)),
		);
		const similarity = (seq: number) => dot(codes[seq] as Float32Array, query);
		const differing = signs.map((sign) => (dimensions - dot(sign, own)) / 2);
		for (const count of [1, 7, 50, 500]) {
			const farthest = differing.toSorted((a, b) => a - b)[count - 1] as number;
			const expected = upTo(3000).filter((seq) => (differing[seq] as number) <= farthest);
			const found = nearest(index, query, everything, count);
			assert.deepEqual(ascending(found), expected);
			// The query is rounded; neighbours may be the other way round by that.
			for (const [place, seq] of found.slice(1).entries())
				assert.ok(similarity(seq) <= similarity(found[place] as number) + 0.4);
		}
	});

	it("estimates cosines with the error it says", () => {
		const found = candidates(filled(3000), query, everything, 3000);
		const errors = found.map(({ seq, estimate }) => estimate - dot(vectors[seq] as Float32Array, query));
		const deviation = Math.sqrt(errors.reduce((sum, error) => sum + error ** 2, 0) / errors.length);
		assert.ok(Math.abs(deviation / estimateError(dimensions) - 1) < 0.15, `${deviation}`);
	});

	it("takes no more than 250 bytes a memory at 1536 dimensions, also while it grows", () => {
		const index = new VectorIndex(1536);
		const constant = index.bytes;
		const some = signatureOf(new Float32Array(1536).fill(1));
		for (let seq = 1; seq <= 30_000; seq += 1) {
			index.set({ seq, partition: 0, createdAt: 0 }, some);
			if (seq % 5000 === 0) assert.ok(index.bytes - constant <= 250 * seq, `${index.bytes} for ${seq}`);
		}
	});

	it("offers the thread to others again and again while it searches", () => {
		const offers = [...filled(5000).nearest(query, everything, 3000)].length;
		// After every 4096 compared, and every 1024 estimated.
		assert.ok(offers >= 2 + 3, `${offers}`);
	});

	it("forgets what was deleted, wherever it was", () => {
		const index = filled(2000);
		const gone = new Set([0, 1, 1000, 1023, 1024, 1998, 1999]);
		for (const seq of gone) index.delete(seq);
		index.delete(0);
		index.delete(123_456);
		assert.equal(index.size, 2000 - gone.size);
		assert.deepEqual(
			ascending(nearest(index, query, everything, 2000)),
			upTo(2000).filter((seq) => !gone.has(seq)),
		);
		// The ones that moved into the gaps are still found by their own vectors.
		for (const seq of [1997, 1996, 1995])
			assert.equal(nearest(index, vectors[seq] as Float32Array, everything, 1)[0], seq);
	});

	it("takes memories back after it was emptied", () => {
		const index = filled(10);
		for (const seq of upTo(10)) index.delete(seq);
		assert.deepEqual([index.size, nearest(index, query, everything, 5)], [0, []]);
		index.set(memory(3), signature(3));
		assert.deepEqual(nearest(index, query, everything, 5), [3]);
	});

	it("replaces vector, partition and date of a memory it knows", () => {
		const index = filled(100);
		const other = vectors[2500] as Float32Array;
		index.set({ seq: 5, partition: 1, createdAt: 77_777 }, signatureOf(other));
		assert.equal(index.size, 100);
		assert.equal(nearest(index, other, everything, 1)[0], 5);
		assert.deepEqual(nearest(index, other, { ...everything, since: 77_777, until: 77_777 }, 9), [5]);
		assert.ok(!nearest(index, other, { ...everything, partitions: [true, false, true] }, 100).includes(5));
		assert.ok(!nearest(index, vectors[5] as Float32Array, everything, 1).includes(5));
	});

	const filters: readonly (readonly [what: string, filter: IndexFilter, lets: (seq: number) => boolean])[] = [
		["one partition", { ...everything, partitions: [false, true, false] }, (seq) => seq % 3 === 1],
		["two partitions", { ...everything, partitions: [true, false, true] }, (seq) => seq % 3 !== 1],
		["partitions it was told of before", { ...everything, partitions: [true] }, (seq) => seq % 3 === 0],
		["no partition", { ...everything, partitions: [] }, () => false],
		["since a time, inclusive", { ...everything, since: 500 }, (seq) => seq >= 50],
		["until a time, inclusive", { ...everything, until: 500 }, (seq) => seq <= 50],
		["a time between", { ...everything, since: 501, until: 509 }, () => false],
		[
			"partition and time together",
			{ partitions: [false, false, true], since: 100, until: 2000 },
			(seq) => seq % 3 === 2 && seq >= 10 && seq <= 200,
		],
	];
	for (const [what, filter, lets] of filters) {
		it(`answers all that a filter lets through, and no others: ${what}`, () => {
			const found = nearest(filled(1500), query, filter, 1500);
			assert.deepEqual(ascending(found), upTo(1500).filter(lets));
		});
	}

	it("finds as many through a narrow filter as through none", () => {
		const found = nearest(filled(3000), query, { ...everything, since: 100, until: 300 }, 10);
		assert.ok(found.length >= 10 && found.every((seq) => seq >= 10 && seq <= 30));
	});

	it("has the true ten nearest of 5,000 among its 200 candidates, nearly always, and early", () => {
		const spread = seeded(42);
		const centres = Array.from({ length: 50 }, () => vectorNear(undefined, 1, spread));
		const near = () => vectorNear(centres[Math.floor(spread() * centres.length)], 0.7, spread);
		const all = Array.from({ length: 5000 }, near);
		const index = new VectorIndex(dimensions);
		for (const [seq, vector] of all.entries())
			index.set({ seq, partition: 0, createdAt: 0 }, signatureOf(vector));
		let hits = 0;
		let early = 0;
		const queries = 40;
		for (let asked = 0; asked < queries; asked += 1) {
			const wanted = near();
			const cosines = all.map((vector) => dot(vector, wanted));
			const exact = upTo(5000).toSorted((a, b) => (cosines[b] as number) - (cosines[a] as number));
			const found = nearest(index, wanted, everything, 200);
			const among = new Set(found);
			const first = new Set(found.slice(0, 40));
			early += exact.slice(0, 10).filter((seq) => first.has(seq)).length;
			assert.ok(found.length < 1000, `${found.length} candidates are a scan of everything`);
			hits += exact.slice(0, 10).filter((seq) => among.has(seq)).length;
		}
		const recall = hits / (10 * queries);
		assert.ok(recall >= 0.95, `recall ${recall}`);
		// Estimates from the signs alone would put some 0.75 of them there.
		assert.ok(early >= 0.93 * 10 * queries, `${early / (10 * queries)} among the first 40`);
	});

	it("works for a number of dimensions that is no multiple of 32", () => {
		const index = new VectorIndex(5);
		index.set({ seq: 1, partition: 0, createdAt: 0 }, signatureOf(Float32Array.of(1, 1, 1, 1, 1)));
		index.set({ seq: 2, partition: 0, createdAt: 0 }, signatureOf(Float32Array.of(-1, -1, -1, -1, 1)));
		assert.equal(nearest(index, Float32Array.of(1, 1, 1, -1, 1), everything, 1)[0], 1);
		assert.equal(nearest(index, Float32Array.of(-1, -1, 1, -1, 1), everything, 1)[0], 2);
	});
});
