import assert from "node:assert/strict";
import { request } from "node:http";
import { connect } from "node:net";
import { silentLog } from "../../../src/config/log.ts";
import {
	defaultKeepAlive,
	type HttpHost,
	type HttpHostOptions,
	startHttpHost,
} from "../../../src/mcp/hosts/http.ts";
import { createMcpServer } from "../../../src/mcp/server.ts";
import type { MemoryService } from "../../../src/memory/memoryService.ts";
import { httpServer } from "../../support/fixtures/httpServer.ts";
import { httpClient } from "../../support/fixtures/mcpClient.ts";
import { openService } from "../../support/fixtures/openService.ts";
import { sharedEmbedder } from "../../support/fixtures/sharedEmbedder.ts";
import { temporaryFolder } from "../../support/fixtures/temporaryFolder.ts";
import { TestClock } from "../../support/fixtures/testClock.ts";

interface Reply {
	readonly status: number;
	readonly body: string;
	readonly headers: Readonly<Record<string, string | string[] | undefined>>;
}

function send(url: string, headers: Record<string, string>, body?: string, method = "POST"): Promise<Reply> {
	return new Promise((resolve, reject) => {
		const outgoing = request(
			url,
			{
				method,
				headers: {
					"Content-Type": "application/json",
					Accept: "application/json, text/event-stream",
					...headers,
				},
			},
			(response) => {
				let text = "";
				response.on("data", (chunk: Buffer) => {
					text += chunk.toString();
				});
				response.on("end", () =>
					resolve({ status: response.statusCode ?? 0, body: text, headers: response.headers }),
				);
			},
		);
		outgoing.on("error", reject);
		outgoing.end(body);
	});
}

const initialize = JSON.stringify({
	jsonrpc: "2.0",
	id: 1,
	method: "initialize",
	params: { protocolVersion: "2025-11-25", capabilities: {}, clientInfo: { name: "hand", version: "1" } },
});

