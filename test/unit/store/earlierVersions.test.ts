import assert from "node:assert/strict";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { migrations } from "../../../src/store/sqlite/schema.ts";
import { databaseFile, openStore } from "../../../src/store/sqlite/sqliteStore.ts";
import { add, everything, nearMemories } from "../../support/fixtures/storeFixtures.ts";
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
