import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import initWabt from "wabt";
import { Hamming, hammingImplementation } from "../../../src/store/sqlite/index/hammingScan.ts";
import { hammingScanBytes } from "../../../src/store/sqlite/index/hammingScanBytes.ts";
import { QueryPlanes, signatureLength, signatureOf } from "../../../src/vectors/signature.ts";

function differing(a: Uint8Array, b: Uint8Array): number {
	return a.reduce(
		(sum, byte, at) => sum + (byte ^ (b[at] as number)).toString(2).replaceAll("0", "").length,
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

describe("Counting differing bits", () => {
	it("runs the assembled hammingScan.wat", async () => {
		const source = await readFile("src/store/sqlite/index/hammingScan.wat", "utf8");
		const { buffer } = (await initWabt()).parseWat("hammingScan.wat", source, { simd: true }).toBinary({});
		assert.equal(hammingScanBytes, Buffer.from(buffer).toString("base64"), "Run npm run build.");
	});

	it("uses SIMD on this machine, and says so", () => {
		assert.equal(hammingImplementation(), "simd");
		// Wrapped JavaScript does not call itself native code, as an export of WebAssembly does.
		const native = (hamming: Hamming) => String(hamming.scan).includes("[native code]");
		assert.deepEqual([native(new Hamming(64)), native(new Hamming(64, "plain"))], [true, false]);
	});

	for (const implementation of ["simd", "plain"] as const) {
		it(`is exact for every length of signature (${implementation})`, () => {
			for (const blocks of [1, 3, 4, 12, 24, 128]) {
				const length = blocks * 16;
				const count = 37;
				const all = bytes(length * (count + 1), blocks);
				// The first signature differs from the query in every bit, the second in none.
				const query = all.subarray(0, length);
				all.set(
					query.map((byte) => ~byte),
					length,
				);
				all.set(query, 2 * length);
				const hamming = new Hamming(all.length + 2 * count, implementation);
				hamming.bytes.set(all);
				hamming.scan(length, 0, count, blocks, all.length);
				const expected = Array.from({ length: count }, (_, index) =>
					differing(query, all.subarray((index + 1) * length, (index + 2) * length)),
				);
				const found = new Uint16Array(hamming.bytes.buffer, all.length, count);
				assert.deepEqual([...found], expected);
				assert.deepEqual([...found.subarray(0, 2)], [8 * length, 0]);
			}
		});

		it(`keeps what is there when it grows (${implementation})`, () => {
			const hamming = new Hamming(64, implementation);
			hamming.bytes.set([1, 2, 3]);
			hamming.grow(300_000);
			assert.ok(hamming.bytes.length >= 300_000);
			assert.deepEqual([...hamming.bytes.subarray(0, 4)], [1, 2, 3, 0]);
		});

		it(`does nothing for no signatures (${implementation})`, () => {
			const hamming = new Hamming(64, implementation);
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
