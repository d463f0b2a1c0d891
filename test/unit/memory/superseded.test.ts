import assert from "node:assert/strict";
import { successors } from "../../../src/memory/searching/superseded.ts";
import type { StoredMemory } from "../../../src/store/types.ts";

/** Of texts saved one after the other, those that a later one has replaced, by their numbers. */
function replaced(...texts: readonly string[]): readonly number[] {
	const memories = texts.map((text, seq): { readonly memory: StoredMemory } => ({
		memory: { seq, id: `${seq}`, text, userId: "ada", scope: "global", createdAt: seq, updatedAt: seq },
	}));
	return [...successors(memories).keys()];
}

describe("A fact that a newer one has replaced", () => {
	for (const texts of [
		["The user lives in Lisbon", "I moved to Porto"],
		["Alice works at Acme", "Alice joined Globex"],
		["The API port is 3000", "The API port is 4000"],
		["Our test runner is Jest", "Our test runner is now Vitest"],
		["Database is MySQL 5.7", "Migrated database from MySQL to PostgreSQL 14"],
		["Linter is ESLint", "Switched linter from ESLint to Biome for faster checks"],
		["We use Jest for tests", "We use Vitest instead of Jest for tests"],
		["The project uses Redux for state", "Replaced Redux with Zustand for state"],
	])
		it(`is known: ${texts.join(" / ")}`, () => {
			assert.deepEqual(replaced(...texts), [0]);
			assert.deepEqual(replaced(texts[0] ?? "", texts[0] ?? ""), []);
		});

	for (const texts of [
		["The user likes tea", "The user likes coffee"],
		["Alice works at Acme", "Bob works at Globex"],
		["The staging database is PostgreSQL", "The production database is MySQL"],
		["The release branch of alpha is main", "The release branch of beta is trunk"],
		["My birthday is May 3", "My wife's birthday is June 5"],
		["The database is PostgreSQL", "The database is slow today"],
		["MySQL needs a password", "Migrated database from MySQL to PostgreSQL 14"],
		["I moved to Porto", "The user likes Lisbon"],
	])
		it(`is not seen where it is not certain: ${texts.join(" / ")}`, () => {
			assert.deepEqual(replaced(...texts), []);
		});
});
