import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import type { MemoryStore } from "../../src/store/memoryStore.ts";
import type { Driver } from "../../src/store/postgres/driver.ts";
import { connectDriver } from "../../src/store/postgres/nodePostgres.ts";
import { openStoreOn } from "../../src/store/postgres/postgresStore.ts";
import { newMemory, texts } from "../support/fixtures/storeFixtures.ts";
import { hasOwnServer, type OwnServer, ownServer } from "../support/postgres/ownServer.ts";
import { testSettings } from "../support/postgres/testDatabase.ts";

const describeOnServer = hasOwnServer ? describe : describe.skip;

describeOnServer("A process that is suspended (only with a PostgreSQL server on this machine)", function () {
	this.timeout(120_000);
	let server: OwnServer;
	const opened: MemoryStore[] = [];
	before(async () => {
		server = await ownServer();
	});
	after(async () => {
		for (const store of opened) await store.close();
		await server?.stop();
	});
	const open = async (driver: Driver) => {
		const destinations = { chat: "", embedding: "" };
		const store = await openStoreOn(driver, { location: "test", schema: "shared", retries: 3, destinations });
		opened.push(store);
		return store;
	};
	const save = (store: MemoryStore, id: string) => store.saves.store({ ...newMemory("said twice"), id });

	it("in the middle of a save lets nobody wait for long, and loses nothing", async () => {
		const driver = await connectDriver(testSettings("shared", server.url));
		const awake = Promise.withResolvers<void>();
		let asleep = false;
		const store = await open({
			...driver,
			async connect() {
				const connection = await driver.connect();
				return {
					...connection,
					async query(text, values) {
						if (!asleep && /INSERT INTO \S+memories/.test(text)) {
							asleep = true;
							await awake.promise;
						}
						return connection.query(text, values);
					},
				};
			},
		});
		const other = await open(await connectDriver(testSettings("shared", server.url)));
		const first = save(store, "first");
		while (!asleep) await sleep(20);
		assert.equal((await save(other, "second")).results[0]?.event, "ADD");
		awake.resolve();
		assert.equal((await first).results[0]?.event, "DUPLICATE");
		assert.deepEqual(await texts(other), ["said twice"]);
	});
});
