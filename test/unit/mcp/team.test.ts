import assert from "node:assert/strict";
import { silentLog } from "../../../src/config/log.ts";
import { type HttpHost, type HttpHostOptions, startHttpHost } from "../../../src/mcp/hosts/http.ts";
import { createMcpServer } from "../../../src/mcp/server.ts";
import { addUser, revokeUser } from "../../../src/memory/access/accounts.ts";
import { SharedMemory } from "../../../src/memory/access/sharedMemory.ts";
import { StoreError } from "../../../src/store/errors.ts";
import type { MemoryStore } from "../../../src/store/memoryStore.ts";
import { httpClient } from "../../support/fixtures/mcpClient.ts";
import { lentEmbedder } from "../../support/fixtures/sharedEmbedder.ts";
import { temporaryFolder } from "../../support/fixtures/temporaryFolder.ts";
import { TestClock } from "../../support/fixtures/testClock.ts";
import { openTestStore } from "../../support/postgres/testStore.ts";

const initialize = {
	jsonrpc: "2.0",
	id: 0,
	method: "initialize",
	params: { protocolVersion: "2025-11-25", capabilities: {}, clientInfo: { name: "hand", version: "1" } },
};
const ping = { jsonrpc: "2.0", id: 1, method: "ping" };

interface Found {
	readonly memories: readonly { readonly id: string; readonly text: string }[];
}

