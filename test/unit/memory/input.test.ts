import assert from "node:assert/strict";
import { InputError } from "../../../src/memory/errors.ts";
import {
	checkedFilter,
	checkedLimit,
	checkedMetadata,
	checkedQuery,
	checkedScope,
	checkedText,
	checkedTime,
	decodeCursor,
	encodeCursor,
	maxTextLength,
} from "../../../src/memory/input.ts";
import { checkedMemory } from "../../../src/memory/requests.ts";
import { projectA } from "../../support/fixtures/projects.ts";

/** That a call is refused, in words that match, for the argument named. */
function refuses(call: () => unknown, field: string, message: RegExp): void {
	assert.throws(call, (error) => {
		assert.ok(error instanceof InputError, String(error));
		assert.equal(error.field, field);
		assert.match(error.message, message);
		return true;
	});
}

describe("The text of a memory", () => {
	const bad: readonly (readonly [what: string, text: unknown, message: RegExp])[] = [
		["is missing", undefined, /missing.*string/],
		["is null", null, /missing.*string/],
		["is a number", 42, /missing.*string/],
		["is empty", "", /empty/],
		["is white space", " \n\t ", /empty/],
		["is too long", "x".repeat(32_001), /32001 characters.*the maximum is 32000.*Nothing was saved/],
		["holds NUL", "abc\0def", /NUL.*position 3.*Nothing was saved/],
		["holds a high surrogate alone", "abcd\ud83ce", /surrogate.*position 4.*Nothing was saved/],
		["holds a low surrogate alone", "🍕\udf55", /surrogate.*position 2.*Nothing was saved/],
		["ends in half a character", "abc\ud83c", /surrogate.*position 3/],
	];
	for (const [what, text, message] of bad) {
		it(`is refused, with what to do, when it ${what}`, () => {
			refuses(() => checkedText(text), "text", message);
		});
	}

	it("is kept as it is but for white space around it", () => {
		for (const text of ["a", "x".repeat(32_000), "line one\n\n  line two", "🍕", "日本語", "a\u0301", "0"])
			assert.equal(checkedText(`\n  ${text}\t`), text);
		assert.equal(maxTextLength, 32_000);
	});
});

describe("A query", () => {
	for (const [what, query, message] of [
		["is missing", undefined, /missing/],
		["is no string", ["x"], /missing/],
		["is empty", "", /empty/],
		["is white space", " \t", /empty/],
		["is NUL only", "\0", /empty/],
		["is too long", "x".repeat(32_001), /32001 characters.*32000/],
	] as const) {
		it(`is refused when it ${what}`, () => refuses(() => checkedQuery(query), "query", message));
	}

	it("passes over what could not be stored", () => {
		assert.equal(checkedQuery(" a\0b \ud83c "), "a b \ufffd");
	});
});

describe("A limit", () => {
	for (const limit of [0, -1, 51, 1.5, Number.NaN, Infinity, "5", null, {}, true]) {
		it(`of ${typeof limit === "object" ? JSON.stringify(limit) : String(limit)} is refused with its value and the accepted range`, () => {
			refuses(() => checkedLimit(limit, 50), "limit", /^limit=.* whole number from 1 to 50/);
		});
	}

	it("that is no number is not shown as null", () => {
		refuses(() => checkedLimit(Number.NaN, 50), "limit", /limit=(?!null)/);
	});

	it("may be anything from 1 to the most", () => {
		for (const limit of [1, 5, 50]) assert.equal(checkedLimit(limit, 50), limit);
	});
});

describe("A scope to save to", () => {
	it("is global unless asked otherwise", () => {
		assert.equal(checkedScope(), "global");
		assert.equal(checkedScope(undefined, projectA), "global");
		assert.equal(checkedScope("project", projectA), "project");
	});

	for (const scope of ["all", "Global", "", 1, {}]) {
		it(`is refused with the accepted words: ${JSON.stringify(scope)}`, () => {
			refuses(() => checkedScope(scope, projectA), "scope", /^scope=.*one of global, project/);
		});
	}

	it("cannot be a project where none is open", () => {
		refuses(() => checkedScope("project"), "scope", /[Nn]o project is open.*global.*Nothing was saved/);
	});
});

