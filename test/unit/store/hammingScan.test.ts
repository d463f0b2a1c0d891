import assert from "node:assert/strict";
import { createHamming, type Hamming, PlainHamming } from "../../../src/store/sqlite/index/hammingScan.ts";
import { QueryPlanes, signatureLength, signatureOf } from "../../../src/vectors/signature.ts";

function differing(a: Uint8Array, b: Uint8Array): number {
	return a.reduce(
		(sum, byte, at) => sum + ((byte ^ (b[at] as number)).toString(2).match(/1/g)?.length ?? 0),
		0,
	);
}

/** Bytes that look random and are the same in every run. */
function bytes(length: number, seed: number): Uint8Array {
	let state = seed;
	return Uint8Array.from({ length }, () => {
		state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
		return state >>> 24;
	});
}

const kinds: readonly (readonly [name: string, create: (size: number) => Hamming])[] = [
	["with SIMD where there is some", createHamming],
	["in JavaScript", (size) => new PlainHamming(size)],
];

describe("Counting differing bits", () => {
	for (const [name, create] of kinds) {
		it(`is exact for every length of signature, ${name}`, () => {
			for (const blocks of [1, 3, 4, 12, 24, 128]) {
				const length = blocks * 16;
				const count = 37;
				const all = bytes(length * (count + 1), blocks);
				// Also all bits at once, the most that can differ.
				all.fill(0, 0, length).fill(255, length, 2 * length);
				const hamming = create(all.length + 2 * count);
				hamming.bytes.set(all);
				hamming.scan(length, 0, count, blocks, all.length);
				const query = all.subarray(0, length);
				const expected = Array.from({ length: count }, (_, index) =>
					differing(query, all.subarray((index + 1) * length, (index + 2) * length)),
				);
				const found = new Uint16Array(hamming.bytes.buffer, all.length, count);
				assert.deepEqual([...found], expected);
			}
		});

		it(`keeps what is there when it grows, ${name}`, () => {
			const hamming = create(64);
			hamming.bytes.set([1, 2, 3]);
			hamming.grow(300_000);
			assert.ok(hamming.bytes.length >= 300_000);
			assert.deepEqual([...hamming.bytes.subarray(0, 4)], [1, 2, 3, 0]);
		});

		it(`does nothing for no signatures, ${name}`, () => {
			const hamming = create(64);
			hamming.bytes.fill(7);
			hamming.scan(16, 0, 0, 1, 32);
			assert.ok(hamming.bytes.subarray(0, 64).every((byte) => byte === 7));
		});
	}
});

describe("A signature", () => {
	it("has a bit for each positive component, and fills up whole blocks", () => {
		assert.deepEqual([128, 129, 512, 1000, 1536].map(signatureLength), [16, 32, 64, 128, 192]);
		const signature = signatureOf(Float32Array.from({ length: 40 }, (_, at) => (at % 3 === 0 ? 0.1 : -0.1)));
		const bits = Array.from({ length: 128 }, (_, at) => ((signature[at >> 3] as number) >> (at & 7)) & 1);
		assert.deepEqual(
			bits,
			Array.from({ length: 128 }, (_, at) => Number(at < 40 && at % 3 === 0)),
		);
	});

	it("is compared with the query by the query's components and its own signs", () => {
		for (const dimensions of [5, 40, 128, 1000]) {
			const numbers = (seed: number) => Float32Array.from(bytes(dimensions, seed), (byte) => byte - 127.5);
			const [query, vector] = [numbers(1), numbers(2)];
			const expected = query.reduce(
				(sum, value, at) => sum + ((vector[at] as number) > 0 ? value : -value),
				0,
			);
			const planes = new QueryPlanes(query);
			const signature = signatureOf(vector);
			const units = planes.planes.map((plane, at) => planes.planeUnits(at, differing(plane, signature)));
			const similarity = planes.similarity(units.reduce((sum, share) => sum + share));
			// Each component is off by half of a 63rd of the largest at most, mostly by less, and either way.
			assert.ok(Math.abs(similarity - expected) < 2 * Math.sqrt(dimensions), `${similarity} ${expected}`);
		}
	});
});
