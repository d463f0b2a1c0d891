import assert from "node:assert/strict";
import type { MemoryChange } from "../../src/store/changes.ts";
import { ConflictError } from "../../src/store/errors.ts";
import type { StoredMemory } from "../../src/store/types.ts";
import { projectA, projectB } from "../support/fixtures/projects.ts";
import {
	add,
	everything,
	memoriesWith,
	nearMemories,
	newMemory,
	remove,
	rewrite,
	texts,
} from "../support/fixtures/storeFixtures.ts";
import { contract } from "./backends.ts";
import { space, vector } from "./vectors.ts";

const values = vector(1, 0, 0);
const hourAgo = () => Date.now() - 3_600_000;
const inAnHour = () => Date.now() + 3_600_000;

contract("A change of a memory", (fixture) => {
	const change = async (id: string, more: Omit<MemoryChange, "id">) =>
		(await fixture.store.memories.change("ada", [{ id, ...more }]))[0];
	const added = async (text: string, more = {}) =>
		(await add(fixture.store, text, { vector: { space, values }, ...more })).memory;
	const get = async ({ id }: StoredMemory) => {
		const memory = await fixture.store.memories.get(id, "ada");
		assert.ok(memory);
		return memory;
	};
	const last = async ({ id }: StoredMemory) => {
		const entry = (await fixture.store.memories.history(id, "ada")).at(-1);
		assert.ok(entry);
		const { at: _, ...rest } = entry;
		return rest;
	};

	it("moves it to a project and back, with its vector, and finds it there by the project's name", async () => {
		const { store } = fixture;
		const memory = await added("uses tabs");
		const moved = await change(memory.id, { project: projectA });
		assert.deepEqual([moved?.after.scope, moved?.after.project], ["project", projectA]);
		assert.deepEqual(await get(memory), moved?.after);
		const inA = { ...everything, global: false, projects: [projectA.id] };
		const near = async (filter = inA) => (await nearMemories(store, { space, values }, filter, 5)).length;
		assert.equal(await near(), 1);
		assert.equal((await memoriesWith(store, ["tab"], inA)).length, 1);
		assert.equal((await memoriesWith(store, [projectA.name.toLowerCase()], inA)).length, 1);
		assert.equal(await near({ ...everything, projects: [] }), 0);
		assert.deepEqual(await store.memories.counts("ada", projectA), { all: 1, global: 0, project: 1 });
		const { event, oldFields, newFields, ...others } = await last(memory);
		assert.deepEqual(
			[event, oldFields, newFields, others],
			["UPDATE", { project: null }, { project: projectA }, {}],
		);
		await change(memory.id, { project: null });
		assert.equal((await get(memory)).scope, "global");
		assert.equal(await near(), 0);
		assert.equal((await memoriesWith(store, [projectA.name.toLowerCase()], everything)).length, 0);
	});

	it("pins it, gives it an expiry and metadata, and takes all of that away again", async () => {
		const memory = await added("uses tabs");
		const expiresAt = inAnHour();
		const given = { pinned: true, expiresAt, metadata: { editor: "vim" } };
		const changed = await change(memory.id, given);
		const { pinned, metadata, ...rest } = await get(memory);
		assert.deepEqual({ pinned, metadata, expiresAt: rest.expiresAt }, given);
		assert.equal((await memoriesWith(fixture.store, ["vim"], everything)).length, 1);
		const before = { pinned: false, expiresAt: null, metadata: null };
		assert.deepEqual(await last(memory), { event: "UPDATE", oldFields: before, newFields: given });
		// What a history has is what undoes it.
		assert.ok(changed);
		await change(memory.id, { ...before, expected: changed.after });
		const { updatedAt: _, ...now } = await get(memory);
		const { updatedAt: __, ...original } = memory;
		assert.deepEqual(now, original);
		assert.equal((await memoriesWith(fixture.store, ["vim"], everything)).length, 0);
	});

	it("changes text and fields at once, as one step of its history", async () => {
		const memory = await added("uses tabs");
		const next = vector(0, 1, 0);
		await change(memory.id, { text: "uses spaces", vector: { space, values: next }, pinned: true });
		assert.deepEqual(await last(memory), {
			event: "UPDATE",
			oldText: "uses tabs",
			newText: "uses spaces",
			oldFields: { pinned: false },
			newFields: { pinned: true },
		});
		const [nearest] = await nearMemories(fixture.store, { space, values: next }, everything, 1);
		assert.equal(nearest?.memory.text, "uses spaces");
	});

	it("that changes nothing is in no history and loses no vector", async () => {
		const memory = await added("uses tabs", { pinned: true, metadata: { a: [1, { b: 2 }] } });
		const same = { text: "uses tabs", pinned: true, project: null, metadata: { a: [1, { b: 2 }] } };
		const result = await change(memory.id, same);
		assert.deepEqual(result, { before: memory, after: memory });
		assert.equal((await fixture.store.memories.history(memory.id, "ada")).length, 1);
		assert.equal((await nearMemories(fixture.store, { space, values }, everything, 1)).length, 1);
	});

	it("is refused with the current memory if another process has changed it meanwhile", async () => {
		const memory = await added("uses tabs");
		await rewrite(await fixture.another(), memory.id, "uses spaces");
		const change = { id: memory.id, expected: memory, text: "uses both" };
		await assert.rejects(fixture.store.memories.change("ada", [change]), (error: unknown) => {
			assert.ok(error instanceof ConflictError);
			assert.equal(error.current.text, "uses spaces");
			return true;
		});
		assert.equal((await get(memory)).text, "uses spaces");
	});

	it("is refused also if both changes happen within the same ms, or a field was changed", async () => {
		const memory = await added("uses tabs", { createdAt: inAnHour() });
		const first = await change(memory.id, { pinned: true });
		assert.ok(first && first.after.updatedAt > memory.updatedAt);
		await assert.rejects(change(memory.id, { expected: memory, pinned: false }), ConflictError);
		await change(memory.id, { expected: first.after, pinned: false });
		assert.equal((await get(memory)).pinned, undefined);
	});

	it("is refused if facts have taken the place of the text", async () => {
		const { store } = fixture;
		const { results } = await store.saves.store({ ...newMemory("a b"), id: "s" }, { distil: true });
		const memory = results[0]?.memory as StoredMemory;
		await store.distillation.commit("s", [{ text: "a", entities: [] }]);
		await assert.rejects(change(memory.id, { expected: memory, text: "a b c" }), ConflictError);
	});

	it("of many happens to all or none", async () => {
		const { store } = fixture;
		const memories = [await added("one"), await added("two"), await added("three")];
		const pin = memories.map((memory) => ({ id: memory.id, expected: memory, pinned: true }));
		await rewrite(store, memories[2]?.id ?? "", "three, changed");
		await assert.rejects(store.memories.change("ada", pin), ConflictError);
		assert.equal((await store.memories.list({ ...everything, pinned: true }, 10)).total, 0);
		const changed = await store.memories.change("ada", [...pin.slice(0, 2), { id: "unknown", pinned: true }]);
		assert.deepEqual(
			changed.map((one) => one?.after.pinned),
			[true, true, undefined],
		);
		assert.deepEqual(await texts(store, { ...everything, pinned: true }), ["one", "two"]);
	});

	it("reaches no other user's memory", async () => {
		const memory = await added("ada's");
		assert.deepEqual(await fixture.store.memories.change("bob", [{ id: memory.id, pinned: true }]), [
			undefined,
		]);
		assert.equal((await get(memory)).pinned, undefined);
	});

	it("of place, pin and expiry reaches the facts of a save that is still to be distilled", async () => {
		const { store } = fixture;
		const origin = { how: "tool", client: "agent", clientVersion: "1.2", folder: "alpha" } as const;
		const entry = { ...newMemory("Ada likes tea and lives in Oslo", { origin }), id: "s" };
		const { results } = await store.saves.store(entry, { distil: true });
		const expiresAt = inAnHour();
		await change(results[0]?.memory.id ?? "", { project: projectB, pinned: true, expiresAt });
		const facts = ["Ada likes tea", "Ada lives in Oslo"].map((text) => ({ text, entities: [] }));
		const distilled = await store.distillation.commit("s", facts);
		assert.equal(distilled?.length, 2);
		for (const { memory } of distilled ?? []) {
			const { project, pinned, ...rest } = await get(memory);
			assert.deepEqual([project, pinned, rest.expiresAt], [projectB, true, expiresAt]);
			assert.deepEqual(rest.origin, origin);
		}
	});

	it("keeps where a memory came from", async () => {
		const origin = { how: "command", folder: "alpha", file: "src/a.ts", lines: [3, 7] } as const;
		const memory = await added("tabs, see the file", { origin });
		assert.deepEqual(memory.origin, origin);
		await rewrite(fixture.store, memory.id, "spaces, see the file");
		assert.deepEqual((await get(memory)).origin, origin);
		assert.equal("origin" in (await added("without")), false);
	});
});

