import assert from "node:assert/strict";
import { type ChildProcess, fork } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import pg from "pg";
import { readConfig } from "../../src/config/config.ts";
import { silentLog } from "../../src/config/log.ts";
import { lend } from "../../src/endpoints/lending/lender.ts";
import { openMemory } from "../../src/memory/openMemory.ts";
import { StoreError } from "../../src/store/errors.ts";
import type { MemoryStore } from "../../src/store/memoryStore.ts";
import { openPostgresStore } from "../../src/store/postgres/postgresStore.ts";
import type { PostgresSettings } from "../../src/store/postgres/settings.ts";
import { bundles } from "../support/fixtures/builtFiles.ts";
import { filesWith } from "../support/fixtures/filesWith.ts";
import { everything, failure, newMemory, texts } from "../support/fixtures/storeFixtures.ts";
import { temporaryFolder } from "../support/fixtures/temporaryFolder.ts";
import { CuttingProxy, type Fault } from "../support/postgres/cuttingProxy.ts";
import { hasOwnServer, type OwnServer, ownServer } from "../support/postgres/ownServer.ts";
import type { Saved } from "../support/postgres/saver.ts";
import { testSettings } from "../support/postgres/testDatabase.ts";

const saverFile = fileURLToPath(new URL("../support/postgres/saver.ts", import.meta.url));
const destinations = { chat: "", embedding: "" };

const describeOnServer = hasOwnServer ? describe : describe.skip;