describe("A filter", () => {
	const filters: readonly (readonly [scope: string | undefined, global: boolean, projects: unknown])[] = [
		[undefined, true, [projectA.id]],
		["global", true, []],
		["project", false, [projectA.id]],
		["all", true, "all"],
	];
	for (const [scope, global, projects] of filters) {
		it(`of scope ${scope} takes in ${global ? "global memories" : "no global memories"} and projects ${projects}`, () => {
			assert.deepEqual(checkedFilter("ada", { scope, project: projectA }), {
				userId: "ada",
				global,
				projects,
			});
		});
	}

	it("without a project takes in global memories only", () => {
		assert.deepEqual(checkedFilter("ada", {}), { userId: "ada", global: true, projects: [] });
	});

	it("is refused for an unknown scope, and for a project where none is open", () => {
		refuses(() => checkedFilter("ada", { scope: "mine" }), "scope", /"mine".*global, project, all/);
		refuses(() => checkedFilter("ada", { scope: "project" }), "scope", /[Nn]o project is open/);
	});

	it("takes in the whole of its first and last day", () => {
		const { since, until } = checkedFilter("ada", { since: "2026-05-31", until: "2026-05-31" });
		assert.equal(since, Date.parse("2026-05-31T00:00:00.000Z"));
		assert.equal(until, Date.parse("2026-05-31T23:59:59.999Z"));
	});

	it("takes a month for all of its days", () => {
		const { since, until } = checkedFilter("ada", { since: "2026-02", until: "2026-02" });
		assert.equal(since, Date.parse("2026-02-01T00:00:00Z"));
		assert.equal(until, Date.parse("2026-02-28T23:59:59.999Z"));
	});

	it("is refused when since is later than until", () => {
		const request = { since: "2026-06-01", until: "2026-05-31" };
		refuses(() => checkedFilter("ada", request), "since", /since is later than until/);
	});
});

describe("A time", () => {
	const good: readonly (readonly [value: unknown, iso: string])[] = [
		["2026-05-31", "2026-05-31T00:00:00.000Z"],
		[" 2026-05-31 ", "2026-05-31T00:00:00.000Z"],
		["2026-05-31T18:00:00Z", "2026-05-31T18:00:00.000Z"],
		["2026-05-31T18:00:00.5Z", "2026-05-31T18:00:00.500Z"],
		["2026-05-31T18:00:00+02:00", "2026-05-31T16:00:00.000Z"],
		["2024-02-29", "2024-02-29T00:00:00.000Z"],
		[1_780_250_400_000, "2026-05-31T18:00:00.000Z"],
		[0, "1970-01-01T00:00:00.000Z"],
	];
	for (const [value, iso] of good) {
		it(`of ${JSON.stringify(value)} is ${iso}`, () => {
			assert.equal(new Date(checkedTime("since", value, false) ?? Number.NaN).toISOString(), iso);
		});
	}

	it("may be left out", () => {
		assert.equal(checkedTime("since", undefined, false), undefined);
		assert.equal(checkedTime("since", null, true), undefined);
	});

	for (const value of [
		"",
		"yesterday",
		"31.05.2026",
		"2026-13-01",
		"2026-02-30",
		"2026-02-30T10:00:00Z",
		"2026-05-31T25:00:00Z",
		"2026-05-31foo",
		1.5,
		8.64e15 + 1,
		true,
		{},
	]) {
		it(`of ${JSON.stringify(value)} is refused with its value and the accepted form`, () => {
			const call = () => checkedTime("until", value, false);
			refuses(call, "until", /^until=.*ISO 8601 date or time, such as 2026-05-31/);
			assert.throws(call, (error: Error) => error.message.includes(JSON.stringify(value)));
		});
	}
});