contract("Expired and superseded memories", (fixture) => {
	const found = async (filter = everything) => {
		const { store } = fixture;
		const sorted = (memories: readonly { text: string }[]) => memories.map(({ text }) => text).sort();
		const listed = await texts(store, filter);
		const near = await nearMemories(store, { space, values }, filter, 10);
		assert.deepEqual(sorted(near.map(({ memory }) => memory)), listed);
		assert.deepEqual(sorted(await memoriesWith(store, ["word"], filter)), listed);
		assert.equal((await store.memories.list(filter, 1)).total, listed.length);
		return listed;
	};
	const save = (text: string, more = {}) => add(fixture.store, text, { vector: { space, values }, ...more });

	it("are found and counted only by those who ask for them", async () => {
		const { store } = fixture;
		const current = (await save("word current", { expiresAt: inAnHour() })).memory;
		await save("word expired", { expiresAt: hourAgo() });
		const { memory } = await save("word superseded", { scope: "project", project: projectA });
		await store.memories.change("ada", [{ id: memory.id, supersededBy: current.id }]);
		assert.deepEqual(await found(), ["word current"]);
		assert.deepEqual(await store.memories.counts("ada", projectA), { all: 1, global: 1, project: 0 });
		assert.deepEqual(await found({ ...everything, expired: "include" }), ["word current", "word expired"]);
		assert.deepEqual(await found({ ...everything, expired: "only" }), ["word expired"]);
		assert.deepEqual(await found({ ...everything, superseded: "only" }), ["word superseded"]);
		assert.deepEqual(await found({ ...everything, superseded: "include", expired: "include" }), [
			"word current",
			"word expired",
			"word superseded",
		]);
		const groups = await store.memories.groups("ada", "project", 10);
		assert.deepEqual(
			groups.groups.map(({ key, count }) => [key, count]),
			[[undefined, 1]],
		);
		assert.equal((await store.memories.get(memory.id, "ada"))?.supersededBy, current.id);
		await store.memories.change("ada", [{ id: memory.id, supersededBy: null }]);
		assert.deepEqual(await found(), ["word current", "word superseded"]);
	});

	it("are gone as soon as their time has come, in processes that have searched before, too", async () => {
		const { store } = fixture;
		const expiresAt = Date.now() + 400;
		await save("word for a moment", { expiresAt });
		await save("word for an hour", { expiresAt: inAnHour() });
		assert.equal((await nearMemories(store, { space, values }, everything, 10)).length, 2);
		while (Date.now() <= expiresAt) await new Promise((resolve) => setTimeout(resolve, 20));
		assert.deepEqual(await found(), ["word for an hour"]);
		assert.deepEqual(await found({ ...everything, expired: "only" }), ["word for a moment"]);
	});

	it("are back once the expiry is moved", async () => {
		const { memory } = await save("word again", { expiresAt: hourAgo() });
		assert.deepEqual(await found(), []);
		await fixture.store.memories.change("ada", [{ id: memory.id, expiresAt: inAnHour() }]);
		assert.deepEqual(await found(), ["word again"]);
		await fixture.store.memories.change("ada", [{ id: memory.id, expiresAt: hourAgo() }]);
		assert.deepEqual(await found(), []);
		await fixture.store.memories.change("ada", [{ id: memory.id, expiresAt: null }]);
		assert.deepEqual(await found(), ["word again"]);
	});

	it("are no duplicates of what is saved now", async () => {
		const { memory } = await save("word", { expiresAt: hourAgo() });
		assert.equal((await save("word")).event, "ADD");
		const other = (await save("word elsewhere")).memory;
		await fixture.store.memories.change("ada", [{ id: other.id, supersededBy: memory.id }]);
		assert.equal((await save("word elsewhere")).event, "ADD");
	});

	it("expire no earlier than the last of the same words was to", async () => {
		const { store } = fixture;
		const { memory } = await save("word", { expiresAt: inAnHour() });
		const later = inAnHour() + 1000;
		assert.equal((await save("word", { expiresAt: later })).memory.expiresAt, later);
		assert.equal((await save("word", { expiresAt: inAnHour() })).memory.expiresAt, later);
		const { results } = await store.saves.store({ ...newMemory("word"), id: "s" });
		assert.deepEqual([results[0]?.event, results[0]?.memory.id], ["DUPLICATE", memory.id]);
		assert.equal((await store.memories.get(memory.id, "ada"))?.expiresAt, undefined);
		assert.equal((await save("word", { pinned: true })).memory.pinned, true);
	});

	it("do not answer for the facts of the same words", async () => {
		const { store } = fixture;
		const entry = { ...newMemory("Ada likes tea"), id: "first" };
		await store.saves.store(entry, { distil: true });
		const [fact] = (await store.distillation.commit("first", [{ text: "Tea it is", entities: [] }])) ?? [];
		const again = () => store.saves.store({ ...entry, id: "second" }, { distil: true });
		await store.memories.change("ada", [{ id: fact?.memory.id ?? "", expiresAt: hourAgo() }]);
		const { results, knownFacts } = await again();
		assert.deepEqual([knownFacts, results[0]?.event], [false, "ADD"]);
	});
});

