import assert from "node:assert/strict";
import { covers, relationTo, saysNoMoreThan } from "../../../src/text/coverage.ts";

const text = "Ada moved to Lisbon and she uses tabs.";

describe("What facts say of a text", () => {
	const all: readonly (readonly [text: string, facts: readonly string[]])[] = [
		[text, ["Ada moved to Lisbon.", "Ada uses tabs."]],
		["Hey, btw I moved to Lisbon last week, please remember!", ["User moved to Lisbon in November 2026"]],
		[
			"We decided to go with Postgres instead of MySQL because of JSON support",
			["User's team chose PostgreSQL over MySQL for its JSON support"],
		],
		["Yesterday I was in Rome", ["User was in Rome on February 2, 2020"]],
		[
			"My wife's name is Anna. We have two kids, Tom and Lea.",
			["User's wife is called Anna", "User has two children named Tom and Lea"],
		],
		[
			"Tests must be run with `npm test -- unit` before every commit; never push to main directly.",
			["Tests must be run with `npm test -- unit` before each commit", "Never push directly to main"],
		],
		[
			"Ich bin letzte Woche nach Lissabon gezogen und arbeite jetzt bei Siemens",
			["Der Benutzer ist nach Lissabon gezogen", "Der Benutzer arbeitet bei Siemens"],
		],
		[
			"Я переехал в Лиссабон и использую табы",
			["Пользователь переехал в Лиссабон", "Пользователь использует табы"],
		],
		["我昨天搬到了里斯本，喜欢蓝色主题", ["用户搬到了里斯本", "用户喜欢蓝色主题"]],
	];
	for (const [whole, facts] of all)
		it(`covers ${JSON.stringify(whole)}`, () => {
			assert.equal(covers(facts, whole), true);
			for (const fact of facts) assert.ok(relationTo([whole])(fact) > 0, fact);
		});

	const parts: readonly (readonly [why: string, text: string, facts: readonly string[]])[] = [
		["a clause is missing", text, ["Ada moved to Lisbon."]],
		["a name is missing", text, ["Ada uses tabs."]],
		[
			"a sentence of many is missing",
			"Ada lives in Paris. The build runs on Node 22. Deploy with make ship. Passwords rotate in spring.",
			["Ada lives in Paris", "The build runs on Node 22", "Deploy with make ship"],
		],
		[
			"a number is missing",
			"The staging database listens on port 5433",
			["There is a staging database with a port"],
		],
		["they are about something else", text, ["Name is John", "Is a Software engineer"]],
		["there are none", text, []],
	];
	for (const [why, whole, facts] of parts)
		it(`does not cover it where ${why}`, () => assert.equal(covers(facts, whole), false));

	it("has to do with the text, or with what was said before", () => {
		for (const fact of ["Name is John", "User is a Software engineer", "<fact>", "...", "🙂"])
			assert.equal(relationTo([text, ""])(fact), 0, fact);
		assert.ok(relationTo(["He does", "Ada's dog is Rex"])("Rex likes carrots") > 0);
		assert.equal(relationTo(["She sent 🙂"])("🙂"), 1);
		assert.equal(relationTo([text])("User uses tabs"), 1);
	});

	it("is all of it only if no word is missing", () => {
		const facts = ["Ada lives in Paris", "Bob lives in Rome"];
		assert.equal(saysNoMoreThan("Ada lives in Paris and Bob in Rome", facts), true);
		for (const more of ["Ada no longer lives in Paris", "Ada should live in Paris", "🙂"])
			assert.equal(saysNoMoreThan(more, facts), false, more);
	});
});
