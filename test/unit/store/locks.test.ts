import assert from "node:assert/strict";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import type { MemoryStore } from "../../../src/store/memoryStore.ts";
import { databaseFile, openStore } from "../../../src/store/sqlite/sqliteStore.ts";
import { add, failure, newMemory } from "../../support/fixtures/storeFixtures.ts";
import { temporaryFolder } from "../../support/fixtures/temporaryFolder.ts";

describe("A database that another process has locked", () => {
	let folder: string;
	let store: MemoryStore;

	beforeEach(async () => {
		folder = temporaryFolder();
		({ store } = await openStore(folder));
	});

	afterEach(() => store.close());

	it("waits for another process's short write, and says so when a lock is held too long", async () => {
		const { store: hasty } = await openStore(folder, { busyTimeout: 300 });
		const other = new DatabaseSync(join(folder, databaseFile));
		other.exec("BEGIN IMMEDIATE");
		await assert.rejects(
			add(hasty, "late"),
			failure("busy", /Another process has kept .* locked for 0\.3 s/, /This change was not made/),
		);
		const patient = add(store, "patient");
		setTimeout(() => other.exec("COMMIT"), 200);
		assert.equal((await patient).event, "ADD");
		other.close();
		await hasty.close();
	});

	it("says that a text is in the journal when the lock comes between that and its memory", async () => {
		const { store: hasty } = await openStore(folder, { busyTimeout: 300 });
		const entry = { ...newMemory("Ada likes tea"), id: "save" };
		await hasty.saves.record(entry);
		const other = new DatabaseSync(join(folder, databaseFile));
		other.exec("BEGIN IMMEDIATE");
		await assert.rejects(
			hasty.saves.store(entry),
			failure("busy", /in the journal/, /becomes a memory within minutes/),
		);
		await assert.rejects(
			hasty.saves.store({ ...entry, id: "another" }),
			failure("busy", /This change was not made/),
		);
		other.exec("COMMIT");
		other.close();
		await hasty.close();
	});

	it("does not block the thread while it waits for a lock", async () => {
		const other = new DatabaseSync(join(folder, databaseFile));
		other.exec("BEGIN IMMEDIATE");
		const waiting = add(store, "patient");
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
