import assert from "node:assert/strict";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { Database } from "../../../src/store/sqlite/database.ts";
import { takeAlong } from "../../../src/store/sqlite/rescue.ts";
import { databaseFile, openStore } from "../../../src/store/sqlite/sqliteStore.ts";
import { add, count, texts } from "../../support/fixtures/storeFixtures.ts";
import { temporaryFolder } from "../../support/fixtures/temporaryFolder.ts";

describe("Reads of one state of the database", () => {
	let folder: string;
	let database: Database;

	beforeEach(async () => {
		folder = temporaryFolder();
		({ database } = await Database.open(join(folder, databaseFile), {
			destinations: { chat: "", embedding: "" },
			busyTimeout: 5000,
			takeAlong,
		}));
	});

	afterEach(() => database.close());

	it("see one state, whatever is written meanwhile", async () => {
		const { store } = await openStore(folder);
		await add(store, "before");
		const writer = new DatabaseSync(join(folder, databaseFile));
		try {
			const found = () => database.all<{ text: string }>("SELECT text FROM memories").map(({ text }) => text);
			database.read(() => {
				assert.deepEqual(found(), ["before"]);
				writer.exec("UPDATE memories SET text = 'after'");
				assert.deepEqual(found(), ["before"]);
			});
			assert.deepEqual(found(), ["after"]);
		} finally {
			writer.close();
			await store.close();
		}
	});

	it("can be made at any moment of a write", async () => {
		const { store } = await openStore(folder);
		for (let moments = 0; moments < 12; moments += 1) {
			const writing = add(store, `number ${moments}`);
			for (let moment = 0; moment < moments; moment += 1) await Promise.resolve();
			const reading = count(store);
			await writing;
			const before = await reading;
			assert.ok(before === moments || before === moments + 1, `${before} of ${moments}`);
		}
		assert.equal((await texts(store)).length, 12);
		await store.close();
	});

	it("leave the database writable when they fail", async () => {
		assert.throws(
			() =>
				database.read(() => {
					throw new Error("no");
				}),
			/no/,
		);
		await database.write(() => database.run("INSERT INTO learned (key, value) VALUES ('a', 'b')"));
	});
});
