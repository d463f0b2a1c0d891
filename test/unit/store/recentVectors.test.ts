import assert from "node:assert/strict";
import { RecentVectors } from "../../../src/store/sqlite/index/recentVectors.ts";

const dimensions = 1024 * 1024;
/** So many vectors have room. */
const room = 4;

describe("The vectors compared last", () => {
	const vector = (value: number) => new Float32Array(dimensions).fill(value);
	const filled = (count: number) => {
		const recent = new RecentVectors(dimensions);
		for (let seq = 1; seq <= count; seq += 1) recent.set(seq, vector(seq));
		return recent;
	};
	const known = (recent: RecentVectors, upTo: number) =>
		Array.from({ length: upTo }, (_, index) => recent.get(index + 1)?.[dimensions - 1]);

	it("are kept as they are", () => {
		assert.deepEqual(known(filled(room), room), [1, 2, 3, 4]);
	});

	it("make room for another where they were used least recently", () => {
		const recent = filled(room);
		recent.get(1);
		recent.set(5, vector(5));
		assert.deepEqual(known(recent, 5), [1, undefined, 3, 4, 5]);
		recent.set(6, vector(6));
		assert.deepEqual(
			known(recent, 6),
			[undefined, undefined, 3, 4, 5, 6],
			"reading them was using them, too",
		);
	});

	it("leave their place to the next when they are deleted, or set again", () => {
		const recent = filled(room);
		recent.delete(2);
		recent.delete(2);
		recent.set(3, vector(30));
		recent.set(5, vector(5));
		assert.deepEqual(known(recent, 5), [1, undefined, 30, 4, 5]);
	});
});
