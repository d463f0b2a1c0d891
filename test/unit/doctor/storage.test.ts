import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { readConfig } from "../../../src/config/config.ts";
import { silentLog } from "../../../src/config/log.ts";
import { toText } from "../../../src/doctor/output/text.ts";
import { listTools } from "../../../src/mcp/selfCheck.ts";
import { openMemory } from "../../../src/memory/openMemory.ts";
import { databaseFile } from "../../../src/store/sqlite/sqliteStore.ts";
import {
	applied,
	envOf,
	examined,
	firstTrouble,
	withWorkbench,
} from "../../support/fixtures/brokenSetups.ts";
import { bundles } from "../../support/fixtures/builtFiles.ts";
import { stdioClient } from "../../support/fixtures/mcpClient.ts";
import { openService } from "../../support/fixtures/openService.ts";
import { sharedEmbedder } from "../../support/fixtures/sharedEmbedder.ts";
import { temporaryFolder } from "../../support/fixtures/temporaryFolder.ts";
import { warmUp } from "../../support/fixtures/warmUp.ts";

const storage = { roles: ["storage"] as const };
const mcp = (signal: AbortSignal) => listTools("1.2.3", signal);

/** A folder with a database in it that has some memories. */
async function filledFolder(count = 3): Promise<string> {
	const folder = temporaryFolder();
	const { service } = await openService(folder, sharedEmbedder());
	for (let i = 0; i < count; i += 1) await service.save({ text: `Fact number ${i} is about the storage` });
	await service.dispose();
	return folder;
}