describe("The MCP server over Streamable HTTP", () => {
	let memory: MemoryService;
	let host: HttpHost;
	let authorized: { Authorization: string };

	before(async () => {
		({ service: memory } = await openService(temporaryFolder(), sharedEmbedder()));
		host = await start();
		authorized = { Authorization: `Bearer ${host.token}` };
	});
	after(async () => {
		await host.close();
		await memory.dispose();
	});

	function start(more: Partial<HttpHostOptions> = {}): Promise<HttpHost> {
		return startHttpHost({
			createSession: () =>
				createMcpServer({
					memory: async () => memory,
					version: "1",
					log: silentLog,
					project: async () => undefined,
				}),
			log: silentLog,
			host: "127.0.0.1",
			port: 0,
			...more,
		});
	}

	it("serves several clients of one memory at once", async () => {
		const [one, two] = await Promise.all([
			httpClient(host.url, host.token),
			httpClient(host.url, host.token),
		]);
		await one.call("save_memory", { text: "Shared over HTTP" });
		const { content } = await two.call<{ memories: { text: string }[] }>("search_memories", {
			query: "shared over HTTP",
		});
		assert.equal(content.memories[0]?.text, "Shared over HTTP");
		await Promise.all([one.close(), two.close()]);
	});

	it("lets in nobody without the token, and does not say how near a wrong one was", async () => {
		const wrong = [
			{},
			{ Authorization: "Bearer " },
			{ Authorization: `Bearer ${host.token}x` },
			{ Authorization: `Bearer ${host.token.slice(0, -1)}` },
			{ Authorization: `Basic ${host.token}` },
		];
		const replies = await Promise.all(wrong.map((headers) => send(host.url, headers, initialize)));
		for (const { status, body, headers } of replies) {
			assert.equal(status, 401);
			assert.equal(headers["www-authenticate"], "Bearer");
			assert.equal(body, replies[0]?.body);
			assert.match(body, /Authorization: Bearer TOKEN/);
			assert.ok(!body.includes(host.token));
		}
	});

	it("refuses web pages and foreign host names, as in DNS rebinding", async () => {
		assert.equal(
			(await send(host.url, { ...authorized, Origin: "https://evil.example" }, initialize)).status,
			403,
		);
		assert.equal((await send(host.url, { ...authorized, Origin: "null" }, initialize)).status, 403);
		assert.equal((await send(host.url, { ...authorized, Host: "evil.example" }, initialize)).status, 403);
		assert.equal(
			(await send(host.url, { ...authorized, Host: "127.0.0.1.evil.example:80" }, initialize)).status,
			403,
		);
		assert.equal(
			(
				await send(
					host.url,
					{ ...authorized, Origin: "http://localhost:3000", Host: "localhost" },
					initialize,
				)
			).status,
			200,
		);
	});

	it("refuses a body over 1 MB, and one that is no JSON-RPC", async () => {
		const large = await send(host.url, authorized, JSON.stringify({ text: "x".repeat(1024 * 1024) }));
		assert.equal(large.status, 413);
		const rubbish = await send(host.url, authorized, "{ rubbish");
		assert.equal(rubbish.status, 400);
		assert.match(rubbish.body, /-32700/);
		assert.equal((await send(host.url, authorized, '{"hello":"world"}')).status, 400);
		assert.equal((await send(host.url.replace("/mcp", "/other"), authorized, initialize)).status, 404);
	});

	it("answers 404 to a session that has ended, so that the client starts anew", async () => {
		const reply = await send(host.url, { ...authorized, "Mcp-Session-Id": "gone" }, initialize);
		assert.equal(reply.status, 404);
		assert.match(reply.body, /session has ended/);
	});

	it("does not keep a session that never began", async () => {
		const before = host.sessions;
		const call = JSON.stringify({ jsonrpc: "2.0", id: 1, method: "tools/list", params: {} });
		assert.equal((await send(host.url, authorized, call)).status, 400);
		assert.equal(host.sessions, before);
	});

	it("closes sessions that nobody uses, but not one whose event stream is open", async () => {
		const clock = new TestClock();
		const own = await start({ clock });
		const idle = await send(own.url, { Authorization: `Bearer ${own.token}` }, initialize);
		const listening = await httpClient(own.url, own.token);
		assert.equal(own.sessions, 2);
		await clock.pass(29 * 60_000);
		assert.equal(own.sessions, 2);
		await clock.pass(3 * 60_000);
		for (let i = 0; i < 100 && own.sessions > 1; i += 1) await pause(10);
		assert.equal(own.sessions, 1);
		const session = String(idle.headers["mcp-session-id"]);
		const again = await send(
			own.url,
			{
				Authorization: `Bearer ${own.token}`,
				"Mcp-Session-Id": session,
				"Mcp-Protocol-Version": "2025-11-25",
			},
			JSON.stringify({ jsonrpc: "2.0", id: 2, method: "ping" }),
		);
		assert.equal(again.status, 404);
		assert.equal((await listening.call("memory_status")).error, undefined);
		await listening.close();
		await own.close();
	});

	it("keeps an event stream awake at least every 10 s", async () => {
		assert.ok(defaultKeepAlive <= 10_000);
		const own = await start({ keepAlive: 200, token: host.token });
		const begun = await send(own.url, authorized, initialize);
		const url = new URL(own.url);
		const socket = connect(Number(url.port), url.hostname);
		socket.write(
			`GET /mcp HTTP/1.1\r\nHost: ${url.host}\r\nAuthorization: Bearer ${host.token}\r\nAccept: text/event-stream\r\nMcp-Session-Id: ${String(begun.headers["mcp-session-id"])}\r\nMcp-Protocol-Version: 2025-11-25\r\n\r\n`,
		);
		const started = performance.now();
		const comment = await new Promise<string>((resolve) => {
			let text = "";
			socket.on("data", (chunk: Buffer) => {
				text += chunk.toString();
				if (/\n:/.test(text)) resolve(text);
			});
		});
		assert.match(comment, /text\/event-stream/);
		assert.ok(performance.now() - started < 2000);
		socket.destroy();
		await own.close();
	});

	it("stops listening when it is closed, also with an event stream open", async () => {
		const own = await start();
		const client = await httpClient(own.url, own.token);
		await own.close();
		await assert.rejects(send(own.url, {}, initialize), /ECONNREFUSED/);
		await client.close();
	});

	it("says that its port is taken", async () => {
		const port = Number(new URL(host.url).port);
		await assert.rejects(
			startHttpHost({ createSession: () => assert.fail(), log: silentLog, host: "127.0.0.1", port }),
			new RegExp(`Port ${port} on 127.0.0.1 is in use. Set PORT`),
		);
	});
});

describe("The standalone HTTP server", () => {
	it("prints its address and a random token, serves, and ends cleanly on SIGTERM", async () => {
		const { child, until } = httpServer({});
		const url = (await until(/MCP server: (\S+)/))[1] ?? "";
		const token = (await until(/Authorization: Bearer (\S+)/))[1] ?? "";
		const client = await httpClient(url, token);
		assert.equal((await client.call("save_memory", { text: "Served alone" })).error, undefined);
		const ended = new Promise((resolve) => child.once("close", resolve));
		child.kill("SIGTERM");
		assert.equal(await ended, 0);
		await client.close();
	});

	it("takes AUTH_TOKEN, and never prints it", async () => {
		const { child, said, until } = httpServer({ AUTH_TOKEN: "correct-horse-battery", LOG_LEVEL: "DEBUG" });
		const url = (await until(/MCP server: (\S+)/))[1] ?? "";
		const client = await httpClient(url, "correct-horse-battery");
		await client.call("memory_status");
		assert.equal((await send(url, { Authorization: "Bearer wrong" }, initialize)).status, 401);
		await client.close();
		const ended = new Promise((resolve) => child.once("close", resolve));
		child.kill("SIGINT");
		await ended;
		assert.ok(!said().includes("correct-horse-battery"));
	});
});

function pause(ms: number): Promise<void> {
	return new Promise((resolve) => setTimeout(resolve, ms));
}
