import assert from "node:assert/strict";
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { existsSync, renameSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { systemClock } from "../../src/config/clock.ts";
import { silentLog } from "../../src/config/log.ts";
import { openMemory } from "../../src/memory/openMemory.ts";
import type { MemoryStore } from "../../src/store/memoryStore.ts";
import { bundles } from "../support/fixtures/builtFiles.ts";
import { everything, failure, newMemory, texts } from "../support/fixtures/storeFixtures.ts";
import { temporaryFolder } from "../support/fixtures/temporaryFolder.ts";
import { awayFixture, delivered, save } from "../support/postgres/awayFixture.ts";
import { hasOwnServer } from "../support/postgres/ownServer.ts";
import type { Saved } from "../support/postgres/saver.ts";

const saverFile = fileURLToPath(new URL("../support/postgres/saver.ts", import.meta.url));

const describeOnServer = hasOwnServer ? describe : describe.skip;

describeOnServer("Processes whose database is away (only with a server on this machine)", function () {
	this.timeout(180_000);
	const fixture = awayFixture("processes");
	const { open, elsewhere } = fixture;
	const children: ChildProcess[] = [];
	afterEach(() => {
		for (const child of children.splice(0)) child.kill("SIGKILL");
	});

	const saver = async (name: string, count: number) => {
		const { server, schema, folder } = fixture;
		const child = fork(saverFile, [server.url, schema, name, `${count}`, folder], {
			stdio: ["ignore", "inherit", "inherit", "ipc"],
		});
		children.push(child);
		await once(child, "message");
		return child;
	};
	const report = (child: ChildProcess): Promise<Saved> =>
		new Promise((resolve) => {
			child.on("message", (message) => {
				if (typeof message === "object") resolve(message as Saved);
			});
		});

	it("lose nothing of a hundred saves when it crashes among them, and acknowledge all at once", async () => {
		const { server } = fixture;
		const there = await elsewhere();
		const savers = await Promise.all(["one", "two", "three"].map((name) => saver(name, 34)));
		let acknowledged = 0;
		const some = new Promise<void>((resolve) => {
			for (const child of savers)
				child.on("message", (message) => {
					if (message === "acknowledged" && ++acknowledged === 20) resolve();
				});
		});
		const reports = savers.map(report);
		for (const child of savers) child.send("go");
		await some;
		await server.crash();
		const reported = await Promise.all(reports);
		assert.deepEqual(
			reported.map((each) => [each.acknowledged.length, each.failed]),
			[34, 34, 34].map((n) => [n, []]),
		);
		// What this one has kept, the others deliver.
		savers[0]?.kill("SIGKILL");
		const store = await open({}, { url: server.url });
		assert.ok(Number(await store.away?.waiting()) > 0, "The server crashed too late.");
		await server.start();
		await delivered(store);
		const stored = await texts(there);
		assert.equal(stored.length, 102);
		assert.equal(new Set(stored).size, 102);
	});

	it("share what is kept, and deliver it for each other to the endpoints it was meant for", async () => {
		const { proxy } = fixture;
		const there = await elsewhere();
		await save(there, "known");
		proxy.way = "cut";
		const theirs = { chat: "https://a.example", embedding: "https://b.example" };
		const first = await open({}, { own: theirs });
		const entry = { ...newMemory("kept by another process"), id: "theirs" };
		await first.saves.store(entry, { distil: true });
		const back = await first.saves.readBack((await first.memories.list(everything, 9)).memories, undefined);
		assert.equal(back[0]?.distilling, true);
		const second = await open();
		assert.deepEqual(await texts(second), ["kept by another process"]);
		await first.close();
		proxy.way = "open";
		await delivered(second);
		assert.deepEqual(await texts(there), ["kept by another process", "text of known"]);
		// Nobody else's work, and free for those whose it is.
		assert.deepEqual(await there.distillation.claim("ada", 10), []);
		assert.deepEqual((await there.distillation.state("ada")).heldBackFor, ["https://a.example"]);
		const own = await open({}, { own: theirs });
		assert.deepEqual(
			(await own.distillation.claim("ada", 10)).map(({ id }) => id),
			["theirs"],
		);
	});

	it("go on with a standby that becomes the primary server", async () => {
		const there = await elsewhere();
		await save(there, "known");
		const standby = await fixture.server.standby();
		try {
			const store = await open({}, { url: standby.url });
			assert.equal((await save(store, "new")).memory.keptHere, true);
			assert.match(String(store.away?.problem), /can only be read .*primary server, not to a standby/);
			assert.deepEqual(await texts(store), ["text of known", "text of new"]);
			await promote(standby.url);
			await delivered(store);
			assert.deepEqual(await texts(store), ["text of known", "text of new"]);
			assert.equal((await save(store, "later")).memory.keptHere, undefined);
			await store.close();
		} finally {
			await standby.stop();
		}
	});

	it("keep saves while a migration fails, and say why; nothing of it is left", async () => {
		const { proxy, schema } = fixture;
		proxy.way = "cut";
		const store = await open();
		await save(store, "kept");
		await fixture.admin(`CREATE SCHEMA ${schema}`, `CREATE TABLE ${schema}.memories (id int)`);
		proxy.way = "open";
		for (let tried = 0; !/already exists/.test(String(store.away?.problem)) && tried < 200; tried += 1)
			await sleep(50);
		assert.match(String(store.away?.problem), /relation "memories" already exists/);
		assert.equal((await save(store, "kept as well")).memory.keptHere, true);
		await assert.rejects(open(), failure("failed", /already exists/));
		await fixture.admin(
			`DO $$ BEGIN IF to_regclass('${schema}.journal') IS NOT NULL THEN RAISE 'left'; END IF; END $$`,
		);
		await fixture.admin(`DROP TABLE ${schema}.memories`);
		await delivered(store);
		assert.deepEqual(await texts(await elsewhere()), ["text of kept", "text of kept as well"]);
	});

	it("lose nothing when the file that keeps it is moved away", async () => {
		const { proxy, folder } = fixture;
		proxy.way = "cut";
		const store = await open();
		await save(store, "before");
		const file = join(folder, "memory.db");
		renameSync(file, `${file}.moved`);
		await save(store, "after");
		assert.ok(existsSync(file));
		assert.equal(await store.away?.waiting(), 2);
		proxy.way = "open";
		await delivered(store);
		assert.deepEqual(await texts(await elsewhere()), ["text of after", "text of before"]);
	});

	it("agree on who delivers and who does the background work though their clocks are two hours apart", async () => {
		const { proxy } = fixture;
		const there = await elsewhere();
		const services = await Promise.all(
			[-2, 2].map((hours) => {
				const now = () => Date.now() + hours * 3_600_000;
				const memoryDir = temporaryFolder();
				return openMemory({
					config: { memoryDir, userId: "ada", llm: undefined, embedding: undefined },
					bundles,
					log: silentLog,
					clock: { ...systemClock, now },
					openStore: async () => ({ store: await open(), notice: undefined }),
				});
			}),
		);
		try {
			for (const service of services) service.startBackgroundWork();
			proxy.way = "cut";
			const saved = await Promise.all(
				services.flatMap((service, one) =>
					Array.from({ length: 10 }, (_, n) => service.save({ text: `Clock ${one} strikes ${n} times` })),
				),
			);
			assert.ok(saved.some(({ keptHere }) => keptHere));
			proxy.way = "open";
			const waiting = async () => {
				const each = await Promise.all(services.map((service) => service.status()));
				return each.some(({ away, pending }) => away?.waiting || pending.embedding > 0);
			};
			for (const service of services) service.workSoon();
			for (const deadline = Date.now() + 60_000; await waiting(); await sleep(200))
				assert.ok(Date.now() < deadline);
			assert.equal((await texts(there)).length, 20);
			const lease = "background work of ada";
			const stores: readonly MemoryStore[] = [await open(), await open()];
			await Promise.all(services.map((service) => service.dispose()));
			const taken = await Promise.all(stores.map((store) => store.leases.acquire(lease, 60_000)));
			assert.deepEqual(taken.toSorted(), [false, true]);
		} finally {
			await Promise.all(services.map((service) => service.dispose()));
		}
	});
});

async function promote(url: string): Promise<void> {
	const { default: pg } = await import("pg");
	const client = new pg.Client({ connectionString: url });
	await client.connect();
	await client.query("SELECT pg_promote()");
	await client.end();
}
