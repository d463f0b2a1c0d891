import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { silentLog } from "../../../src/config/log.ts";
import { MemoryBackups } from "../../../src/memory/backups/memoryBackups.ts";
import { openStore } from "../../../src/store/sqlite/sqliteStore.ts";
import { configuredBackups } from "../../../src/store/stores.ts";
import { add } from "../../support/fixtures/storeFixtures.ts";
import { temporaryFolder } from "../../support/fixtures/temporaryFolder.ts";
import { TestClock } from "../../support/fixtures/testClock.ts";

describe("The memory's own backups", () => {
	it("are made when they are due and not again; one that fails is no error", async () => {
		const memoryDir = temporaryFolder();
		const { store } = await openStore(memoryDir);
		await add(store, "one");
		const settings = { interval: 86_400_000, days: 7, weeks: 4, directory: undefined };
		const files = configuredBackups({ memoryDir, backups: settings });
		const own = new MemoryBackups(files, silentLog, new TestClock());
		await own.makeDue();
		for (let turn = 0; turn < 500 && (await files.list()).length === 0; turn += 1) await sleep(10);
		await own.makeDue();
		assert.deepEqual(
			(await files.list()).map(({ reason }) => reason),
			["daily"],
		);
		const failing = new MemoryBackups(
			{ ...files, create: () => Promise.reject(new Error("full")) },
			silentLog,
			new TestClock(),
		);
		await failing.before("import");
		await store.close();
	});
});
