import assert from "node:assert/strict";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import type { MemoryStore } from "../../../src/store/memoryStore.ts";
import { databaseFile, openStore } from "../../../src/store/sqlite/sqliteStore.ts";
import { draft, everything } from "../../support/fixtures/storeFixtures.ts";
import { temporaryFolder } from "../../support/fixtures/temporaryFolder.ts";

describe("Snapshots of the store", () => {
	let folder: string;
	let store: MemoryStore;

	beforeEach(async () => {
		folder = temporaryFolder();
		({ store } = await openStore(folder));
	});

	afterEach(() => store.close());

	it("reads one state in a snapshot, whatever is written meanwhile", async () => {
		await store.memories.add(draft("before"));
		const writer = new DatabaseSync(join(folder, databaseFile));
		try {
			const texts = () => store.memories.list(everything, 10).memories.map(({ text }) => text);
			store.snapshot(() => {
				assert.deepEqual(texts(), ["before"]);
				writer.exec("UPDATE memories SET text = 'after'");
				assert.deepEqual(texts(), ["before"]);
			});
			assert.deepEqual(texts(), ["after"]);
		} finally {
			writer.close();
		}
	});

	it("can be read at any moment of a write", async () => {
		for (let moments = 0; moments < 12; moments += 1) {
			const writing = store.memories.add(draft(`number ${moments}`));
			for (let moment = 0; moment < moments; moment += 1) await Promise.resolve();
			store.snapshot(() => store.memories.count(everything));
			await writing;
		}
		assert.equal(store.memories.count(everything), 12);
	});

	it("can be written to after reads in a snapshot have failed", async () => {
		assert.throws(() =>
			store.snapshot(() => {
				throw new Error("no");
			}),
		);
		assert.equal((await store.memories.add(draft("still works"))).event, "ADD");
	});
});
