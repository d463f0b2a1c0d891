import assert from "node:assert/strict";
import { ageOf, counted, plural } from "../../../src/text/wording.ts";

describe("The age of a memory", () => {
	const minute = 60_000;
	const hour = 60 * minute;
	const day = 24 * hour;
	const ages: readonly (readonly [elapsed: number, words: string])[] = [
		[0, "just now"],
		[minute - 1, "just now"],
		[minute, "1 minute ago"],
		[2 * minute - 1, "1 minute ago"],
		[hour - 1, "59 minutes ago"],
		[hour, "1 hour ago"],
		[day - 1, "23 hours ago"],
		[day, "1 day ago"],
		[3 * day, "3 days ago"],
		[7 * day - 1, "6 days ago"],
		[7 * day, "1 week ago"],
		[31 * day, "1 month ago"],
		[100 * day, "3 months ago"],
		[366 * day, "1 year ago"],
		[3653 * day, "10 years ago"],
		[-minute + 1, "just now"],
		[-2 * day, "in 2 days"],
	];
	for (const [elapsed, words] of ages) {
		it(`of ${elapsed / minute} minutes is "${words}"`, () => {
			const now = Date.UTC(2026, 4, 31);
			assert.equal(ageOf(now - elapsed, now), words);
		});
	}

	it("is measured up to now", () => {
		assert.equal(ageOf(Date.now() - 5 * minute - 5000), "5 minutes ago");
	});
});

describe("Numbers of memories", () => {
	it("are told in the singular and the plural", () => {
		assert.deepEqual([0, 1, 2].map(counted), ["0 memories", "1 memory", "2 memories"]);
	});
});

describe("A count with its words", () => {
	it("has the form of one, or of several", () => {
		assert.equal(plural(1, "# save waits", "# saves wait"), "1 save waits");
		assert.equal(plural(0, "# save waits", "# saves wait"), "0 saves wait");
		assert.equal(plural(2, "it", "them"), "them");
	});
});