describe("The Endpoint Doctor, of storage and the MCP server", () => {
	before(warmUp);

	it("finds a folder that is not there yet as good as one that is, and does not make it", async () => {
		const folder = join(temporaryFolder(), "not", "yet");
		const report = await examined({ MEMORY_DIR: folder }, {}, storage);
		assert.equal(firstTrouble(report), undefined);
		assert.ok(!existsSync(folder));
	});

	it("says where a folder cannot be one, and offers the default", async () => {
		const file = join(temporaryFolder(), "file");
		writeFileSync(file, "");
		const report = await examined({ MEMORY_DIR: join(file, "memory") }, {}, storage);
		const found = firstTrouble(report);
		assert.equal(found?.id, "storage.folder");
		const [fix] = found.fixes;
		assert.ok(fix);
		assert.ok(
			!("MEMORY_DIR" in applied({ MEMORY_DIR: file }, fix)) || applied({}, fix).MEMORY_DIR === undefined,
		);
		assert.ok(report.findings.some(({ status }) => status === "skipped"));
	});

	it("counts the memories of a sound database, and names the processes that are at it", async () => {
		const folder = await filledFolder();
		const other = await stdioClient({ MEMORY_DIR: folder, DEFAULT_USER_ID: "ada" }, folder);
		try {
			await other.call("save_memory", { text: "Another process saves this" });
			const report = await examined({ MEMORY_DIR: folder, DEFAULT_USER_ID: "ada" }, {}, storage);
			assert.equal(firstTrouble(report), undefined);
			const database = report.findings.find(({ id }) => id === "storage.database");
			assert.match(database?.seen ?? "", /^4 memories, schema \d+; SQLite finds no damage/);
			const processes = report.findings.find(({ id }) => id === "storage.processes");
			assert.equal(processes?.seen, `Also used by process ${other.pid}.`);
		} finally {
			await other.close();
		}
	});

	it("says that a database was made by a newer version", async () => {
		const folder = await filledFolder();
		const db = new DatabaseSync(join(folder, databaseFile));
		db.exec("PRAGMA user_version = 99");
		db.close();
		const found = firstTrouble(await examined({ MEMORY_DIR: folder }, {}, storage));
		assert.equal(found?.id, "storage.database");
		assert.match(found.seen, /schema 99/);
	});

	it("finds damage, and changes nothing about it", async () => {
		const folder = await filledFolder(50);
		const file = join(folder, databaseFile);
		new DatabaseSync(file).exec("PRAGMA wal_checkpoint(TRUNCATE)");
		const bytes = readFileSync(file);
		bytes.fill(0xa5, 4096 * 3, 4096 * 9);
		writeFileSync(file, bytes);
		truncateSync(file, bytes.length);
		const found = firstTrouble(await examined({ MEMORY_DIR: folder }, {}, storage));
		assert.equal(found?.id, "storage.database");
		assert.match(found.seen, /is damaged/);
		assert.ok(readFileSync(file).equals(bytes));
	});

	it("says that another program holds the write lock", async () => {
		const folder = await filledFolder();
		const other = new DatabaseSync(join(folder, databaseFile));
		other.exec("BEGIN IMMEDIATE");
		try {
			const found = firstTrouble(await examined({ MEMORY_DIR: folder }, {}, storage));
			assert.equal(found?.id, "storage.processes");
			assert.match(found.seen, /write lock/);
		} finally {
			other.exec("ROLLBACK");
			other.close();
		}
	});

	it("says which memories are of an earlier embedding model, and offers to re-embed them", () =>
		withWorkbench(async (bench) => {
			const { baseUrl } = await bench.server();
			const folder = await filledFolder();
			const reportFor = (user: string) => {
				const env = envOf(baseUrl, { MEMORY_DIR: folder, DEFAULT_USER_ID: user });
				return examined(env, {}, { roles: ["chat", "embedding", "storage"] });
			};
			const found = firstTrouble(await reportFor("ada"));
			assert.equal(found?.id, "storage.vectors");
			assert.match(found.seen, /3 memories were embedded by another model/);
			assert.equal(found.fixes[0]?.kind, "reembed");
			assert.equal(firstTrouble(await reportFor("bob")), undefined, "Bob cannot re-embed Ada's memories");
		}));

	it("offers the multilingual embedding models that the user's endpoint lists, by name", () =>
		withWorkbench(async (bench) => {
			const embeddingModels = ["test-embed", "bge-m3:latest", "nomic-embed-text-v2-moe"];
			const { baseUrl } = await bench.server({ contextLength: 32_768, embeddingModels });
			const env = envOf(baseUrl, { MEMORY_DIR: await filledFolder(), EMBEDDING_PROVIDER: "builtin" });
			const roles = ["chat", "storage"] as const;
			const report = await examined(env, {}, { roles });
			const found = report.findings.find(({ id }) => id === "storage.vectors");
			assert.equal(found?.status, "ok");
			assert.match(found.seen, /Your endpoint lists bge-m3:latest, nomic-embed-text-v2-moe\.$/);
			assert.match(toText(report), /→ .*bge-m3:latest/);
			assert.equal(found.fixes.length, 2);
			const [fix] = found.fixes;
			assert.ok(fix);
			const embedding = readConfig(applied(env, fix)).config?.embedding;
			assert.deepEqual([embedding?.baseUrl, embedding?.model], [baseUrl, "bge-m3:latest"]);

			const other = await bench.server({ contextLength: 32_768 });
			const without = await examined({ ...env, LLM_BASE_URL: other.baseUrl }, {}, { roles });
			const general = without.findings.find(({ id }) => id === "storage.vectors");
			assert.match(general?.seen ?? "", /such as bge-m3, on an endpoint of your own\.$/);
			assert.deepEqual(general?.fixes, []);
		}));

	it("says that saves wait for another host, instead of that everything works", () =>
		withWorkbench(async (bench) => {
			const [away, here] = [await bench.server(), await bench.server({ contextLength: 32_768 })];
			away.fault({ kind: "status", status: 503, headers: { "retry-after": "0" } }, { role: "chat" });
			const folder = temporaryFolder();
			const env = (url: string) => envOf(url, { MEMORY_DIR: folder, DEFAULT_USER_ID: "ada" });
			const memory = await openMemory({
				config: readConfig(env(away.baseUrl)).config,
				bundles,
				log: silentLog,
			});
			await memory.save({ text: "Ada moved to Lisbon." });
			await memory.dispose();
			const report = await examined(env(here.baseUrl), {}, storage);
			const found = firstTrouble(report);
			assert.equal(found?.id, "storage.waiting");
			assert.match(found.seen, new RegExp(`^1 save waits to be distilled at ${away.origin}`));
			assert.match(found.fixes[0]?.label ?? "", /mcp-mem0 distill/);
			const own = await examined(env(away.baseUrl), {}, storage);
			assert.equal(own.findings.find(({ id }) => id === "storage.waiting")?.status, "ok");
		}));

	it("knows that saves wait for the configured servers where there are several", () =>
		withWorkbench(async (bench) => {
			const servers = [await bench.server(), await bench.server()];
			for (const server of servers) server.fault({ kind: "status", status: 400 }, { role: "chat" });
			const urls = servers.map(({ baseUrl }) => baseUrl).join(", ");
			const env = envOf(urls, { MEMORY_DIR: temporaryFolder(), DEFAULT_USER_ID: "ada" });
			const memory = await openMemory({ config: readConfig(env).config, bundles, log: silentLog });
			await memory.save({ text: "Ada moved to Lisbon." });
			assert.equal((await memory.status()).pending.distillation, 1);
			await memory.dispose();
			const { findings } = await examined(env, {}, storage);
			assert.equal(findings.find(({ id }) => id === "storage.waiting")?.status, "ok");
		}));

	it("counts no memories of another user", () =>
		withWorkbench(async (bench) => {
			const { baseUrl } = await bench.server();
			const env = envOf(baseUrl, { MEMORY_DIR: await filledFolder(), DEFAULT_USER_ID: "eve" });
			const report = await examined(env, {}, { roles: ["chat", "embedding", "storage"] });
			assert.equal(firstTrouble(report), undefined);
			const database = report.findings.find(({ id }) => id === "storage.database");
			assert.match(database?.seen ?? "", /^0 memories/);
		}));

	it("saves, finds and deletes a probe through the whole pipeline, and leaves nothing behind", () =>
		withWorkbench(async (bench) => {
			const server = await bench.server({ contextLength: 32_768 });
			const folder = await filledFolder();
			const env = envOf(server.baseUrl, { MEMORY_DIR: folder });
			const scratch = temporaryFolder();
			const before = { TMPDIR: process.env.TMPDIR, TEMP: process.env.TEMP };
			Object.assign(process.env, { TMPDIR: scratch, TEMP: scratch });
			const report = await examined(
				env,
				{},
				{ roles: ["chat", "embedding", "storage", "mcp"], bundles, mcp },
			);
			for (const [name, value] of Object.entries(before))
				if (value === undefined) delete process.env[name];
				else process.env[name] = value;
			const trip = report.findings.find(({ id }) => id === "storage.round-trip");
			assert.match(trip?.seen ?? "", /saved \(distilled to a fact\), found and deleted/);
			assert.equal(report.findings.find(({ id }) => id === "mcp.tools")?.status, "ok");
			const sent = JSON.stringify(server.requests.map(({ body }) => body));
			assert.ok(server.count("chat") > 0 && server.count("embeddings") > 0);
			assert.ok(!sent.includes("about the storage"), "a real memory was sent");
			assert.deepEqual(readdirSync(scratch), []);
		}));

	it("makes the round trip with nothing configured, on the built-in model", async () => {
		const report = await examined({ MEMORY_DIR: temporaryFolder() }, {}, { roles: ["storage"], bundles });
		const trip = report.findings.find(({ id }) => id === "storage.round-trip");
		assert.match(trip?.seen ?? "", /kept word for word/, JSON.stringify(trip));
	});

	it("does not make a round trip through an endpoint that fails", () =>
		withWorkbench(async (bench) => {
			const env = envOf(`http://127.0.0.1:${await bench.closedPort()}/v1`, { MEMORY_DIR: temporaryFolder() });
			const report = await examined(env, {}, { roles: ["chat", "storage"], bundles });
			assert.equal(report.findings.find(({ id }) => id === "storage.round-trip")?.status, "skipped");
		}));

	it("gets all tools of the MCP server through a real client", async () => {
		const draft = await mcp(new AbortController().signal);
		assert.equal(draft.status, "ok");
		assert.match(draft.seen, /6 tools: save_memory, .*memory_status/);
	});
});
