import assert from "node:assert/strict";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { migrations } from "../../../src/store/sqlite/schema.ts";
import { databaseFile, openStore } from "../../../src/store/sqlite/sqliteStore.ts";
import { add, everything, nearMemories, remove } from "../../support/fixtures/storeFixtures.ts";
import { temporaryFolder } from "../../support/fixtures/temporaryFolder.ts";

const space = { provider: "test", origin: "", model: "three", dimensions: 3 };
const vector = (...values: number[]) => Float32Array.from(values);

describe("A database of the first schema", () => {
	it("is brought up to date with all that it holds", async () => {
		const folder = temporaryFolder();
		const old = new DatabaseSync(join(folder, databaseFile));
		old.exec(migrations[0] as string);
		old.exec(`PRAGMA user_version = 1;
			INSERT INTO journal (id, text, user_id, scope, created_at, received_at, owner, done_at) VALUES ('j', 'An old memory', 'ada', 'global', 1, 1, 'host:1', 1);
			INSERT INTO memories (id, revision, text, fingerprint, user_id, scope, save_id, created_at, updated_at) VALUES ('m', 1, 'An old memory', 'x', 'ada', 'global', 'j', 1, 1);`);
		old.close();
		const { store } = await openStore(folder);
		assert.equal((await store.memories.get("m", "ada"))?.text, "An old memory");
		assert.equal((await store.distillation.state("ada")).pending, 0);
		await store.close();
	});
});

describe("Vectors that an earlier version has written", () => {
	it("are indexed like any others, also when that is cut off", async () => {
		const folder = temporaryFolder();
		const first = await openStore(folder);
		for (let number = 0; number < 450; number += 1)
			await add(first.store, `memory ${number}`, {
				vector: { space, values: vector(Math.cos(number), Math.sin(number), 0) },
			});
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

describe("A database from before there were tallies", () => {
	it("has the right counts at once, and keeps them", async () => {
		const folder = temporaryFolder();
		const old = new DatabaseSync(join(folder, databaseFile));
		for (const migration of migrations.slice(0, 6)) old.exec(migration);
		old.exec(`PRAGMA user_version = 6;
			INSERT INTO spaces (id, provider, origin, model, dimensions) VALUES (1, 'test', '', 'other', 3), (2, 'test', '', 'three', 3);
			INSERT INTO space_users VALUES (2, 'ada', 0, 0);
			UPDATE counters SET value = 5`);
		const insert = old.prepare(
			"INSERT INTO memories (seq, id, revision, text, fingerprint, user_id, scope, project_id, created_at, updated_at, deleted_at) VALUES (:seq, :id, :seq, :id, :id, :user, :scope, :project, 1, 1, :deleted)",
		);
		const embed = old.prepare("INSERT INTO vectors (space, seq) VALUES (?, ?)");
		const rows = [
			{ user: "ada", spaces: [1, 2] },
			{ user: "ada", spaces: [1], project: "alpha" },
			{ user: "ada", spaces: [], project: "beta" },
			{ user: "ada", spaces: [], deleted: 1 },
			{ user: "bob", spaces: [2] },
		];
		for (const [index, { user, spaces, project, deleted }] of rows.entries()) {
			const scope = project ? "project" : "global";
			insert.run({
				seq: index + 1,
				id: String(index + 1),
				user,
				scope,
				project: project ?? null,
				deleted: deleted ?? null,
			});
			for (const id of spaces) embed.run(id, index + 1);
		}
		old.close();
		const { store } = await openStore(folder);
		const counts = () => store.memories.counts("ada", { id: "alpha", name: "alpha" });
		const progress = () => store.spaces.progress("ada", space);
		assert.deepEqual(await counts(), { all: 3, global: 1, project: 1 });
		assert.deepEqual(await progress(), { inUse: true, missing: 2, outside: 2, older: 0 });
		const [memory] = await store.spaces.missing("ada", undefined, 10);
		assert.equal(memory?.text, "3");
		await store.spaces.addVectors(space, [{ memory, values: vector(1, 0, 0) }]);
		await remove(store, "2");
		assert.deepEqual(await counts(), { all: 2, global: 1, project: 0 });
		assert.deepEqual(await progress(), { inUse: true, missing: 0, outside: 0, older: 0 });
		await store.close();
	});

	it("lets others have the thread while it is brought up to date", async () => {
		const folder = temporaryFolder();
		const old = new DatabaseSync(join(folder, databaseFile));
		for (const migration of migrations.slice(0, 6)) old.exec(migration);
		old.exec(`PRAGMA user_version = 6;
			WITH RECURSIVE numbers (n) AS (VALUES (1) UNION ALL SELECT n + 1 FROM numbers WHERE n < 30000)
			INSERT INTO memories (id, revision, text, fingerprint, user_id, scope, created_at, updated_at)
				SELECT n, n, 'memory ' || n, n, 'ada', 'global', n, n FROM numbers`);
		old.close();
		let turns = 0;
		const counting = setInterval(() => {
			turns += 1;
		}, 1);
		const { store } = await openStore(folder);
		clearInterval(counting);
		// In this thread, none would come in between.
		assert.ok(turns >= 5, `${turns} turns`);
		assert.equal((await store.memories.list(everything, 1)).total, 30_000);
		await store.close();
	});
});
