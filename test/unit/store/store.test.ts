import assert from "node:assert/strict";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import type { Filter, MemoryStore, NewMemory } from "../../../src/store/memoryStore.ts";
import { databaseFile, openStore } from "../../../src/store/sqlite/sqliteStore.ts";
import { nearMemories } from "../../support/fixtures/nearMemories.ts";
import { projectA, projectB } from "../../support/fixtures/projects.ts";
import { draft, everything, failure } from "../../support/fixtures/storeFixtures.ts";
import { temporaryFolder } from "../../support/fixtures/temporaryFolder.ts";

const space = { provider: "test", origin: "", model: "three", dimensions: 3 };
function vector(...values: number[]): Float32Array {
	const length = Math.hypot(...values);
	return Float32Array.from(values, (value) => value / length);
}

function byWord(store: MemoryStore, terms: string[], filter: Filter) {
	return store.keywords.candidates(
		{ terms, all: false, statistics: store.keywords.statistics(terms) },
		filter,
		10,
	);
}

describe("The SQLite store", () => {
	let folder: string;
	let store: MemoryStore;

	beforeEach(async () => {
		folder = temporaryFolder();
		({ store } = await openStore(folder));
	});

	afterEach(() => store.close());

	it("counts common words as memories come and go, to a fiftieth", async () => {
		const add = async (from: number, to: number) =>
			store.memories.addAll(
				Array.from({ length: to - from }, (_, index) => draft(`common number ${from + index}`)),
			);
		const held = () => store.keywords.statistics(["common"]).documentsWith.get("common") ?? 0;
		for (const [from, to] of [
			[0, 600],
			[600, 609],
			[609, 700],
			[700, 1400],
		] as const) {
			await add(from, to);
			assert.ok(Math.abs(held() - to) <= 0.02 * to, `${held()} of ${to}`);
		}
		// Also when as many come as go.
		const { memories } = store.memories.list(everything, 300);
		for (const { id } of memories) await store.memories.update(id, "ada", `changed ${id}`);
		const left = 1400 - memories.length;
		assert.ok(Math.abs(held() - left) <= 0.02 * left, `${held()} of ${left}`);
		// Rare ones exactly.
		assert.equal(store.keywords.statistics(["399"]).documentsWith.get("399"), 1);
	});

	it("keeps memories, history and vectors over a restart", async () => {
		const { memory } = await store.memories.add(
			draft("kept", { vector: { space, values: vector(1, 0, 0) } }),
		);
		await store.memories.update(memory.id, "ada", "kept and changed", { space, values: vector(0, 1, 0) });
		await store.close();
		({ store } = await openStore(folder));
		assert.equal(store.memories.get(memory.id, "ada")?.text, "kept and changed");
		assert.deepEqual(
			store.memories
				.history(memory.id, "ada")
				.map(({ event, oldText, newText }) => [event, oldText, newText]),
			[
				["ADD", undefined, "kept"],
				["UPDATE", "kept", "kept and changed"],
			],
		);
		const [nearest] = await nearMemories(store, { space, values: vector(0, 1, 0) }, everything, 1);
		assert.equal(nearest?.memory.id, memory.id);
	});

	it("sees at once what another connection adds, changes, deletes and restores", async () => {
		const { store: other } = await openStore(folder);
		try {
			const query = { space, values: vector(1, 1, 0) };
			const found = async () =>
				(await nearMemories(store, query, everything, 10)).map(({ memory }) => memory.text);
			assert.deepEqual(await found(), []);
			const { memory } = await other.memories.add(
				draft("first", { vector: { space, values: vector(1, 0, 0) } }),
			);
			assert.deepEqual(await found(), ["first"]);
			assert.equal(byWord(store, ["first"], everything).length, 1);
			await other.memories.update(memory.id, "ada", "second", { space, values: vector(0, 1, 0) });
			assert.deepEqual(await found(), ["second"]);
			assert.equal(byWord(store, ["first"], everything).length, 0);
			await other.memories.delete(memory.id, "ada");
			assert.deepEqual(await found(), []);
			assert.equal(store.memories.get(memory.id, "ada"), undefined);
			await other.memories.restore(memory.id, "ada");
			assert.equal(store.memories.get(memory.id, "ada")?.text, "second");
			assert.equal(store.vectors.countMissing(space), 1);
		} finally {
			await other.close();
		}
	});

	it("tells listeners of changes by another connection", async () => {
		const { store: other } = await openStore(folder);
		const told = new Promise<void>((resolve) => store.onDidChange(resolve));
		await other.memories.add(draft("news"));
		await told;
		await other.close();
	});

	it("keeps what a text's words mean with its vector, and no longer", async () => {
		const told = (...words: number[]) =>
			Object.assign(vector(1, 0, 0), words.length > 0 ? { words: Uint8Array.from(words) } : {});
		const add = async (text: string, ...words: number[]) =>
			(await store.memories.add(draft(text, { vector: { space, values: told(...words) } }))).memory;
		const [first, second, third] = [await add("first", 1, 2), await add("second", 3), await add("third")];
		const known = () =>
			[...store.vectors.words(space, [first.seq, second.seq, third.seq])].map(([seq, words]) => [
				seq,
				...words,
			]);
		assert.deepEqual(known(), [
			[first.seq, 1, 2],
			[second.seq, 3],
		]);
		await store.memories.update(first.id, "ada", "changed", { space, values: told(4) });
		await store.memories.delete(second.id, "ada");
		assert.deepEqual(known(), [[first.seq, 4]]);
		await store.memories.update(first.id, "ada", "changed again");
		assert.deepEqual(known(), []);
	});

	it("never compares vectors of different spaces", async () => {
		const wide = { ...space, model: "other" };
		await store.memories.add(draft("in one space", { vector: { space, values: vector(1, 0, 0) } }));
		assert.deepEqual(await nearMemories(store, { space: wide, values: vector(1, 0, 0) }, everything, 5), []);
		assert.equal(store.vectors.countOutside(wide), 1);
		// What another model has is embedded anew only when that is asked for.
		assert.equal(store.vectors.countMissing(wide), 0);
		await store.vectors.adopt(wide, true);
		assert.equal(store.vectors.countMissing(wide), 1);
	});

	it("finds the same nearest memories however often it is asked, also when not all vectors fit in memory", async () => {
		const wide = { ...space, model: "wide", dimensions: 2048 };
		let seed = 7;
		const random = () => {
			seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
			return seed / 2 ** 32 - 0.5;
		};
		const anyVector = () => vector(...Array.from({ length: wide.dimensions }, random));
		const vectors = Array.from({ length: 1400 }, anyVector);
		await store.memories.addAll(
			vectors.map((values, index) => draft(`number ${index}`, { vector: { space: wide, values } })),
		);
		for (let i = 0; i < 40; i += 1) {
			const query = { space: wide, values: anyVector() };
			const ask = async () =>
				(await nearMemories(store, query, everything, 50)).map(({ memory }) => memory.seq);
			const first = await ask();
			assert.equal(first.length, 50);
			assert.deepEqual(await ask(), first);
		}
	});

	it("refuses a vector of another width than its space's", async () => {
		await assert.rejects(
			store.memories.add(draft("wide", { vector: { space, values: vector(1, 2) } })),
			/2 numbers.*space of 3/,
		);
		assert.equal(store.memories.count(everything), 0);
	});

	it("filters by user, scope, project and date in every kind of look-up", async () => {
		const values = vector(1, 0, 0);
		const add = (text: string, more: Partial<NewMemory>) =>
			store.memories.add(draft(text, { vector: { space, values }, ...more }));
		await add("word global", { createdAt: 1000 });
		await add("word alpha", { scope: "project", project: projectA, createdAt: 2000 });
		await add("word beta", { scope: "project", project: projectB, createdAt: 3000 });
		await add("word bob", { userId: "bob", createdAt: 4000 });
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
			const texts = (memories: readonly { text: string }[]) => memories.map(({ text }) => text).sort();
			assert.deepEqual(texts(store.memories.list(filter, 10).memories), expected);
			assert.equal(store.memories.count(filter), expected.length);
			assert.deepEqual(texts(byWord(store, ["word"], filter)), expected);
			const near = await nearMemories(store, { space, values }, filter, 10);
			assert.deepEqual(texts(near.map(({ memory }) => memory)), expected);
		}
	});

	it("pages through everything once, also while memories are added", async () => {
		await store.memories.addAll(
			Array.from({ length: 25 }, (_, index) => draft(`memory ${index}`, { createdAt: index >> 2 })),
		);
		const seen: string[] = [];
		let page = store.memories.list(everything, 10);
		assert.equal(page.total, 25);
		for (;;) {
			seen.push(...page.memories.map(({ text }) => text));
			if (!page.next) break;
			await store.memories.add(draft(`late ${seen.length}`, { createdAt: 1_000_000 }));
			page = store.memories.list(everything, 10, page.next);
		}
		assert.equal(seen.length, 25);
		assert.equal(new Set(seen).size, 25);
	});

	it("erases for good what was deleted long enough ago, and only that", async () => {
		const secret = "a secret that was saved by mistake";
		await store.journal.record({ ...draft(secret), id: "save-1" });
		const { memory } = await store.memories.add(draft(secret, { saveId: "save-1" }));
		await store.memories.add(draft("another one"));
		await store.memories.delete(memory.id, "ada");
		assert.equal(await store.memories.purgeDeleted(Date.now() - 60_000), 0);
		assert.equal(await store.memories.purgeDeleted(Date.now() + 1), 1);
		assert.equal(await store.memories.restore(memory.id, "ada"), undefined);
		assert.deepEqual(store.memories.history(memory.id, "ada"), []);
		assert.equal(store.journal.text("save-1"), undefined);
		assert.equal(store.memories.count(everything), 1);
	});

	it("waits for another process's short write, and says so when a lock is held too long", async () => {
		const { store: hasty } = await openStore(folder, 300);
		const other = new DatabaseSync(join(folder, databaseFile));
		other.exec("BEGIN IMMEDIATE");
		await assert.rejects(
			hasty.memories.add(draft("late")),
			failure("busy", /locked by another process for 0\.3 s/, /Nothing was changed/),
		);
		const patient = store.memories.add(draft("patient"));
		setTimeout(() => other.exec("COMMIT"), 200);
		assert.equal((await patient).event, "ADD");
		other.close();
		await hasty.close();
	});

	it("does not block the thread while it waits for a lock", async () => {
		const other = new DatabaseSync(join(folder, databaseFile));
		other.exec("BEGIN IMMEDIATE");
		const waiting = store.memories.add(draft("patient"));
		let longest = 0;
		let last = performance.now();
		const ticks = setInterval(() => {
			longest = Math.max(longest, performance.now() - last);
			last = performance.now();
		}, 1);
		await new Promise((resolve) => setTimeout(resolve, 300));
		clearInterval(ticks);
		other.exec("COMMIT");
		other.close();
		await waiting;
		// Far below the 5 s that SQLite's own wait would take; generous, since the machine may be busy.
		assert.ok(longest < 1000, `blocked for ${longest} ms`);
	});
});

describe("Vectors that an earlier version has written", () => {
	it("are indexed like any others, also when that is cut off", async () => {
		const folder = temporaryFolder();
		const first = await openStore(folder);
		for (let number = 0; number < 450; number += 1)
			await first.store.memories.add(
				draft(`memory ${number}`, {
					vector: { space, values: vector(Math.cos(number), Math.sin(number), 0) },
				}),
			);
		await first.store.close();
		const old = new DatabaseSync(join(folder, databaseFile));
		// Half of them were signed when the process died.
		old.exec("DELETE FROM signatures WHERE seq > 200; UPDATE spaces SET signed_to = 200");
		old.close();
		const { store } = await openStore(folder);
		for (const number of [3, 199, 200, 449]) {
			const query = { space, values: vector(Math.cos(number), Math.sin(number), 0) };
			const [nearest] = await nearMemories(store, query, everything, 1);
			assert.equal(nearest?.memory.text, `memory ${number}`);
		}
		await store.close();
	});
});
