import assert from "node:assert/strict";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";
import { place } from "../../support/fixtures/commandLine.ts";
import { filesWith } from "../../support/fixtures/filesWith.ts";
import { httpServer } from "../../support/fixtures/httpServer.ts";
import {
	httpClient,
	type StdioClient,
	stdioClient,
	type TestClient,
} from "../../support/fixtures/mcpClient.ts";
import { temporaryFolder } from "../../support/fixtures/temporaryFolder.ts";
import { hasOwnServer, type OwnServer, ownServer } from "../../support/postgres/ownServer.ts";

interface Saved {
	readonly memories: readonly { readonly id: string; readonly event: string }[];
	readonly pending: readonly string[];
	readonly note?: string;
}
interface Found {
	readonly memories: readonly { readonly id: string; readonly text: string }[];
	readonly note?: string;
}

const describeOnServer = hasOwnServer ? describe : describe.skip;

describeOnServer("A team's database that is away (only with a server on this machine)", function () {
	this.timeout(120_000);
	let server: OwnServer;
	before(async () => {
		server = await ownServer(["max_connections=40"]);
	});
	after(() => server?.stop());
	afterEach(() => start());

	let runs = true;
	const stop = async (how: "stop" | "crash" = "stop") => {
		runs = false;
		await server[how]();
	};
	const start = async () => {
		if (!runs) await server.start();
		runs = true;
	};

	const texts = async (schema: string): Promise<string[]> => {
		const client = new pg.Client({ connectionString: server.url });
		await client.connect();
		try {
			const sql = `SELECT text FROM ${schema}.memories WHERE deleted_at IS NULL ORDER BY text`;
			return (await client.query<{ text: string }>(sql)).rows.map(({ text }) => text);
		} finally {
			await client.end();
		}
	};
	const until = async (holds: () => Promise<boolean>) => {
		for (const deadline = Date.now() + 60_000; !(await holds()); await sleep(200))
			assert.ok(Date.now() < deadline, "It never came about.");
	};

	it("costs an agent no save: the server starts, keeps, finds, says so, and the next process delivers", async () => {
		const folder = temporaryFolder();
		const memoryDir = join(folder, "memory");
		const env = { MEMORY_DIR: memoryDir, DATABASE_URL: server.url, DATABASE_SCHEMA: "agent" };
		let agent: StdioClient | undefined;
		const secret = `ghp_${"a1B2c3D4e5".repeat(4).slice(0, 36)}`;
		await stop();
		try {
			agent = await stdioClient(env, folder);
			assert.match(agent.log(), /cannot be reached/);
			const saved = await agent.call<Saved>("save_memory", {
				text: `Deploys happen on Thursdays. Token ${secret}`,
			});
			assert.equal(saved.error, undefined);
			assert.ok(saved.content.pending.includes("delivery"));
			assert.match(
				String(saved.content.note),
				/The team's memory is away: this is kept, and arrives there when it is back/,
			);
			assert.doesNotMatch(String(saved.content.note), /try again/);
			const [memory] = saved.content.memories;
			const found = await agent.call<Found>("search_memories", { query: "When do deploys happen?" });
			assert.equal(found.content.memories[0]?.id, memory?.id);
			assert.match(String(found.content.note), /The team's memories cannot be read now/);
			const listed = await agent.call<Found>("get_all_memories");
			assert.equal(listed.content.memories.length, 1);
			assert.match(String(listed.content.note), /only the ones that wait to be delivered/);
			const updated = await agent.call<Found>("update_memory", {
				id: memory?.id,
				text: "Deploys happen on Fridays.",
			});
			assert.match(String(updated.content.note), /this is kept/);
			const other = await agent.call<Saved>("save_memory", { text: "A passing thought about colours" });
			const deleted = await agent.call<Found>("delete_memory", { id: other.content.memories[0]?.id });
			assert.match(String(deleted.content.note), /Deleted; the team's memory is away/);
			const status = await agent.call<{ notices: string[] }>("memory_status");
			assert.match(
				status.content.notices.join(" "),
				/4 changes wait for the team's memory.*cannot be reached/,
			);
			assert.deepEqual(await filesWith(secret, folder), []);
			assert.notDeepEqual(await filesWith("Fridays", folder), []);
			process.kill(agent.pid, "SIGKILL");
			await agent.close();
			await start();
			agent = await stdioClient(env, folder);
			await until(async () => (await texts("agent")).length === 1);
			assert.deepEqual(await texts("agent"), ["Deploys happen on Fridays."]);
			const again = await agent.call<Found>("search_memories", { query: "When do deploys happen?" });
			assert.equal(again.content.memories[0]?.id, memory?.id);
			assert.equal(again.content.note, undefined);
		} finally {
			await agent?.close();
		}
	});

	it("costs a command no save either", async () => {
		const { run } = place({
			MEMORY_DIR: temporaryFolder(),
			DATABASE_URL: server.url,
			DATABASE_SCHEMA: "command",
		});
		await stop();
		try {
			const saved = await run("save", "We deploy on Thursdays");
			assert.equal(saved.code, 0, saved.stderr);
			assert.match(saved.stderr, /this is kept/);
			const id = saved.stdout.split(" ")[0] as string;
			const listed = await run("list");
			assert.match(listed.stdout, new RegExp(id));
			assert.match(listed.stderr, /cannot be read now/);
			const changed = await run("edit", id, "--text", "We deploy on Fridays");
			assert.equal(changed.code, 0, changed.stderr);
			const doctor = await run("doctor", "--json");
			assert.match(doctor.stdout, /2 changes wait on this machine for the database/);
		} finally {
			await start();
		}
		await until(async () => {
			await run("list");
			return (await texts("command").catch(() => [])).length === 1;
		});
		assert.deepEqual(await texts("command"), ["We deploy on Fridays"]);
	});

	it("is restarted under 200 sessions, which all go on", async function () {
		this.timeout(300_000);
		const token = "a-token-of-16-characters";
		const { child, until: says } = httpServer({
			DATABASE_URL: server.url,
			DATABASE_SCHEMA: "sessions",
			AUTH_TOKEN: token,
		});
		const sessions: TestClient[] = [];
		try {
			const [, url = ""] = await says(/MCP server: (\S+)/);
			for (let n = 0; n < 200; n += 20)
				sessions.push(...(await Promise.all(Array.from({ length: 20 }, () => httpClient(url, token)))));
			const saveAll = (round: string) =>
				Promise.all(
					sessions.map(async (session, n) => {
						const { content, error } = await session.call<Saved>("save_memory", {
							text: `Fact ${n} of ${round}`,
						});
						assert.equal(error, undefined);
						return content;
					}),
				);
			const before = saveAll("before");
			await sleep(300);
			await stop("crash");
			await before;
			const during = await saveAll("during");
			assert.ok(during.every(({ pending }) => pending.includes("delivery")));
			await start();
			await until(async () => (await texts("sessions")).length === 400);
			const after = await saveAll("after");
			assert.ok(
				after.every(({ pending, memories }) => !pending.includes("delivery") && memories[0]?.event === "ADD"),
			);
			const stored = await texts("sessions");
			assert.equal(new Set(stored).size, 600);
			assert.equal(stored.length, 600);
		} finally {
			await Promise.all(sessions.map((session) => session.close().catch(() => undefined)));
			child.kill();
		}
	});
});
