import assert from "node:assert/strict";
import type { NewCandidate } from "../../src/store/candidates.ts";
import { ConflictError } from "../../src/store/errors.ts";
import { projectA } from "../support/fixtures/projects.ts";
import {
	add,
	count,
	everything,
	memoriesWith,
	newMemory,
	rewrite,
	texts,
} from "../support/fixtures/storeFixtures.ts";
import { contract } from "./backends.ts";

function candidate(text: string, more: Partial<NewCandidate> = {}): NewCandidate {
	return { ...newMemory(text, { createdAt: 1000 }), kind: "capture", key: `key of ${text}`, ...more };
}

contract("Candidates", (fixture) => {
	const queue = () => fixture.store.candidates;
	const added = async (text: string, more: Partial<NewCandidate> = {}) => {
		const [one] = await queue().add([candidate(text, more)]);
		assert.ok(one);
		return one;
	};
	const waiting = async () => (await queue().list("ada", 100)).candidates.map(({ text }) => text);

	it("wait with all that is known about them, and outlive the process", async () => {
		const full = candidate("Ada likes tea", {
			scope: "project",
			project: projectA,
			conversationId: "c",
			metadata: { a: 1 },
			origin: { how: "capture", client: "claude-code", clientVersion: "2", folder: "alpha" },
			pinned: true,
			expiresAt: 5000,
			kind: "tidy-up",
			excerpt: "I like tea",
			why: "Says the same",
			action: "merge",
			concerns: ["one", "two"],
		});
		const [one] = await queue().add([full]);
		await fixture.store.close();
		fixture.store = await fixture.another();
		const found = await queue().get(one?.id ?? "", "ada");
		assert.ok(found);
		const { id, seq: _, ...rest } = found;
		assert.equal(id, one?.id);
		assert.deepEqual(rest, full);
		assert.deepEqual((await queue().list("ada", 10)).candidates, [found]);
		assert.equal(await queue().get(id, "bob"), undefined);
	});

	it("are no memories: nothing finds or counts them", async () => {
		await added("zebra");
		assert.equal(await count(fixture.store), 0);
		assert.deepEqual(await memoriesWith(fixture.store, ["zebra"], everything), []);
		assert.equal((await fixture.store.memories.counts("ada")).all, 0);
		assert.deepEqual((await fixture.store.memories.groups("ada", "project", 5)).groups, []);
		assert.equal((await add(fixture.store, "zebra")).event, "ADD");
	});

	it("are listed the last first, page by page, by kind and user", async () => {
		await queue().add(["1", "2", "3", "4", "5"].map((text) => candidate(text)));
		await added("import", { kind: "import" });
		await added("bob's", { userId: "bob" });
		assert.equal(await queue().count("ada"), 6);
		const seen: string[] = [];
		for (let below: number | undefined; ; ) {
			const page = await queue().list("ada", 2, { kind: "capture", ...(below ? { below } : {}) });
			seen.push(...page.candidates.map(({ text }) => text));
			below = page.next;
			if (below === undefined) break;
		}
		assert.deepEqual(seen, ["5", "4", "3", "2", "1"]);
		assert.deepEqual((await queue().list("ada", 9, { kind: "tidy-up" })).candidates, []);
	});

	it("wait once, however often they are proposed", async () => {
		await added("Ada likes tea");
		assert.deepEqual(await queue().add([candidate("Ada likes tea")]), []);
		assert.equal(await queue().count("ada"), 1);
		assert.equal((await queue().add([candidate("Ada likes tea", { userId: "bob" })])).length, 1);
	});

	it("become memories when they are accepted, edited or not", async () => {
		const one = await added("one", { origin: { how: "capture", client: "cursor" } });
		const two = await added("two");
		const { id: _, seq: __, kind: ___, key: ____, ...memory } = one;
		const decided = await queue().decide("ada", [
			{ id: one.id, outcome: "accepted", add: [memory] },
			{ id: two.id, outcome: "accepted", add: [newMemory("two, edited")] },
		]);
		assert.deepEqual(
			decided.map((each) => each?.added.map(({ event, memory: { text } }) => [event, text])),
			[[["ADD", "one"]], [["ADD", "two, edited"]]],
		);
		assert.deepEqual(await texts(fixture.store), ["one", "two, edited"]);
		assert.equal(decided[0]?.added[0]?.memory.origin?.client, "cursor");
		assert.deepEqual(await waiting(), []);
		assert.equal(await queue().count("ada"), 0);
	});

	it("are merged into memories, and put others in their place, all at once", async () => {
		const { store } = fixture;
		const [keep, drop] = [(await add(store, "uses tabs")).memory, (await add(store, "tabs")).memory];
		const { id } = await added("uses tabs of four");
		const [decided] = await queue().decide("ada", [
			{
				id,
				outcome: "accepted",
				change: [{ id: keep.id, expected: keep, text: "uses tabs of four" }],
				delete: [drop.id, "unknown"],
			},
		]);
		assert.deepEqual(await texts(store), ["uses tabs of four"]);
		assert.deepEqual([decided?.changed[0]?.before, decided?.deleted], [keep, [drop]]);
	});

	it("wait on if what they concern was changed meanwhile", async () => {
		const { store } = fixture;
		const { memory } = await add(store, "uses tabs");
		const one = await added("one");
		const two = await added("two");
		await rewrite(store, memory.id, "uses spaces");
		const decisions = [
			{ id: one.id, outcome: "rejected" } as const,
			{
				id: two.id,
				outcome: "accepted",
				change: [{ id: memory.id, expected: memory, text: "x" }],
			} as const,
		];
		await assert.rejects(queue().decide("ada", decisions), ConflictError);
		assert.deepEqual(await waiting(), ["two", "one"]);
	});

	it("that were rejected are not proposed again, also after the purge, which erases what they said", async () => {
		const { id } = await added("Ada likes tea", { excerpt: "tea" });
		await queue().decide("ada", [{ id, outcome: "rejected" }]);
		assert.deepEqual(await waiting(), []);
		assert.deepEqual(await queue().add([candidate("Ada likes tea")]), []);
		await fixture.store.memories.purgeDeleted("ada", Date.now() + 1);
		assert.deepEqual(await queue().add([candidate("Ada likes tea")]), []);
		assert.equal(await queue().reopen([id], "ada"), 0);
	});

	it("that were accepted may be proposed again", async () => {
		const { id } = await added("Ada likes tea");
		await queue().decide("ada", [{ id, outcome: "accepted" }]);
		assert.equal((await queue().add([candidate("Ada likes tea")])).length, 1);
	});

	it("are decided once, by one process and one user", async () => {
		const { id } = await added("one");
		const accept = { id, outcome: "accepted", add: [newMemory("one")] } as const;
		assert.deepEqual(await queue().decide("bob", [accept]), [undefined]);
		const other = await fixture.another();
		assert.ok((await other.candidates.decide("ada", [accept]))[0]);
		const reject = { id, outcome: "rejected", add: [newMemory("again")] } as const;
		assert.deepEqual(await queue().decide("ada", [reject, { ...accept, id: "unknown" }]), [
			undefined,
			undefined,
		]);
		assert.deepEqual(await texts(fixture.store), ["one"]);
	});

	it("wait again once a decision is taken back", async () => {
		const one = await added("one");
		const two = await added("two");
		await queue().decide("ada", [
			{ id: one.id, outcome: "rejected" },
			{ id: two.id, outcome: "accepted" },
		]);
		assert.equal(await queue().reopen([one.id, two.id, "unknown"], "bob"), 0);
		assert.equal(await queue().reopen([one.id, two.id, "unknown"], "ada"), 2);
		assert.deepEqual(await waiting(), ["two", "one"]);
	});

	it("tell other processes that there are more or fewer", async () => {
		const other = await fixture.another();
		const told = new Promise<void>((resolve) => other.onDidChange(resolve));
		await added("one");
		await told;
		assert.equal(await other.candidates.count("ada"), 1);
	});
});
