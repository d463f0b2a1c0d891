import assert from "node:assert/strict";
import { asksWhen, mentionsTime, timeMatchers } from "../../../src/text/timeExpressions.ts";

/** A Wednesday. */
const now = new Date(2024, 4, 15, 10).getTime();
const at = (year: number, month: number, day: number) => new Date(year, month - 1, day, 12).getTime();

function closeness(query: string, time: number): number {
	return timeMatchers(query, now).reduce((best, fits) => Math.max(best, fits(time)), 0);
}

describe("Times that a question names", () => {
	const cases: readonly (readonly [query: string, fits: number, not: number])[] = [
		["What did we decide today?", at(2024, 5, 15), at(2024, 5, 14)],
		["What happened yesterday?", at(2024, 5, 14), at(2024, 5, 15)],
		["What was planned last week?", at(2024, 5, 8), at(2024, 4, 20)],
		["What did I say this week?", at(2024, 5, 13), at(2024, 5, 1)],
		["Which bugs came up last month?", at(2024, 4, 10), at(2024, 1, 10)],
		["What did we agree on last Friday?", at(2024, 5, 10), at(2024, 5, 11)],
		["What did we agree on Wednesday?", at(2024, 5, 8), at(2024, 5, 15)],
		["What did I do three weeks ago?", at(2024, 4, 24), at(2024, 5, 10)],
		["What did I do 2 days ago?", at(2024, 5, 13), at(2024, 5, 9)],
		["Where was she in May 2023?", at(2023, 5, 20), at(2024, 5, 10)],
		["Where was she in May?", at(2022, 5, 20), at(2022, 6, 1)],
		["What did Ada paint in august?", at(2023, 8, 2), at(2023, 7, 31)],
		["Who called on 8 May, 2023?", at(2023, 5, 8), at(2023, 6, 8)],
		["Who called on May 8th?", at(2023, 5, 8), at(2023, 6, 8)],
		["Who called on the 3rd of June 2023?", at(2023, 6, 3), at(2022, 6, 3)],
		["the release of 2023-05-08", at(2023, 5, 8), at(2023, 8, 5)],
		["Where did we live in 2019?", at(2019, 2, 1), at(2020, 2, 1)],
	];
	for (const [query, fits, not] of cases) {
		it(`are understood: ${query}`, () => {
			assert.ok(closeness(query, fits) > 0);
			assert.equal(closeness(query, not), 0);
		});
	}

	it("fit the better the nearer the day is that is named", () => {
		const query = "Who called on 8 May 2023?";
		assert.ok(closeness(query, at(2023, 5, 8)) > closeness(query, at(2023, 5, 10)));
		assert.ok(closeness(query, at(2023, 5, 10)) > closeness(query, at(2023, 5, 28)));
	});

	for (const query of [
		"May I use tabs?",
		"How do we march on?",
		"What is port 5433?",
		"Who is Ada?",
		"version 2.4",
	])
		it(`are not seen where there are none: ${query}`, () => assert.deepEqual(timeMatchers(query, now), []));
});

describe("Questions for a time", () => {
	it("are told from others", () => {
		for (const query of [
			"When did Ada move?",
			"What year was it?",
			"how long have we used it",
			"Which day is the release?",
		])
			assert.ok(asksWhen(query), query);
		for (const query of ["Where did Ada move?", "What does she do when it rains?", "Who is it?"])
			assert.ok(!asksWhen(query), query);
	});

	it("are answered by texts that tell one", () => {
		for (const text of [
			"Ada moved last week",
			"The release is on Fridays",
			"It runs since 2019",
			"the 3rd attempt",
		])
			assert.ok(mentionsTime(text), text);
		for (const text of ["Ada moved to Lisbon", "The user prefers tabs"]) assert.ok(!mentionsTime(text), text);
	});
});
