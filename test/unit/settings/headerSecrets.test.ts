import assert from "node:assert/strict";
import { mask } from "../../../src/settings/effective.ts";
import { meantHeaders, shownHeaders } from "../../../src/settings/keys/headerSecrets.ts";

const saved = JSON.stringify({
	Authorization: "Bearer sk-1",
	"X-Api-Key": "k",
	"X-Team": "blue",
	"X-Token": "${env:TEAM_TOKEN}",
});

describe("Headers with a secret", () => {
	it("are shown without it", () => {
		assert.deepEqual(JSON.parse(shownHeaders(saved, saved, false)), {
			Authorization: mask,
			"X-Api-Key": mask,
			"X-Team": "blue",
			"X-Token": "${env:TEAM_TOKEN}",
		});
	});

	it("keep it when other headers are edited", () => {
		const edited = shownHeaders(saved, saved, false).replace("blue", "red");
		assert.equal(meantHeaders(edited, saved), saved.replace("blue", "red"));
	});

	it("show what was typed, but not what was there before", () => {
		const typed = meantHeaders(shownHeaders(saved, saved, false).replace(mask, "Bearer n"), saved);
		assert.equal(typed, saved.replace("Bearer sk-1", "Bearer n"));
		const shown = JSON.parse(shownHeaders(typed, saved, true)) as Record<string, string>;
		assert.deepEqual([shown.Authorization, shown["X-Api-Key"]], ["Bearer n", mask]);
		// From a file, they were typed nowhere.
		assert.doesNotMatch(shownHeaders(typed, saved, false), /Bearer/);
	});

	it("that are not valid stay as they are", () => {
		assert.equal(shownHeaders("X-Team: blue", undefined, false), "X-Team: blue");
		assert.equal(meantHeaders("", saved), "");
	});
});