describeOnServer("PostgreSQL that fails (only with a server on this machine)", function () {
	this.timeout(120_000);
	let server: OwnServer;
	let schema = "";
	let number = 0;
	const opened: MemoryStore[] = [];

	const open = async (more: Partial<PostgresSettings> = {}, url = server.url) => {
		const store = await openPostgresStore({ ...testSettings(schema, url), ...more }, destinations);
		opened.push(store);
		return store;
	};
	const admin = async (...statements: readonly string[]) => {
		const client = new pg.Client({ connectionString: server.url });
		await client.connect();
		try {
			for (const statement of statements) await client.query(statement);
		} finally {
			await client.end();
		}
	};
	/** The server lets everybody else in without one. */
	const demandPassword = async (user: string) => {
		const client = new pg.Client({ connectionString: server.url });
		await client.connect();
		const [row] = (await client.query<{ hba_file: string }>("SHOW hba_file")).rows;
		const file = row?.hba_file ?? "";
		writeFileSync(file, `host all ${user} 127.0.0.1/32 scram-sha-256\n${readFileSync(file, "utf8")}`);
		await client.query("SELECT pg_reload_conf()");
		await client.end();
	};
	const save = (store: MemoryStore, id: string, text = `text of ${id}`) =>
		store.saves.store({ ...newMemory(text), id });

	before(async () => {
		server = await ownServer();
	});
	after(() => server?.stop());
	beforeEach(() => {
		number += 1;
		schema = `failures_${number}`;
	});
	afterEach(() => Promise.all(opened.splice(0).map((store) => store.close())));

	for (const fault of ["cut before", "cut after", "swallow answer"] as const satisfies readonly Fault[])
		it(`loses and doubles nothing, whatever message of a save meets this: ${fault}`, async () => {
			const proxy = await CuttingProxy.start(server.url);
			try {
				const watcher = await open();
				const store = await open({ answerTimeout: 400, poolSize: 1 }, proxy.url);
				await save(store, "first");
				for (let message = 0; ; message += 1) {
					proxy.failAt(message, fault);
					const id = `save ${message}`;
					const { results } = await save(store, id);
					assert.equal(results.length, 1);
					assert.equal((await texts(watcher)).filter((text) => text === `text of ${id}`).length, 1, id);
					assert.equal(await watcher.saves.savedText(id, "ada"), `text of ${id}`);
					let reached = proxy.messages > message;
					// An update and a deletion likewise.
					const memory = results[0]?.memory;
					assert.ok(memory);
					proxy.failAt(message, fault);
					await store.memories.change("ada", [{ id: memory.id, text: `changed ${id}` }]);
					reached ||= proxy.messages > message;
					proxy.failAt(message, fault);
					assert.equal((await store.memories.delete([memory.id], "ada"))[0]?.text, `changed ${id}`);
					reached ||= proxy.messages > message;
					const history = await watcher.memories.history(memory.id, "ada");
					assert.deepEqual(
						history.map(({ event }) => event),
						["ADD", "UPDATE", "DELETE"],
					);
					if (!reached) break;
				}
			} finally {
				await proxy.close();
			}
		});

	it("whose password an open window of VS Code has takes it at each connection, and says so where none is open", async () => {
		await admin("CREATE ROLE lent LOGIN PASSWORD 'pass-4711'", "GRANT CREATE ON DATABASE postgres TO lent");
		await admin("CREATE EXTENSION IF NOT EXISTS vector");
		await demandPassword("lent");
		const url = new URL(server.url);
		url.username = "lent";
		const folder = temporaryFolder();
		const { config } = readConfig({ MEMORY_DIR: folder, DATABASE_URL: url.href, DATABASE_SCHEMA: schema });
		const openIt = () => openMemory({ config, bundles, log: silentLog });
		await assert.rejects(openIt(), failure("refused", /open a window/));
		const asked: object[] = [];
		const lender = await lend(folder, {
			password: async (whose) => {
				asked.push(whose);
				return whose.user === "lent" && whose.port === Number(url.port) ? "pass-4711" : undefined;
			},
		});
		try {
			const memory = await openIt();
			await memory.dispose();
			assert.deepEqual(await filesWith("pass-4711", folder), []);
			assert.deepEqual(asked[0], { host: url.hostname, port: Number(url.port), user: "lent" });
		} finally {
			await lender.dispose();
		}
	});

	it("that crashes among a hundred saves of three processes keeps all that were acknowledged, once each", async () => {
		const watcher = await open();
		const savers = ["one", "two", "three"].map((name) =>
			fork(saverFile, [server.url, schema, name, "34"], { stdio: ["ignore", "inherit", "inherit", "ipc"] }),
		);
		await Promise.all(savers.map((saver) => said(saver, (message) => message === "ready")));
		let acknowledged = 0;
		const some = new Promise<void>((resolve) => {
			for (const saver of savers)
				saver.on("message", (message) => {
					if (message === "acknowledged" && ++acknowledged === 20) resolve();
				});
		});
		const reports = savers.map((saver) => said(saver, (message) => typeof message === "object"));
		for (const saver of savers) saver.send("go");
		await some;
		await server.crash();
		await new Promise((done) => setTimeout(done, 500));
		await server.start();
		const saved = (await Promise.all(reports)) as Saved[];
		assert.ok(acknowledged < 102, "The server crashed too late.");
		const stored = await texts(watcher);
		assert.equal(stored.length, 102);
		assert.equal(new Set(stored).size, 102);
		for (const { acknowledged: kept, said: words } of saved) {
			for (const text of kept) assert.ok(stored.includes(text), text);
			for (const each of words) assert.match(each, /cannot be reached .*Check that the server runs/);
		}
	});

	it("that restarts needs no restart here, and tells of changes again", async function () {
		this.timeout(60_000);
		const store = await open();
		const other = await open();
		await save(store, "before");
		let told = 0;
		store.onDidChange(() => {
			told += 1;
		});
		const isTold = async (since: number) => {
			while (told === since) await new Promise((done) => setTimeout(done, 20));
		};
		await save(other, "listened");
		await isTold(0);
		await server.stop();
		await assert.rejects(save(store, "meanwhile"), failure("unreachable", /cannot be reached/));
		await server.start();
		assert.equal((await save(store, "after")).results[0]?.event, "ADD");
		const before = told;
		await save(other, "told");
		await isTold(before);
		assert.equal((await store.memories.list(everything, 10)).total, 4);
	});

	it("whose connections are all in use says so, and goes on when one is free", async () => {
		const store = await open({ poolSize: 1, poolTimeout: 300, retries: 0 });
		const client = new pg.Client({ connectionString: server.url });
		await client.connect();
		await client.query(`BEGIN; LOCK TABLE ${schema}.journal IN ACCESS EXCLUSIVE MODE`);
		const waiting = save(store, "waits");
		await assert.rejects(
			store.memories.counts("ada"),
			failure("busy", /no free connection/, /DATABASE_POOL_SIZE/),
		);
		await client.query("COMMIT");
		await client.end();
		await waiting;
		assert.equal((await store.memories.counts("ada")).all, 1);
	});

	it("that ends long statements loses no save that it acknowledged, and says what to do", async () => {
		await admin("CREATE ROLE hasty LOGIN SUPERUSER", "ALTER ROLE hasty SET statement_timeout = '200ms'");
		const store = await open({ user: "hasty" });
		const client = new pg.Client({ connectionString: server.url });
		await client.connect();
		await client.query(`BEGIN; LOCK TABLE ${schema}.journal IN ACCESS EXCLUSIVE MODE`);
		await assert.rejects(save(store, "late"), failure("busy", /took too long/, /statement_timeout/));
		await client.query("ROLLBACK");
		await client.end();
		assert.equal((await save(store, "late")).results[0]?.event, "ADD");
		assert.deepEqual(await texts(store), ["text of late"]);
	});

	it("that may only be read is searched, and refuses a save with what to do", async () => {
		const first = await open();
		await save(first, "known");
		await admin(
			"CREATE ROLE reader LOGIN SUPERUSER",
			"ALTER ROLE reader SET default_transaction_read_only = on",
		);
		const store = await open({ user: "reader" });
		assert.deepEqual(await texts(store), ["text of known"]);
		await assert.rejects(save(store, "new"), failure("not-writable", /only be read/, /primary server/));
	});

	it("of a newer version is refused, at once and later", async () => {
		const store = await open();
		await admin(`UPDATE ${schema}.meta SET version = 1000`);
		await assert.rejects(open(), failure("newer-schema", /schema 1000/, /Update MCP Mem0/));
		await assert.rejects(save(store, "old"), failure("newer-schema"));
	});

	it("is made by one of many processes that open it at the same time", async () => {
		const stores = await Promise.all(Array.from({ length: 6 }, () => open()));
		await Promise.all(stores.map((store, n) => save(store, `${n}`)));
		assert.equal((await texts(stores[0] as MemoryStore)).length, 6);
	});

	it("without the privilege to add pgvector names the command, and leaves nothing behind", async () => {
		await admin("CREATE ROLE guest LOGIN", "CREATE DATABASE bare", "GRANT CREATE ON DATABASE bare TO guest");
		const url = server.url.replace(/postgres$/, "bare");
		const guest = { user: "guest", password: "a-secret-4711" };
		await assert.rejects(open(guest, url), (error: unknown) => {
			if (error instanceof StoreError && error.kind === "unsupported") {
				assert.match(error.message, /CREATE EXTENSION vector;/);
				assert.doesNotMatch(error.message, /secret-4711/);
				return true;
			}
			return false;
		});
	});
});

function said(child: ChildProcess, matches: (message: unknown) => boolean): Promise<unknown> {
	return new Promise((resolve, reject) => {
		child.on("message", (message) => {
			if (matches(message)) resolve(message);
		});
		child.once("exit", (code) => {
			if (code) reject(new Error(`The process ended with ${code}.`));
		});
	});
}