contract("Many memories", (fixture) => {
	it("are deleted and brought back at once, whatever they had", async () => {
		const { store } = fixture;
		const drafts = [
			newMemory("pinned", { pinned: true }),
			newMemory("in alpha", { scope: "project", project: projectA, conversationId: "c" }),
			newMemory("until tonight", { expiresAt: inAnHour(), metadata: { a: 1 } }),
		];
		const memories = (await store.saves.addAll(drafts)).map(({ memory }) => memory);
		const ids = memories.map(({ id }) => id);
		const deleted = await store.memories.delete([...ids, "unknown"], "ada");
		assert.deepEqual(deleted, [...memories, undefined]);
		assert.deepEqual(await texts(store), []);
		assert.deepEqual(await store.memories.restore([...ids, "unknown"], "ada"), [...memories, undefined]);
		assert.equal((await texts(store)).length, 3);
		assert.deepEqual(await store.memories.delete(ids, "bob"), [undefined, undefined, undefined]);
	});

	it("that were deleted are listed, the last first, for as long as they can be restored", async () => {
		const { store } = fixture;
		const texts = ["one", "two", "three", "four", "five"];
		for (const text of texts) await remove(store, (await add(store, text)).memory.id);
		await add(store, "alive");
		await remove(store, (await add(store, "bob's", { userId: "bob" })).memory.id, "bob");
		const seen: string[] = [];
		let page = await store.memories.deleted("ada", 2);
		for (;;) {
			seen.push(...page.memories.map(({ text }) => text));
			if (!page.next) break;
			page = await store.memories.deleted("ada", 2, page.next);
		}
		assert.deepEqual(seen, texts.toReversed());
		const [first] = (await store.memories.deleted("ada", 1)).memories;
		assert.ok(first && Date.now() - first.deletedAt < 60_000);
		await store.memories.restore([first.id], "ada");
		assert.equal((await store.memories.deleted("ada", 10)).memories.length, 4);
		await store.memories.purgeDeleted("ada", Date.now() + 1);
		assert.deepEqual(await store.memories.deleted("ada", 10), { memories: [] });
	});

	it("that facts have taken the place of are not among the deleted", async () => {
		const { store } = fixture;
		await add(store, "Ada likes tea");
		const said = newMemory("Tea Ada likes");
		await store.saves.store({ ...said, id: "s" }, { distil: true });
		const done = await store.distillation.commit("s", [{ text: "Ada likes tea", entities: [] }]);
		assert.equal(done?.[0]?.event, "DUPLICATE");
		assert.deepEqual(await texts(store), ["Ada likes tea"]);
		assert.deepEqual((await store.memories.deleted("ada", 10)).memories, []);
	});
});
