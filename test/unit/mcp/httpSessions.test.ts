import assert from "node:assert/strict";
import { connect, type Socket } from "node:net";
import { silentLog } from "../../../src/config/log.ts";
import { type HttpHost, type HttpHostOptions, startHttpHost } from "../../../src/mcp/hosts/http.ts";
import { createMcpServer } from "../../../src/mcp/server.ts";
import type { MemoryService } from "../../../src/memory/memoryService.ts";
import { pause } from "../../support/fixtures/serviceFixture.ts";

const initialize = {
	jsonrpc: "2.0",
	id: 0,
	method: "initialize",
	params: { protocolVersion: "2025-11-25", capabilities: {}, clientInfo: { name: "hand", version: "1" } },
};
const ping = { jsonrpc: "2.0", id: 1, method: "ping" };
const call = { jsonrpc: "2.0", id: "twice", method: "tools/call", params: { name: "memory_status" } };

describe("Sessions over HTTP", function () {
	this.timeout(20_000);
	let host: HttpHost;
	let memory: PromiseWithResolvers<MemoryService>;
	const sockets: Socket[] = [];

	async function start(more: Partial<HttpHostOptions> = {}): Promise<void> {
		memory = Promise.withResolvers();
		memory.promise.catch(() => undefined);
		const createSession = () =>
			createMcpServer({
				memory: () => memory.promise,
				version: "1",
				log: silentLog,
				project: async () => undefined,
			});
		host = await startHttpHost({ createSession, log: silentLog, host: "127.0.0.1", port: 0, ...more });
	}
	afterEach(async () => {
		for (const socket of sockets.splice(0)) socket.destroy();
		await host.close();
	});

	function request(method: string, session: string | undefined, body?: object): Promise<Response> {
		return fetch(host.url, {
			method,
			headers: {
				Authorization: `Bearer ${host.token}`,
				"Content-Type": "application/json",
				Accept: "application/json, text/event-stream",
				...(session ? { "Mcp-Session-Id": session } : {}),
			},
			...(body ? { body: JSON.stringify(body) } : {}),
		});
	}
	async function begin(): Promise<string> {
		const response = await request("POST", undefined, initialize);
		await response.text();
		return response.headers.get("mcp-session-id") ?? assert.fail(`status ${response.status}`);
	}
	async function statusOf(session: string): Promise<number> {
		const response = await request("POST", session, ping);
		await response.text();
		return response.status;
	}

	it("end the one unused longest for a new one, and never one in use", async () => {
		await start();
		const [listening, calling, oldest] = [await begin(), await begin(), await begin()];
		const stream = await request("GET", listening);
		const answer = request("POST", calling, call);
		await pause(10);
		for (let i = 3; i < 200; i += 1) await begin();
		assert.equal(host.sessions, 200);
		const newest = await begin();
		assert.equal(host.sessions, 200);
		assert.equal(await statusOf(oldest), 404);
		assert.equal(await statusOf(newest), 200);
		assert.equal(await statusOf(listening), 200);
		memory.reject(new Error("done waiting"));
		assert.match(await (await answer).text(), /done waiting/);
		assert.equal(await statusOf(calling), 200);
		await stream.body?.cancel();
	});

	it("are refused with 503 while all are in use, and one that has ended makes room", async () => {
		await start();
		const ids = await Promise.all(Array.from({ length: 200 }, begin));
		const streams = await Promise.all(ids.map((id) => request("GET", id)));
		const refused = await request("POST", undefined, initialize);
		assert.equal(refused.status, 503);
		assert.match(await refused.text(), /All 200 sessions are in use\. Close a client/);
		assert.equal(host.sessions, 200);
		await streams[7]?.body?.cancel();
		for (let i = 0; i < 100; i += 1) {
			const again = await request("POST", undefined, initialize);
			await again.text();
			if (again.status === 200) break;
			await pause(10);
		}
		assert.deepEqual([await statusOf(ids[7] as string), await statusOf(ids[8] as string)], [404, 200]);
		await Promise.all(streams.map(({ body }) => body?.cancel()));
	});

	it("are not begun by anything but an initialize request", async () => {
		await start();
		for (const response of [
			await request("POST", undefined, ping),
			await request("GET", undefined),
			await request("DELETE", undefined),
		]) {
			assert.equal(response.status, 400);
			assert.match(await response.text(), /Start one with an initialize request/);
		}
		assert.equal((await request("PUT", undefined, initialize)).status, 405);
		assert.equal(host.sessions, 0);
	});

	it("refuse a second request with the id of one that is not answered yet", async () => {
		await start();
		const session = await begin();
		const first = request("POST", session, call);
		await pause(50);
		const second = await request("POST", session, call);
		assert.equal(second.status, 400);
		assert.match(await second.text(), /has not been answered yet/);
		memory.reject(new Error("done waiting"));
		assert.match(await (await first).text(), /done waiting/);
		assert.match(await (await request("POST", session, call)).text(), /done waiting/);
	});

	function open(text: string): Socket {
		const { hostname, port } = new URL(host.url);
		const socket = connect(Number(port), hostname);
		// It may be closed at any time.
		socket.on("error", () => undefined);
		socket.write(text);
		sockets.push(socket);
		return socket;
	}
	const headers = () =>
		`POST /mcp HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${host.token}\r\nContent-Type: application/json\r\nAccept: application/json, text/event-stream\r\n`;

	it("are served while connections by the hundred never finish their request", async () => {
		await start();
		const session = await begin();
		const stream = await request("GET", session);
		for (let i = 0; i < 3000; i += 1) {
			open(i % 2 === 0 ? "POST /mcp HTTP/1.1\r\nHost:" : `${headers()}Content-Length: 100\r\n\r\n{`);
			if (i % 100 === 0) await pause(1);
		}
		assert.equal(await statusOf(session), 200);
		assert.ok(await begin());
		const left = () => sockets.filter((socket) => !socket.closed).length;
		for (let i = 0; i < 500 && left() > 500; i += 1) await pause(10);
		assert.ok(left() <= 500, `${left()} connections are open`);
		// Nothing of that counts as a session.
		assert.equal(host.sessions, 2);
		await stream.body?.cancel();
	});

	it("cut off a request that does not arrive in time, but no event stream", async () => {
		await start({ patience: 500, keepAlive: 100 });
		const session = await begin();
		const stream = await request("GET", session);
		const slow = [open("POST /mcp HTTP/1.1\r\nHost:"), open(`${headers()}Content-Length: 100\r\n\r\n{`)];
		await Promise.all(slow.map((socket) => new Promise((resolve) => socket.resume().once("close", resolve))));
		const reader = stream.body?.getReader();
		for (let i = 0; i < 5; i += 1) assert.equal((await reader?.read())?.done, false);
		assert.equal(await statusOf(session), 200);
		await reader?.cancel();
	});
});
