import assert from "node:assert/strict";
import type { Filter, NewMemory } from "../../src/store/types.ts";
import { projectA, projectB } from "../support/fixtures/projects.ts";
import {
	add,
	count,
	everything,
	memoriesWith,
	nearMemories,
	newMemory,
	remove,
	restore,
	rewrite,
} from "../support/fixtures/storeFixtures.ts";
import { contract } from "./backends.ts";
import { space, vector } from "./vectors.ts";

contract("Memories", (fixture) => {
	it("keep text, history and vectors after a restart", async () => {
		const first = fixture.store;
		const { memory } = await add(first, "kept", { vector: { space, values: vector(1, 0, 0) } });
		const values = vector(0, 1, 0);
		await rewrite(first, memory.id, "kept and changed", { vector: { space, values } });
		await first.close();
		const store = await fixture.another();
		assert.equal((await store.memories.get(memory.id, "ada"))?.text, "kept and changed");
		assert.deepEqual(
			(await store.memories.history(memory.id, "ada")).map(({ event, oldText, newText }) => [
				event,
				oldText,
				newText,
			]),
			[
				["ADD", undefined, "kept"],
				["UPDATE", "kept", "kept and changed"],
			],
		);
		const [nearest] = await nearMemories(store, { space, values }, everything, 1);
		assert.equal(nearest?.memory.id, memory.id);
	});

	it("are visible to other processes as soon as they are added, changed, deleted or restored", async () => {
		const { store } = fixture;
		const other = await fixture.another();
		const query = { space, values: vector(1, 1, 0) };
		const found = async () =>
			(await nearMemories(store, query, everything, 10)).map(({ memory }) => memory.text);
		assert.deepEqual(await found(), []);
		const { memory } = await add(other, "first", { vector: { space, values: vector(1, 0, 0) } });
		assert.deepEqual(await found(), ["first"]);
		assert.equal((await memoriesWith(store, ["first"], everything)).length, 1);
		await rewrite(other, memory.id, "second", { vector: { space, values: vector(0, 1, 0) } });
		assert.deepEqual(await found(), ["second"]);
		assert.equal((await memoriesWith(store, ["first"], everything)).length, 0);
		await remove(other, memory.id);
		assert.deepEqual(await found(), []);
		assert.equal(await store.memories.get(memory.id, "ada"), undefined);
		await restore(other, memory.id);
		assert.equal((await store.memories.get(memory.id, "ada"))?.text, "second");
		assert.equal((await store.spaces.progress("ada", space)).missing, 1);
	});

	it("tell listeners of changes by another process", async () => {
		const { store } = fixture;
		const other = await fixture.another();
		const told = new Promise<void>((resolve) => store.onDidChange(resolve));
		await add(other, "news");
		await told;
	});

	it("are filtered by user, scope, project and date in every kind of lookup", async () => {
		const { store } = fixture;
		const values = vector(1, 0, 0);
		const save = (text: string, more: Partial<NewMemory>) =>
			add(store, text, { vector: { space, values }, ...more });
		await save("word global", { createdAt: 1000 });
		await save("word alpha", { scope: "project", project: projectA, createdAt: 2000 });
		await save("word beta", { scope: "project", project: projectB, createdAt: 3000 });
		await save("word bob", { userId: "bob", createdAt: 4000 });
		const cases: [Partial<Filter>, string[]][] = [
			[{}, ["word alpha", "word beta", "word global"]],
			[{ projects: [projectA.id] }, ["word alpha", "word global"]],
			[{ projects: [] }, ["word global"]],
			[{ global: false, projects: [projectB.id] }, ["word beta"]],
			[{ userId: "bob" }, ["word bob"]],
			[{ since: 2000, until: 2500 }, ["word alpha"]],
		];
		for (const [change, expected] of cases) {
			const filter = { ...everything, ...change };
			const sorted = (memories: readonly { text: string }[]) => memories.map(({ text }) => text).sort();
			const page = await store.memories.list(filter, 10);
			assert.deepEqual(sorted(page.memories), expected);
			assert.equal(page.total, expected.length);
			assert.deepEqual(sorted(await memoriesWith(store, ["word"], filter)), expected);
			const near = await nearMemories(store, { space, values }, filter, 10);
			assert.deepEqual(sorted(near.map(({ memory }) => memory)), expected);
		}
	});

	it("are counted by scope, for each user", async () => {
		const { store } = fixture;
		await add(store, "everywhere");
		await add(store, "in alpha", { scope: "project", project: projectA });
		await add(store, "another of alpha", { scope: "project", project: projectA });
		await add(store, "in beta", { scope: "project", project: projectB });
		await add(store, "bob's", { userId: "bob" });
		assert.deepEqual(await store.memories.counts("ada", projectA), { all: 4, global: 1, project: 2 });
		assert.deepEqual(await store.memories.counts("ada"), { all: 4, global: 1, project: 0 });
		assert.deepEqual(await store.memories.counts("nobody", projectB), { all: 0, global: 0, project: 0 });
	});

	it("appear on exactly one page each, even while others are added", async () => {
		const { store } = fixture;
		await store.saves.addAll(
			Array.from({ length: 25 }, (_, index) => newMemory(`memory ${index}`, { createdAt: index >> 2 })),
		);
		const seen: string[] = [];
		let page = await store.memories.list(everything, 10);
		assert.equal(page.total, 25);
		for (;;) {
			seen.push(...page.memories.map(({ text }) => text));
			if (!page.next) break;
			await add(store, `late ${seen.length}`, { createdAt: 1_000_000 });
			page = await store.memories.list(everything, 10, { after: page.next });
		}
		assert.equal(seen.length, 25);
		assert.equal(new Set(seen).size, 25);
	});

	it("appear page by page in the order of their time, then of their saving, also where very many have the same time", async () => {
		const { store } = fixture;
		const drafts = Array.from({ length: 600 }, (_, number): NewMemory => {
			const project = [undefined, projectA, projectB][number % 3];
			return newMemory(`memory ${number}`, {
				...(project ? { scope: "project", project } : {}),
				createdAt: number < 300 ? 5000 : 5000 - (number % 5),
			});
		});
		const added = (await store.saves.addAll(drafts)).map(({ memory }) => memory);
		const inOrder = added.sort((one, other) => other.createdAt - one.createdAt || other.seq - one.seq);
		const filters: readonly Filter[] = [
			everything,
			{ ...everything, projects: [] },
			{ ...everything, projects: [projectA.id] },
			{ ...everything, global: false, projects: [projectB.id] },
			{ ...everything, global: false, projects: "all" },
			{ ...everything, projects: [projectA.id, projectB.id], since: 4997, until: 4999 },
		];
		for (const filter of filters) {
			const { global, projects, since = 0, until = 9999 } = filter;
			const expected = inOrder.filter(
				({ project, createdAt }) =>
					(project ? projects === "all" || projects.includes(project.id) : global) &&
					createdAt >= since &&
					createdAt <= until,
			);
			const found: string[] = [];
			let page = await store.memories.list(filter, 7);
			for (;;) {
				assert.equal(page.total, expected.length);
				found.push(...page.memories.map(({ text }) => text));
				if (!page.next) break;
				page = await store.memories.list(filter, 7, { after: page.next });
			}
			assert.deepEqual(
				found,
				expected.map(({ text }) => text),
			);
		}
	});

	it("are erased for good once their deletion is old enough, and only then", async () => {
		const { store } = fixture;
		const secret = "a secret that was saved by mistake";
		const { results } = await store.saves.store({ ...newMemory(secret), id: "save-1" });
		const memory = results[0]?.memory;
		assert.ok(memory);
		await add(store, "another one");
		await remove(store, memory.id);
		assert.equal(await store.memories.purgeDeleted("ada", Date.now() - 60_000), 0);
		assert.equal(await store.memories.purgeDeleted("ada", Date.now() + 1), 1);
		assert.equal(await restore(store, memory.id), undefined);
		assert.deepEqual(await store.memories.history(memory.id, "ada"), []);
		assert.equal(await store.saves.savedText("save-1", "ada"), undefined);
		assert.equal(await count(store), 1);
	});

	it("are inaccessible to other users", async () => {
		const { store } = fixture;
		const { memory } = await add(store, "ada's");
		assert.equal(await store.memories.get(memory.id, "bob"), undefined);
		assert.equal(await rewrite(store, memory.id, "bob's", { userId: "bob" }), undefined);
		assert.equal(await remove(store, memory.id, "bob"), undefined);
		assert.deepEqual(await store.memories.history(memory.id, "bob"), []);
		await remove(store, memory.id);
		assert.equal(await restore(store, memory.id, "bob"), undefined);
		assert.equal((await restore(store, memory.id))?.text, "ada's");
	});
});

contract("Notes", (fixture) => {
	it("are kept between runs", async () => {
		await fixture.store.notes.put("ability", "one");
		await fixture.store.notes.put("ability", "two");
		assert.equal(fixture.store.notes.get("ability"), "two");
		assert.equal(fixture.store.notes.get("another"), undefined);
		assert.equal((await fixture.another()).notes.get("ability"), "two");
	});
});
