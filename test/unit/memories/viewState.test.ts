import assert from "node:assert/strict";
import { spansAt } from "../../../src/vscode/memories/view/timeSpans.ts";
import { initialState, readState } from "../../../src/vscode/memories/view/viewState.ts";

describe("How the view is arranged", () => {
	it("is read back, as far as it is valid", () => {
		const state = {
			order: "oldest",
			group: "client",
			filter: { author: "ada", client: "codex", how: "hook", marks: ["pinned"] },
		};
		assert.deepEqual(readState(JSON.parse(JSON.stringify(state))), state);
		for (const wrong of [
			undefined,
			null,
			5,
			"x",
			[],
			{},
			{ order: "best", group: 1, filter: 7 },
			{ filter: { marks: "pinned", how: "magic", client: {} } },
		])
			assert.deepEqual(readState(wrong), initialState);
	});

	it("has spans of time without gaps or overlaps, by the local midnight", () => {
		const now = new Date(2026, 2, 29, 15, 30).getTime();
		const spans = spansAt(now);
		assert.deepEqual(
			spans.map(({ span }) => span),
			["today", "yesterday", "week", "month", "older"],
		);
		assert.equal(spans[0]?.since, new Date(2026, 2, 29).getTime());
		assert.equal(spans[0]?.until, undefined);
		for (const [index, { since }] of spans.entries())
			if (since !== undefined) assert.equal(spans[index + 1]?.until, since - 1);
		assert.equal(spans.at(-1)?.since, undefined);
	});
});