describe("The HTTP server of a team", function () {
	this.timeout(60_000);
	let store: MemoryStore;
	let shared: SharedMemory;
	let host: HttpHost;
	let clock: TestClock;

	async function start(more: Partial<HttpHostOptions> = {}, requestsPerMinute = 0): Promise<void> {
		({ store } = await openTestStore(temporaryFolder()));
		clock = new TestClock();
		const embedder = lentEmbedder();
		shared = new SharedMemory({ store, embedder, userId: "root", log: silentLog });
		host = await startHttpHost({
			createSession: ({ actor }) =>
				createMcpServer({
					memory: async () => (actor ? shared.of(actor) : shared.own),
					version: "1",
					log: silentLog,
					project: async () => undefined,
					onDidCall: (call) => host.counts.called(call),
				}),
			log: silentLog,
			host: "127.0.0.1",
			port: 0,
			clock,
			team: { users: store.users, oauth: undefined, publicUrl: undefined, requestsPerMinute },
			operators: { askDatabase: () => store.users.list() },
			...more,
		});
	}
	afterEach(async () => {
		await host.close();
		await shared.dispose();
	});

	const add = async (name: string, admin = false) =>
		(await addUser(store.users, name, { admin, renew: false })).token;

	function request(
		token: string | undefined,
		{
			session,
			body,
			method = "POST",
			path = "/mcp",
			headers = {},
		}: {
			readonly session?: string | undefined;
			readonly body?: object;
			readonly method?: string;
			readonly path?: string;
			readonly headers?: Readonly<Record<string, string>>;
		} = {},
	): Promise<Response> {
		return fetch(new URL(path, host.url), {
			method,
			headers: {
				...(token === undefined ? {} : { Authorization: `Bearer ${token}` }),
				"Content-Type": "application/json",
				Accept: "application/json, text/event-stream",
				...(session ? { "Mcp-Session-Id": session } : {}),
				...headers,
			},
			...(method === "POST" ? { body: JSON.stringify(body ?? ping) } : {}),
		});
	}
	async function status(...given: Parameters<typeof request>): Promise<number> {
		const response = await request(...given);
		await response.text();
		return response.status;
	}
	async function begin(token: string): Promise<string> {
		const response = await request(token, { body: initialize });
		await response.text();
		return response.headers.get("mcp-session-id") ?? assert.fail(`status ${response.status}`);
	}

	it("gives each person the memory of that person", async () => {
		await start();
		// Who is added while others ask is known two seconds later, on a clock that stands here.
		const tokens = [await add("ada"), await add("bob")] as const;
		const [ada, bob] = await Promise.all([httpClient(host.url, tokens[0]), httpClient(host.url, tokens[1])]);
		await ada.call("save_memory", { text: "Ada parks her bicycle behind the bakery." });
		const hers = await ada.call<Found>("search_memories", { query: "Where is the bicycle?" });
		const his = await bob.call<Found>("search_memories", { query: "Where is the bicycle?" });
		assert.equal(hers.content.memories.length, 1);
		assert.deepEqual(his.content.memories, []);
		const id = hers.content.memories[0]?.id ?? "";
		assert.match((await bob.call("delete_memory", { id })).error ?? "", /No memory has the id/);
		assert.equal((await store.memories.get(id, "ada"))?.userId, "ada");
		await Promise.all([ada.close(), bob.close()]);
	});

	it("does not know the session of another person, nor that there is one", async () => {
		await start();
		const [ada, bob] = [await add("ada"), await add("bob")];
		const session = await begin(ada);
		assert.equal(await status(ada, { session }), 200);
		const [foreign, none] = await Promise.all([
			request(bob, { session }),
			request(bob, { session: crypto.randomUUID() }),
		]);
		assert.deepEqual([foreign.status, none.status], [404, 404]);
		assert.equal(await foreign.text(), await none.text());
		assert.equal(await status(bob, { session, method: "DELETE" }), 404);
		assert.equal(await status(bob, { session, method: "GET" }), 404);
		assert.equal(await status(ada, { session }), 200);
		// An id that a client makes up begins no session.
		assert.equal(await status(ada, { session: "chosen-by-me", body: initialize }), 404);
	});

	it("is that of one person until there are users, and then its own token opens the metrics alone", async () => {
		await start();
		const session = await begin(host.token);
		assert.equal(await status(host.token, { session }), 200);
		await add("ada");
		await clock.pass(5000);
		const refused = await request(host.token, { session });
		assert.equal(refused.status, 403);
		assert.match(await refused.text(), /mcp-mem0 user add NAME/);
		assert.equal(host.sessions, 0);
		assert.equal(await status(host.token, { path: "/metrics", method: "GET" }), 200);
		await revokeUser(store.users, "ada");
		await clock.pass(5000);
		assert.equal(await status(host.token), 403);
	});

	it("ends what a revoked person has open, and lets nobody in with that token", async () => {
		await start();
		const token = await add("ada");
		const session = await begin(token);
		const stream = await request(token, { session, method: "GET" });
		await revokeUser(store.users, "ada");
		const ended = stream.text();
		await clock.pass(5000);
		await ended;
		assert.equal(host.sessions, 0);
		const refused = await request(token, { session });
		assert.equal(refused.status, 401);
		assert.equal(refused.headers.get("www-authenticate"), 'Bearer error="invalid_token"');
		const { token: another } = await addUser(store.users, "ada", { admin: false, renew: true });
		await clock.pass(2500);
		assert.equal(await status(token, { body: initialize }), 401);
		assert.equal(await status(another, { body: initialize }), 200);
	});

	it("lets in no token but those of its users, sent in the header", async () => {
		await start();
		const token = await add("ada");
		assert.equal(await status(token, { body: initialize }), 200);
		const wrong = [
			undefined,
			"",
			token.slice(0, -1),
			`${token}A`,
			token.toUpperCase(),
			"mem0_",
			"a.b.c",
			"x".repeat(4000),
		];
		for (const each of wrong) assert.equal(await status(each, { body: initialize }), 401, each);
		for (const name of ["token", "access_token", "authorization"])
			assert.equal(await status(undefined, { path: `/mcp?${name}=${token}`, body: initialize }), 401);
		assert.equal(await status(undefined, { body: initialize, headers: { Cookie: `token=${token}` } }), 401);
		assert.equal(await status(token, { body: initialize, headers: { "X-Large": "x".repeat(20_000) } }), 431);
		assert.equal(await status(token, { body: initialize, headers: { Origin: "https://evil.example" } }), 403);
		const [{ tokenHash = "" } = {}] = await store.users.list();
		assert.equal(await status(tokenHash), 401);
		assert.ok(!JSON.stringify(await store.users.list()).includes(token));
	});

	/** A clock that stands still until it is put forward, so that no bucket fills while a test is slow. */
	function stillClock() {
		let time = Date.now();
		return {
			now: () => time,
			elapsed: () => time,
			after: () => () => undefined,
			forward: (ms: number) => {
				time += ms;
			},
		};
	}

	it("limits what each person asks in a minute", async () => {
		const still = stillClock();
		await start({ clock: still }, 60);
		const [ada, bob] = [await add("ada"), await add("bob")];
		const session = await begin(ada);
		for (let i = 1; i < 60; i += 1) assert.equal(await status(ada, { session }), 200);
		const refused = await request(ada, { session });
		assert.equal(refused.status, 429);
		assert.equal(refused.headers.get("retry-after"), "1");
		assert.match(await refused.text(), /You may make 60 requests a minute .* Try again in a second\./);
		assert.equal(await status(bob, { body: initialize }), 200);
		still.forward(1000);
		assert.equal(await status(ada, { session }), 200);
		assert.equal(await status(ada, { session }), 429);
		assert.equal(host.counts.rateLimited, 2);
	});

	it("limits how much each person asks at once", async () => {
		const held = Promise.withResolvers<never>();
		held.promise.catch(() => undefined);
		const createSession = () =>
			createMcpServer({
				memory: () => held.promise,
				version: "1",
				log: silentLog,
				project: async () => undefined,
			});
		await start({ createSession });
		const [ada, bob] = [await add("ada"), await add("bob")];
		const session = await begin(ada);
		const call = { jsonrpc: "2.0", method: "tools/call", params: { name: "memory_status" } };
		// Each answer begins at once, and ends when the tool does.
		const under = await Promise.all(
			Array.from({ length: 32 }, (_, id) => request(ada, { session, body: { ...call, id } })),
		);
		const refused = await request(ada, { session });
		assert.equal(refused.status, 429);
		assert.match(await refused.text(), /You may have 32 requests under way at the same time/);
		assert.equal(await status(bob, { body: initialize }), 200);
		held.reject(new Error("done waiting"));
		for (const answer of under) assert.match(await answer.text(), /done waiting/);
		assert.equal(await status(ada, { session }), 200);
	});

	it("counts each request of a batch", async () => {
		const still = stillClock();
		await start({ clock: still }, 60);
		const token = await add("ada");
		const session = await begin(token);
		const batch = Array.from({ length: 90 }, (_, id) => ({ ...ping, id: `b${id}` }));
		assert.equal(await status(token, { session, body: batch }), 200);
		assert.equal(await status(token, { session }), 429);
		still.forward(29_000);
		assert.equal(await status(token, { session }), 429);
		still.forward(4000);
		assert.equal(await status(token, { session }), 200);
	});

	it("keeps one person from taking all sessions", async () => {
		await start();
		const [ada, bob] = [await add("ada"), await add("bob")];
		const first = await begin(ada);
		const his = await begin(bob);
		for (let i = 1; i < 100; i += 1) await begin(ada);
		assert.equal(await status(ada, { session: first }), 200);
		await begin(ada);
		assert.equal(host.sessions, 101);
		assert.equal(await status(bob, { session: his }), 200);
	});

	it("goes on for those whom it knows while the database is away, and says so to others", async () => {
		let away = false;
		await start();
		const token = await add("ada");
		await host.close();
		const users = {
			...store.users,
			list: () =>
				away
					? Promise.reject(new StoreError("unreachable", "db", "db.internal:5432 does not answer"))
					: store.users.list(),
		};
		const log = silentLog;
		host = await startHttpHost({
			createSession: () =>
				createMcpServer({
					memory: async () => shared.own,
					version: "1",
					log,
					project: async () => undefined,
				}),
			log,
			host: "127.0.0.1",
			port: 0,
			clock,
			team: { users, oauth: undefined, publicUrl: undefined, requestsPerMinute: 0 },
			operators: { askDatabase: users.list },
		});
		const session = await begin(token);
		const healthy = await request(undefined, { path: "/healthz", method: "GET" });
		assert.deepEqual([healthy.status, await healthy.json()], [200, { status: "ok" }]);
		away = true;
		await clock.pass(60_000);
		assert.equal(await status(token, { session }), 200);
		assert.equal(await status("mem0_unknown"), 401);
		await new Promise((resolve) => setTimeout(resolve, 1100));
		const ill = await request(undefined, { path: "/healthz", method: "GET" });
		assert.equal(ill.status, 503);
		assert.deepEqual(await ill.json(), { status: "database away" });
		await clock.pass(3_600_000);
		const refused = await request(token, { body: initialize });
		assert.equal(refused.status, 503);
		assert.equal(refused.headers.get("retry-after"), "5");
		assert.doesNotMatch(await refused.text(), /db\.internal/);
	});

	it("shows metrics to administrators and the server's own token alone", async () => {
		await start();
		const [ada, bob] = [await add("ada", true), await add("bob")];
		const client = await httpClient(host.url, ada);
		await client.call("memory_status");
		await client.call("delete_memory", { id: "none" });
		await client.close();
		const get = (token?: string) => request(token, { path: "/metrics", method: "GET" });
		assert.equal((await get()).status, 401);
		assert.equal((await get(bob)).status, 403);
		assert.equal((await get(host.token)).status, 200);
		const response = await get(ada);
		assert.equal(response.headers.get("content-type"), "text/plain; version=0.0.4; charset=utf-8");
		const text = await response.text();
		for (const line of [
			'mcp_mem0_tool_calls_total{tool="memory_status",status="ok"} 1',
			'mcp_mem0_tool_calls_total{tool="delete_memory",status="error"} 1',
			'mcp_mem0_tool_duration_seconds_count{tool="memory_status"} 1',
			"mcp_mem0_database_up 1",
		])
			assert.ok(text.includes(`${line}\n`), text);
		assert.doesNotMatch(text, /ada|bob|mem0_[\w-]{43}/);
	});
});