describe("Metadata", () => {
	it("may be any JSON object, or left out", () => {
		const metadata = { tags: ["a", "ü"], nested: { n: 1.5, none: null, yes: true } };
		assert.deepEqual(checkedMetadata(metadata), metadata);
		for (const nothing of [undefined, null, {}]) assert.equal(checkedMetadata(nothing), undefined);
	});

	it("is refused with a number that JSON cannot hold, which would become null", () => {
		const metadata = JSON.parse('{"list":[{"n":1e999}]}');
		refuses(
			() => checkedMetadata(metadata),
			"metadata",
			/number in "n" that is too large.*Nothing was saved/,
		);
	});

	for (const metadata of [[], ["a"], "text", 5, true]) {
		it(`is refused when it is no object: ${JSON.stringify(metadata)}`, () => {
			refuses(() => checkedMetadata(metadata), "metadata", /^metadata=.*JSON object/);
		});
	}

	it("is refused when it is too long, with its length", () => {
		const metadata = { note: "x".repeat(16_000) };
		refuses(() => checkedMetadata(metadata), "metadata", /16011 characters.*16000.*Nothing was saved/);
	});

	const deep = (levels: number): unknown => JSON.parse(`${'{"a":'.repeat(levels)}1${"}".repeat(levels)}`);

	it("is refused when it is nested too deeply, whatever that costs others", () => {
		assert.deepEqual(checkedMetadata(deep(20)), deep(20));
		refuses(() => checkedMetadata(deep(21)), "metadata", /more than 20 levels.*Nothing was saved/);
		refuses(() => checkedMetadata(deep(200_000)), "metadata", /more than 20 levels/);
		const lists: unknown = JSON.parse("[".repeat(200_000) + "]".repeat(200_000));
		refuses(() => checkedMetadata(lists), "metadata", /^metadata=\[…\] is not valid: it takes a JSON object/);
		refuses(() => checkedMetadata({ lists }), "metadata", /more than 20 levels/);
		refuses(() => checkedMemory("ada", { text: "a", scope: lists }), "scope", /scope=\[…\]/);
		refuses(
			() => checkedMemory("ada", { text: "a", createdAt: deep(200_000) }),
			"createdAt",
			/createdAt=\{…\}/,
		);
	});

	it("is refused when it is huge, before all of it is written down", () => {
		const wide = Object.fromEntries(Array.from({ length: 100_000 }, (_, index) => [`k${index}`, 1]));
		refuses(() => checkedMetadata(wide), "metadata", /far more than 16000 characters/);
	});
});

describe("A cursor", () => {
	for (const position of [
		{ key: 1_780_250_400_000, seq: 7 },
		{ key: -5, seq: 1 },
	]) {
		it(`leads back to ${JSON.stringify(position)}`, () => {
			assert.deepEqual(decodeCursor(encodeCursor(position)), position);
		});
	}

	it("may be left out", () => assert.equal(decodeCursor(undefined), undefined));

	for (const cursor of ["", "abc", 5, null, {}, Buffer.from("1:2:3").toString("base64url")]) {
		it(`is refused when it is not one of ours: ${JSON.stringify(cursor)}`, () => {
			refuses(() => decodeCursor(cursor), "cursor", /nextCursor of the previous page/);
		});
	}
});

describe("A draft", () => {
	it("is dated now unless it says otherwise", () => {
		const before = Date.now();
		const { createdAt } = checkedMemory("ada", { text: "a" });
		assert.ok(createdAt >= before && createdAt <= Date.now());
		assert.equal(
			checkedMemory("ada", { text: "a", createdAt: "2020-01-02" }).createdAt,
			Date.UTC(2020, 0, 2),
		);
	});

	it("names its project only when it goes there", () => {
		const request = { text: "a", project: projectA, createdAt: 1 };
		assert.deepEqual(checkedMemory("ada", request), {
			text: "a",
			userId: "ada",
			scope: "global",
			createdAt: 1,
		});
		assert.deepEqual(checkedMemory("ada", { ...request, scope: "project" }).project, projectA);
	});

	it("is refused for anything that is wrong with it", () => {
		refuses(() => checkedMemory("ada", { text: "" }), "text", /empty/);
		refuses(() => checkedMemory("ada", { text: "a", scope: "project" }), "scope", /No project/);
		refuses(() => checkedMemory("ada", { text: "a", createdAt: "soon" }), "createdAt", /createdAt="soon"/);
		refuses(() => checkedMemory("ada", { text: "a", metadata: [] }), "metadata", /JSON object/);
	});
});
