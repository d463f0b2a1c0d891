import assert from "node:assert/strict";
import { comparableText, relationOf } from "../../../src/memory/curating/comparison.ts";
import { acceptCandidates } from "../../../src/memory/curating/decisions.ts";
import { partsOf } from "../../../src/memory/curating/splitting.ts";
import { duplicateGroups, tidyUp } from "../../../src/memory/curating/tidyUp.ts";
import { foundTexts, serviceFixture } from "../../support/fixtures/serviceFixture.ts";

const day = 86_400_000;
const now = Date.parse("2026-06-01T12:00:00Z");
const alpha = { id: "/home/ada/alpha", name: "alpha" };
const beta = { id: "/home/ada/beta", name: "beta" };

describe("Two texts", () => {
	const relations = {
		same: [
			["Ada prefers tabs over spaces", "Ada really prefers tabs over spaces now."],
			[
				"We deploy with make ship, from the main branch only",
				"We deploy from the main branch only, with make ship",
			],
			["Money is integers in cents", "Money is stored as integers in cents"],
		],
		contradiction: [
			["Ada uses tabs", "Ada uses spaces"],
			["The project uses tabs for indentation", "The project uses spaces for indentation"],
			["The API listens on port 8080", "The API listens on port 8081"],
			["Deploy on Fridays", "Never deploy on Fridays"],
			["Use pnpm, not npm", "Use npm, not pnpm"],
		],
		neither: [
			["Tests of alpha run with mocha", "Tests of beta run with mocha"],
			["The staging server is at 10.0.0.1", "The production server is at 10.0.0.2"],
			["Version 1.2 needs Node 20", "Version 1.3 needs Node 22"],
			["Ada lives in Oslo", "Ben lives in Oslo"],
			["Ada prefers tabs", "The API returns money as integers"],
		],
	} as const;
	for (const [relation, pairs] of Object.entries(relations))
		for (const [one, other] of pairs)
			it(`"${one}" and "${other}" are ${relation}`, () => {
				const expected = relation === "neither" ? undefined : relation;
				const [left, right] = [comparableText(one), comparableText(other)];
				assert.deepEqual([relationOf(left, right), relationOf(right, left)], [expected, expected]);
			});
});

