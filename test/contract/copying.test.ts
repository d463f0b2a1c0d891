import assert from "node:assert/strict";
import { moveStore } from "../../src/memory/transfer/moving.ts";
import { type CopiedRow, type Copying, type RowKind, rowKinds } from "../../src/store/copying.ts";
import type { MemoryStore } from "../../src/store/memoryStore.ts";
import { openStore } from "../../src/store/sqlite/sqliteStore.ts";
import { fillStore, remote } from "../support/fixtures/fullMemory.ts";
import {
	everything,
	memoriesWith,
	nearMemories,
	newMemory,
	texts,
} from "../support/fixtures/storeFixtures.ts";
import { temporaryFolder } from "../support/fixtures/temporaryFolder.ts";
import { contract } from "./backends.ts";

const never = new AbortController().signal;

function move(from: MemoryStore, to: MemoryStore, more: Partial<Parameters<typeof moveStore>[0]> = {}) {
	const silent = { trial: false, signal: never, progress: () => undefined };
	return moveStore({ from: from.copying, to: to.copying, ...silent, ...more });
}

async function rowsOf({ copying }: MemoryStore, kind: RowKind): Promise<readonly CopiedRow[]> {
	const { rows } = await copying.read(kind, 1000);
	return rows.toSorted((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
}

async function assertSame(one: MemoryStore, other: MemoryStore): Promise<void> {
	for (const kind of rowKinds) assert.deepEqual(await rowsOf(one, kind), await rowsOf(other, kind), kind);
}

contract("A copied store", (fixture) => {
	const opened: MemoryStore[] = [];
	afterEach(async () => {
		for (const store of opened.splice(0)) await store.close();
	});
	async function sqlite(): Promise<MemoryStore> {
		const { store } = await openStore(temporaryFolder());
		opened.push(store);
		return store;
	}

	it("has everything that the other has, there and back", async () => {
		const source = await sqlite();
		const ids = await fillStore(source);
		const moved = await move(source, fixture.store);
		assert.equal(moved.isComplete, true);
		assert.deepEqual([moved.users, moved.kept], [2, []]);
		assert.deepEqual(moved.rows.memories, { read: 11, added: 11, updated: 0, same: 11, kept: 0 });
		await assertSame(source, fixture.store);
		const back = await sqlite();
		assert.equal((await move(fixture.store, back)).isComplete, true);
		await assertSame(source, back);

		for (const store of [fixture.store, back]) {
			assert.deepEqual(await texts(store), await texts(source));
			for (const id of Object.values(ids))
				assert.deepEqual(await store.memories.history(id, "ada"), await source.memories.history(id, "ada"));
			const counts = { ...(await source.memories.counts("ada")) };
			assert.deepEqual(await store.memories.counts("ada"), counts);
			assert.deepEqual(
				(await memoriesWith(store, ["kestrel"], everything)).map(({ id }) => id),
				[ids.pinned],
			);
			const values = Float32Array.from([3, -2, 1], (value) => value / Math.hypot(3, -2, 1));
			const near = await nearMemories(store, { space: remote, values }, everything, 1);
			assert.equal(near[0]?.memory.id, ids.plain);
			assert.ok((near[0]?.cosine ?? 0) > 0.9999);
			assert.deepEqual(
				await store.spaces.vectorsOf(remote, ["a query"]),
				await source.spaces.vectorsOf(remote, ["a query"]),
			);
			assert.deepEqual(
				await store.spaces.progress("ada", remote),
				await source.spaces.progress("ada", remote),
			);
			assert.deepEqual(
				(await store.memories.restore([ids.deleted as string], "ada")).map((each) => each?.text),
				["A memory that somebody deleted"],
			);
			const { seq: _, ...waiting } = (await source.candidates.list("ada", 10)).candidates[0] ?? {};
			const [{ seq: __, ...copied } = {}] = (await store.candidates.list("ada", 10)).candidates;
			assert.deepEqual(copied, waiting);
			assert.deepEqual(await store.usage.recent("ada", 10), await source.usage.recent("ada", 10));
			assert.deepEqual(await store.usage.clients("ada"), await source.usage.clients("ada"));
			assert.deepEqual(await store.traffic.since("2026-01-01"), await source.traffic.since("2026-01-01"));
			// The known facts of a save are still its own.
			const again = { ...newMemory("Carol likes figs; Dan likes plums"), id: "again" };
			const { knownFacts, results } = await store.saves.store(again, { distil: true });
			assert.deepEqual([knownFacts, results.length], [true, 2]);
			await store.distillation.wake("ada", "another model");
			assert.deepEqual(
				(await store.distillation.claim("ada", 10)).map(({ id, attempts }) => [id, attempts]),
				[["save-waiting", 0]],
			);
		}
	});

	it("takes nothing twice, and what was saved and changed since", async () => {
		const source = await sqlite();
		const ids = await fillStore(source);
		await move(source, fixture.store);
		const again = await move(source, fixture.store);
		for (const kind of rowKinds)
			assert.deepEqual([again.rows[kind].added, again.rows[kind].updated], [0, 0], kind);
		await source.memories.change("ada", [{ id: ids.new as string, text: "Ada lives in Porto" }]);
		await source.memories.delete([ids.bob as string], "bob");
		await source.distillation.wake("ada", "another model");
		await source.distillation.claim("ada", 10);
		await source.distillation.commit("save-waiting", [{ text: "Ada and Bob were in Rome", entities: [] }]);
		await source.saves.addAll([newMemory("Saved since")]);
		const since = await move(source, fixture.store);
		assert.equal(since.isComplete, true);
		assert.deepEqual(
			[since.rows.memories.added, since.rows.memories.updated, since.rows.saves.updated],
			[1, 3, 1],
		);
		await assertSame(source, fixture.store);
		assert.deepEqual(await memoriesWith(fixture.store, ["lisbon"], everything), []);
	});

	it("keeps what was changed there since", async () => {
		const source = await sqlite();
		const ids = await fillStore(source);
		await move(source, fixture.store);
		await fixture.store.memories.change("ada", [{ id: ids.new as string, text: "Ada lives in Faro" }]);
		const moved = await move(source, fixture.store);
		assert.deepEqual([moved.isComplete, moved.rows.memories.kept, moved.kept], [true, 1, [ids.new]]);
		assert.equal((await fixture.store.memories.get(ids.new as string, "ada"))?.text, "Ada lives in Faro");
	});

	it("leaves alone what belongs to another user", async () => {
		const [source, other] = [await sqlite(), await sqlite()];
		const ids = await fillStore(source);
		await move(source, fixture.store);
		const row = (await rowsOf(source, "memories")).find(({ id }) => id === ids.plain) as CopiedRow;
		await other.copying.take("memories", [{ ...row, user_id: "mallory", updated_at: Date.now() + 1000 }]);
		const moved = await move(other, fixture.store);
		assert.deepEqual([moved.rows.memories.kept, moved.kept], [1, [ids.plain]]);
		assert.ok(await fixture.store.memories.get(ids.plain as string, "ada"));
	});

	it("takes the vectors of both for the same text", async () => {
		const source = await sqlite();
		const ids = await fillStore(source);
		await move(source, fixture.store);
		const memory = await fixture.store.memories.get(ids.plain as string, "ada");
		assert.ok(memory);
		const space = { ...remote, model: "n" };
		const values = Float32Array.from([1, 0, 0]);
		await fixture.store.spaces.addVectors(space, [{ memory, values }]);
		const other = await source.memories.get(ids.new as string, "ada");
		assert.ok(other);
		await source.spaces.addVectors(space, [{ memory: other, values }]);
		const moved = await move(source, fixture.store);
		assert.deepEqual([moved.rows.memories.updated, moved.rows.memories.kept], [1, 0]);
		const vectors = (await rowsOf(fixture.store, "memories")).map((row) => [
			row.id,
			(row.vectors as []).length,
		]);
		assert.equal(new Map(vectors as [string, number][]).get(ids.plain as string), 2);
		assert.equal(new Map(vectors as [string, number][]).get(ids.new as string), 1);
	});

	it("is whole after a move that was cut off anywhere and begun again", async () => {
		const source = await sqlite();
		await fillStore(source);
		await source.saves.addAll(Array.from({ length: 250 }, (_, n) => newMemory(`fact number ${n}`)));
		for (let cut = 0; ; cut += 1) {
			let calls = 0;
			const failing: Copying = {
				...fixture.store.copying,
				take: async (...values) => {
					if (calls === cut) throw new Error("cut off");
					calls += 1;
					return fixture.store.copying.take(...values);
				},
			};
			const done = await move(source, fixture.store, { to: failing }).catch(() => undefined);
			if (done) break;
		}
		await assertSame(source, fixture.store);
	});

	it("is left alone by a trial, which tells what would be copied", async () => {
		const source = await sqlite();
		await fillStore(source);
		const trial = await move(source, fixture.store, { trial: true });
		assert.deepEqual(trial.rows.memories, { read: 11, added: 11, updated: 0, same: 0, kept: 0 });
		assert.deepEqual(await rowsOf(fixture.store, "memories"), []);
	});

	it("has what was saved while it was copied, or says that it has not all of it", async () => {
		const source = await sqlite();
		await fillStore(source);
		let saved = 0;
		const busy = (at: RowKind, most: number): Copying => ({
			...source.copying,
			read: async (kind, ...values) => {
				if (kind === at && saved < most) await source.saves.addAll([newMemory(`meanwhile ${saved++}`)]);
				return source.copying.read(kind, ...values);
			},
		});
		const caughtUp = await move(source, fixture.store, { from: busy("traffic", 2) });
		assert.equal(caughtUp.isComplete, true);
		await assertSame(source, fixture.store);
		assert.equal((await move(source, fixture.store, { from: busy("memories", 100) })).isComplete, false);
	});
});
