import assert from "node:assert/strict";
import { successors } from "../../../src/memory/searching/superseded.ts";
import { serviceFixture } from "../../support/fixtures/serviceFixture.ts";

/** Which of some texts, oldest first, has replaced which: the numbers of the older and the newer. */
function replaced(...texts: readonly string[]): readonly (readonly number[])[] {
	const memories = texts.map((text, index) => ({
		memory: {
			seq: index,
			id: String(index),
			text,
			userId: "u",
			scope: "global",
			createdAt: index,
			updatedAt: 0,
		},
	}));
	return [...successors(memories as unknown as Parameters<typeof successors>[0])];
}

describe("A newer memory", () => {
	const replacing: readonly (readonly [string, string, string])[] = [
		["the same subject lives elsewhere", "User lives in Lisbon.", "The user has moved to Porto"],
		[
			"it names what it replaces",
			"Linter is ESLint",
			"Switched linter from ESLint to Biome for faster checks",
		],
		[
			"the older names what replaced it",
			"Previously used TSLint for linting. Replaced by ESLint.",
			"We use ESLint for linting",
		],
		[
			"the same is measured anew",
			"I've been spending an hour each day on coding exercises",
			"By the way, I've been spending about two hours each day on coding exercises.",
		],
		[
			"there are more or fewer by now",
			"We have 30 dozen eggs stocked up in the fridge at the moment",
			"We've got 20 dozen eggs stocked up in the fridge right now.",
		],
		[
			"times of the same day differ",
			"I usually wake up at 8:30 am on Saturdays for a jog",
			"I usually wake up at 7:30am on Saturdays for a jog",
		],
	];
	for (const [why, older, newer] of replacing)
		it(`replaces an older one where ${why}`, () => {
			assert.deepEqual(replaced(older, newer), [[0, 1]]);
			assert.deepEqual(replaced(newer, newer), [], "not itself");
		});

	const both: readonly (readonly [string, string, string])[] = [
		[
			"nobody is only in one group",
			"Caroline joined a mentorship program",
			"Caroline joined a new activist group",
		],
		["there may be two of it", "The user likes tea", "The user likes coffee"],
		["it is of somebody else", "My birthday is May 3", "My wife's birthday is June 5"],
		[
			"it happened twice",
			"I ran 5 miles in the park with Ana on my birthday",
			"I ran 6 miles in the park with Ana on my birthday",
		],
		[
			"it is about another day",
			"I usually wake up at 6:00 am on Fridays for a jog",
			"I usually wake up at 7:30 am on Saturdays for a jog",
		],
		[
			"it counts something else",
			"I usually work 40 hours a week at the office",
			"I usually spend 3 hours a week on languages",
		],
	];
	for (const [why, older, newer] of both)
		it(`leaves an older one where ${why}`, () => assert.deepEqual(replaced(older, newer), []));
});

describe("A search for what has changed", () => {
	const memory = serviceFixture();

	it("has the newest first and marks the older, unless it asks for the past", async () => {
		const texts = ["The user lives in Lisbon", "The user moved to Porto"];
		await memory.service.transfer.importAll(
			texts.map((text, month) => ({ text, createdAt: `2026-0${month + 1}-01T00:00:00Z` })),
		);
		const now = (await memory.service.search({ query: "where does the user live?" })).memories;
		assert.deepEqual(
			now.map(({ text }) => text),
			["The user moved to Porto", "The user lives in Lisbon"],
		);
		assert.equal(now[1]?.supersededBy, now[0]?.id);
		const before = (await memory.service.search({ query: "where did the user live before?" })).memories;
		assert.equal(before[0]?.text, "The user lives in Lisbon");
	});

	it("finds what a person has marked as replaced only where it asks for the past", async () => {
		await memory.service.transfer.importAll([
			{ text: "Releases go out on Fridays" },
			{ text: "Releases go out each night" },
		]);
		const found = async (query: string) => (await memory.service.search({ query })).memories;
		const both = await found("when do releases go out?");
		const id = (text: string) => both.find((one) => one.text === text)?.id;
		const newer = id("Releases go out each night");
		await memory.service.change([{ id: id("Releases go out on Fridays"), supersededBy: newer }]);
		assert.deepEqual(
			(await found("when do releases go out?")).map(({ text }) => text),
			["Releases go out each night"],
		);
		const past = await found("when did releases go out previously?");
		assert.equal(past.find(({ text }) => text === "Releases go out on Fridays")?.supersededBy, newer);
	});
});
