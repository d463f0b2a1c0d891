import assert from "node:assert/strict";
import { openConfiguredStore } from "../../../src/store/stores.ts";
import { newMemory } from "../../support/fixtures/storeFixtures.ts";
import { temporaryFolder } from "../../support/fixtures/temporaryFolder.ts";
import { testSettings } from "../../support/postgres/testDatabase.ts";

const destinations = { chat: "", embedding: "" };

describe("Changes that wait for a database that the configuration does not name any more", function () {
	this.timeout(30_000);

	it("are told of, and wait for that one alone", async () => {
		const memoryDir = temporaryFolder();
		const open = async (port?: number) => {
			const url = `postgres://tester@127.0.0.1:${port}/postgres`;
			const database = port === undefined ? {} : { database: testSettings("mcp_mem0", url) };
			const { store, notice } = await openConfiguredStore({ memoryDir, ...database }, destinations);
			return { store, notice, waiting: await store.away?.waiting() };
		};
		// Nothing listens there.
		const first = await open(1);
		assert.equal(first.notice, undefined);
		await first.store.saves.store({ ...newMemory("Deploys happen on Thursdays"), id: "save" });
		assert.equal(await first.store.away?.waiting(), 1);
		await first.store.close();
		for (const port of [2, undefined]) {
			const { store, notice, waiting = 0 } = await open(port);
			assert.match(String(notice), /^1 change waits on this machine for another database .*DATABASE_URL/);
			assert.equal(waiting, 0);
			await store.close();
		}
		const again = await open(1);
		assert.deepEqual([again.notice, again.waiting], [undefined, 1]);
		await again.store.close();
	});
});
