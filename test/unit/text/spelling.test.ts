import assert from "node:assert/strict";
import { spelledLike } from "../../../src/text/spelling.ts";

describe("Words in another spelling", () => {
	for (const [word, other] of [
		["kubernets", "kubernetes"],
		["postgres", "postgresql"],
		["databse", "database"],
		["authentification", "authentication"],
	] as const)
		it(`are alike: ${word}, ${other}`, () => {
			const likeness = spelledLike(word)(other);
			assert.ok(likeness > 0.4 && likeness < 1, String(likeness));
		});

	for (const [word, other] of [
		["port", "portugal"],
		["main", "make"],
		["5433", "5434"],
		["ab", "abc"],
	] as const)
		it(`are other words: ${word}, ${other}`, () => {
			assert.ok(spelledLike(word)(other) < 0.6);
		});
});
