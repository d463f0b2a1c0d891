import assert from "node:assert/strict";
import { checkedUserName } from "../../../src/memory/access/userName.ts";
import { invalid } from "../../support/fixtures/serviceFixture.ts";

describe("Names of users", () => {
	it("are what people and their provider call them", () => {
		for (const name of ["ada", "ada@example.com", "auth0|5f7c", "00u1a-b_c", "Zoë", "李雷", "x".repeat(128)])
			assert.equal(checkedUserName(name), name);
		assert.equal(checkedUserName("Zoe\u0308"), "Zoë");
	});

	it("hold nothing that a terminal, a path or a reader takes for something else", () => {
		const hostile = ["\u001b[31mred", "a\nb", "a\tb", "a\0b", "a\u202eb", "a\u200bb", "a\u00a0b", "\ufeffa"];
		for (const name of [
			...hostile,
			"",
			" ",
			"a b",
			".",
			"..",
			"../x",
			"-x",
			"@x",
			"a;b",
			"a'b",
			'a"b',
			"<a>",
			"x".repeat(129),
		])
			assert.throws(
				() => checkedUserName(name),
				invalid("NAME", /is not valid: it takes 1 to 128 letters/),
				name,
			);
	});
});