describe("Tidying up", () => {
	const memory = serviceFixture();
	const options = { now, unusedMonths: 6, isGone: async ({ id }: { id: string }) => id === beta.id };
	const add = (text: string, more: object = {}) =>
		memory.service.transfer.importAll([{ text, createdAt: now - 10 * day, ...more }]);
	const waiting = async () => (await memory.service.review.list()).candidates;
	const proposed = async () => (await waiting()).map(({ action, text }) => [action, text]);

	it("proposes to merge memories that say the same, and changes nothing by itself", async () => {
		await add("Ada prefers tabs over spaces");
		await add("Ada really prefers tabs over spaces now");
		await add("The API returns money as integers in cents");
		assert.deepEqual(await tidyUp(memory.service, options), { proposed: 1, examined: 3 });
		assert.deepEqual(await proposed(), [["merge", "Ada really prefers tabs over spaces now"]]);
		assert.equal((await memory.service.list()).total, 3);
		await acceptCandidates(memory.service, await waiting());
		assert.equal((await memory.service.list()).total, 2);
		assert.deepEqual(await waiting(), []);
	});

	it("finds by meaning what says the same in other words, and no more than that", async () => {
		for (const text of [
			"The API needs a token",
			"A token is required by the API",
			"The staging server is slow",
			"The production server is slow",
		])
			await add(text);
		await tidyUp(memory.service, options);
		const [candidate, ...others] = await waiting();
		assert.equal(candidate?.action, "merge");
		assert.equal(candidate?.text, "A token is required by the API");
		assert.deepEqual(others, []);
	});

	it("does not propose again what was rejected, or waits", async () => {
		await add("Ada prefers tabs over spaces");
		await add("Ada really prefers tabs over spaces now");
		await tidyUp(memory.service, options);
		assert.equal((await tidyUp(memory.service, options)).proposed, 0);
		await memory.service.review.reject((await waiting()).map(({ id }) => id));
		assert.equal((await tidyUp(memory.service, options)).proposed, 0);
	});

	it("lets the newer of two that contradict each other take the place of the older", async () => {
		await add("The project uses tabs for indentation", { createdAt: now - 300 * day });
		await add("The project uses spaces for indentation", { createdAt: now - day });
		await tidyUp(memory.service, options);
		const [candidate] = await waiting();
		assert.equal(candidate?.action, "supersede");
		assert.match(candidate?.why ?? "", /1 day ago.*otherwise.*9 months ago/);
		const decided = await acceptCandidates(memory.service, await waiting());
		assert.deepEqual(await foundTexts(memory, "indentation"), ["The project uses spaces for indentation"]);
		await memory.service.review.undo(decided);
		assert.equal((await foundTexts(memory, "indentation")).length, 2);
	});

	it("compares only memories that are seen together", async () => {
		await add("The project uses tabs", { scope: "project", project: alpha });
		await add("The project uses spaces", { scope: "project", project: beta });
		assert.equal((await tidyUp(memory.service, { ...options, isGone: async () => false })).proposed, 0);
	});

	it("proposes to delete what has expired, and what nobody used for months of a project that is gone", async () => {
		await add("The freeze ends on Monday", { expiresAt: now - day });
		const old = { scope: "project", createdAt: now - 400 * day };
		await add("Beta has no database", { ...old, project: beta });
		await add("Beta is written in Go", { ...old, project: beta, pinned: true });
		await add("Alpha is written in Rust", { ...old, project: alpha });
		await add("Beta has three developers", { scope: "project", project: beta });
		await tidyUp(memory.service, options);
		assert.deepEqual((await proposed()).sort(), [
			["delete", "Beta has no database"],
			["delete", "The freeze ends on Monday"],
		]);
	});

	it("splits a long text into its parts", async () => {
		const parts = Array.from(
			{ length: 12 },
			(_, n) => `Rule ${n}: ${`the part called ${n} of the plan `.repeat(4).trim()}`,
		);
		await add(parts.map((part) => `- ${part}`).join("\n"));
		await tidyUp(memory.service, options);
		const [candidate] = await waiting();
		assert.equal(candidate?.action, "split");
		await acceptCandidates(memory.service, await waiting());
		const texts = (await memory.service.list()).memories.map(({ text }) => text);
		assert.deepEqual(texts.sort(), parts.toSorted());
	});

	it("finds nothing in proposals by searching", async () => {
		await add("Ada prefers tabs over spaces");
		await add("Ada really prefers tabs over spaces now");
		await tidyUp(memory.service, options);
		assert.equal((await foundTexts(memory, "tabs")).length, 2);
	});

	it("leaves a proposal whose memories are gone, and does the others", async () => {
		await add("Ada prefers tabs over spaces");
		await add("Ada really prefers tabs over spaces now");
		await add("Deploy on Fridays", { createdAt: now - 20 * day });
		await add("Never deploy on Fridays");
		await tidyUp(memory.service, options);
		const found = await memory.service.search({ query: "never deploy on Fridays" });
		await memory.service.deleteAll(
			found.memories.filter(({ text }) => /Fridays/.test(text)).map(({ id }) => id),
		);
		assert.equal((await acceptCandidates(memory.service, await waiting())).length, 1);
		assert.deepEqual(
			(await proposed()).map(([action]) => action),
			["supersede"],
		);
		await assert.rejects(acceptCandidates(memory.service, await waiting()), /gone/);
	});

	it("takes time in proportion to the number of memories", async function () {
		this.timeout(20_000);
		const many = Array.from({ length: 20_000 }, (_, n) => ({
			id: String(n),
			text: `Decision ${n} of team ${n % 977}: keep ${n * 7} entries in store ${n % 31}`,
			userId: "ada",
			scope: "global" as const,
			createdAt: n,
			updatedAt: n,
		}));
		assert.deepEqual(await duplicateGroups(many), []);
	});
});

describe("The parts of a long text", () => {
	it("are its paragraphs or the items of its lists, with their headings", () => {
		const one = "The first paragraph says that tests come first.";
		const two = "The second paragraph says that code comes second.";
		assert.deepEqual(partsOf(`# Rules\n\n${one}\n\n${two}`), [`# Rules\n${one}`, two]);
		assert.deepEqual(partsOf(`- ${one}\n- ${two}`), [one, two]);
		assert.deepEqual(partsOf(`${one} ${two}`), []);
	});
});
