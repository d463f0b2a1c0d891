import assert from "node:assert/strict";
import { silentLog } from "../../../src/config/log.ts";
import { type HttpHost, startHttpHost } from "../../../src/mcp/hosts/http.ts";
import { createMcpServer } from "../../../src/mcp/server.ts";
import type { MemoryService } from "../../../src/memory/memoryService.ts";
import { initializeParams, rawServer, toolCall } from "../../support/fixtures/rawServer.ts";

const initialize = { id: "initialize", method: "initialize", params: initializeParams };
const line = (message: object) => JSON.stringify({ jsonrpc: "2.0", ...message });
const ping = (id: unknown) => line({ id, method: "ping" });

describe("What clients send over stdio", function () {
	this.timeout(20_000);
	let server: ReturnType<typeof rawServer>;
	before(async () => {
		server = rawServer();
		server.send(initialize);
		await server.answer("initialize");
	});
	after(() => void server.child.kill());

	/** The answers to what is written, without that to a ping which follows it. */
	async function answers(written: string | Buffer) {
		const before = server.messages().length;
		const id = `ping ${before}`;
		server.write(written);
		server.write(`${ping(id)}\n`);
		await server.answer(id);
		return server
			.messages()
			.slice(before)
			.filter((message) => message.id !== id)
			.map((message) => [message.id, message.error?.code]);
	}

	it("is nothing: blank lines, byte order marks, what has no answer", async () => {
		for (const nothing of [
			"\n",
			"\r\n\r\n",
			"   \t \r\n",
			"\ufeff\n",
			"\ufeff  \r\n",
			`${line({ method: "notifications/unheard", params: null })}\n`,
			`${line({ id: 99, result: null })}\n`,
			`${line({ id: 99, error: {} })}\n`,
		])
			assert.deepEqual(await answers(nothing), []);
	});

	it("is read with byte order marks, CRLF, and in pieces", async () => {
		assert.deepEqual(await answers(`\ufeff${ping(1)}\r\n \ufeff\n\ufeff${ping(2)}\n  ${ping(3)}  \n`), [
			[1, undefined],
			[2, undefined],
			[3, undefined],
		]);
		for (const byte of Buffer.from(`\ufeff${line({ id: "ü€", method: "ping" })}`))
			server.write(Buffer.of(byte));
		assert.deepEqual(await answers("\n"), [["ü€", undefined]]);
	});

	it("is answered where it is no message, with its id if it has one", async () => {
		assert.deepEqual(await answers('{ rubbish\n{"id":4,"method":"ping"}\n7\n'), [
			[null, -32700],
			[4, -32600],
			[null, -32600],
		]);
		assert.deepEqual(await answers(Buffer.from(`${ping("\xe9")}\n`, "latin1")), [[null, -32700]]);
	});

	it("is taken in batches, as until 2025-06-18", async () => {
		assert.deepEqual(await answers(`[${ping(5)},${line({ method: "notifications/x" })},${ping(6)},1]\n`), [
			[null, -32600],
			[5, undefined],
			[6, undefined],
		]);
		assert.deepEqual(await answers(`[]\n[${Array.from({ length: 101 }, (_, i) => ping(i)).join()}]\n`), [
			[null, -32600],
			[null, -32600],
		]);
	});

	it("may have null for what is left out", async () => {
		for (const [method, params] of [
			["ping", null],
			["tools/list", null],
			["tools/list", { cursor: null }],
			["resources/list", { cursor: null, _meta: null }],
			["resources/templates/list", {}],
			["prompts/list", null],
			["prompts/get", { name: "recall", arguments: null }],
			["prompts/get", { name: "recall", arguments: '{"topic":"x"}' }],
			["prompts/get", { name: "recall", arguments: { topic: 5 } }],
		] as const) {
			server.send({ id: "null", method, params });
			server.send({ id: `after ${method}`, method: "ping" });
			await server.answer(`after ${method}`);
		}
		const given = server.messages().filter(({ id }) => id === "null");
		assert.deepEqual(
			given.map(({ error }) => error),
			given.map(() => undefined),
		);
	});

	for (const tool of ["search_memories", "save_memory", "update_memory", "delete_memory"])
		it(`may have null for the arguments of ${tool}, which then lacks one`, async () => {
			server.send(toolCall(tool, tool, null));
			assert.match(JSON.stringify((await server.answer(tool)).result), /must be given/);
		});
	for (const tool of ["get_all_memories", "memory_status"])
		it(`may have null for the arguments of ${tool}`, async () => {
			server.send(toolCall(tool, tool, null));
			assert.equal((await server.answer(tool)).result?.isError, undefined);
		});

	it("gets the specification's codes", async () => {
		for (const [method, params, code] of [
			["tools/call", undefined, -32602],
			["tools/call", { name: "nope" }, -32602],
			["tools/call", { name: 7 }, -32602],
			["prompts/get", {}, -32602],
			["prompts/get", { name: "nope" }, -32602],
			["prompts/get", { name: "recall", arguments: { topic: {} } }, -32602],
			["prompts/get", { name: "remember", arguments: { fact: "x".repeat(40_000) } }, -32602],
			["resources/read", {}, -32602],
			["resources/read", { uri: "memory://nope" }, -32002],
			["resources/read", { uri: "other://x" }, -32002],
			["nothing/here", {}, -32601],
		] as const) {
			const id = `code ${JSON.stringify([method, params])?.slice(0, 100)}`;
			server.send({ id, method, params });
			assert.equal((await server.answer(id)).error?.code, code, id);
		}
	});
});

describe("What clients send over HTTP", () => {
	let host: HttpHost;
	let memory: PromiseWithResolvers<MemoryService>;
	beforeEach(async () => {
		memory = Promise.withResolvers();
		memory.promise.catch(() => undefined);
		host = await startHttpHost({
			createSession: () =>
				createMcpServer({
					memory: () => memory.promise,
					version: "1",
					log: silentLog,
					project: async () => undefined,
				}),
			log: silentLog,
			host: "127.0.0.1",
			port: 0,
		});
	});
	afterEach(() => host.close());

	function send(method: string, headers: Record<string, string>, body?: string | Buffer, url = host.url) {
		const authorization = { Authorization: `Bearer ${host.token}` };
		return fetch(url, { method, headers: { ...authorization, ...headers }, ...(body ? { body } : {}) });
	}
	const json = { "Content-Type": "application/json" };
	async function begin(headers: Record<string, string> = {}, url = host.url) {
		const response = await send("POST", { ...json, ...headers }, line(initialize), url);
		const text = await response.text();
		assert.equal(response.status, 200, text);
		const session = { ...json, "Mcp-Session-Id": response.headers.get("mcp-session-id") ?? "" };
		return { session, text, type: response.headers.get("content-type") };
	}

	// "" takes the header away that fetch sends by itself.
	for (const [accept, type] of [
		["*/*", "text/event-stream"],
		["application/json, text/event-stream", "text/event-stream"],
		["TEXT/Event-Stream;q=0.5, application/json", "text/event-stream"],
		["text/*", "text/event-stream"],
		["", "text/event-stream"],
		["application/json", "application/json"],
		["application/*;q=0.9", "application/json"],
	] as const)
		it(`is answered with ${type} where it accepts «${accept}»`, async () => {
			const begun = await begin({ Accept: accept });
			assert.equal(begun.type, type);
			const response = await send("POST", { ...begun.session, Accept: accept }, ping(7));
			const text = await response.text();
			assert.equal(response.headers.get("content-type"), type);
			const data = type === "application/json" ? text : text.replace(/^event: message\ndata: /, "");
			assert.deepEqual(JSON.parse(data), { jsonrpc: "2.0", id: 7, result: {} });
			const batch = await send("POST", { ...begun.session, Accept: accept }, `[${ping(8)},${ping(9)}]`);
			assert.equal((await batch.text()).match(/"id":[89]/g)?.length, 2);
		});

	it("is refused where it accepts nothing that there is", async () => {
		const { session } = await begin();
		assert.equal((await send("POST", { ...session, Accept: "text/html" }, ping(1))).status, 406);
		assert.equal((await send("GET", { ...session, Accept: "application/json" })).status, 406);
		assert.equal((await send("POST", { ...session, "Content-Type": "text/plain" }, ping(1))).status, 415);
	});

	it("may say in any way that its body is JSON, which is UTF-8", async () => {
		const { session } = await begin({ "Content-Type": "Application/JSON; charset=UTF-8" });
		for (const type of ["application/json;charset=utf8", "APPLICATION/JSON ; x=y", ""])
			assert.equal((await send("POST", { ...session, "Content-Type": type }, ping(1))).status, 200);
		assert.equal((await send("POST", session, Buffer.from(`\ufeff${ping("ü")}`))).status, 200);
		const latin1 = await send("POST", session, Buffer.from(ping("ü"), "latin1"));
		assert.equal(latin1.status, 400);
		assert.match(await latin1.text(), /-32700.*not UTF-8/);
		const empty = await send("POST", session, "[]");
		assert.match(await empty.text(), /-32600/);
	});

	it("finds the endpoint with a slash or a query behind it, and no other", async () => {
		for (const end of ["/", "?x=1", "/?x=/y"]) await begin({}, `${host.url}${end}`);
		for (const end of ["x", "/x", "//"])
			assert.equal((await send("POST", json, line(initialize), `${host.url}${end}`)).status, 404);
	});

	it("may ask for the methods, and use no other", async () => {
		const options = await fetch(host.url, { method: "OPTIONS" });
		assert.deepEqual([options.status, options.headers.get("allow")], [204, "GET, POST, DELETE, OPTIONS"]);
		const head = await send("HEAD", {});
		assert.deepEqual([head.status, await head.text()], [405, ""]);
	});

	it("may leave out the version of the protocol, but not name one that is not served", async () => {
		const { session } = await begin({ "MCP-Protocol-Version": "1999-01-01" });
		const status = async (version: string) =>
			(await send("POST", { ...session, "MCP-Protocol-Version": version }, ping(1))).status;
		assert.equal((await send("POST", session, ping(1))).status, 200);
		assert.deepEqual([await status("2025-06-18"), await status("1999-01-01")], [200, 400]);
	});

	it("starts anew after 404, whatever names a session that there is not", async () => {
		const gone = { ...json, "Mcp-Session-Id": "of-a-server-that-ended" };
		for (const response of [
			await send("POST", gone, ping(1)),
			await send("POST", gone, line(initialize)),
			await send("GET", gone),
			await send("DELETE", gone),
		])
			assert.equal(response.status, 404);
		await begin({ "Mcp-Session-Id": "" });
	});

	for (const accept of ["text/event-stream, application/json", "application/json"])
		it(`has its response ended when it cancels the request (${accept})`, async () => {
			const { session } = await begin();
			const headers = { ...session, Accept: accept };
			const cancel = (requestId: unknown) =>
				send("POST", headers, line({ method: "notifications/cancelled", params: { requestId } }));
			const status = (id: unknown) => line(toolCall(id, "memory_status", {}));
			const one = send("POST", headers, status("one"));
			const two = send("POST", headers, `[${status("two")},${status("three")}]`);
			// Requests have arrived once their ids are taken.
			const taken = async (id: string) => {
				const again = await send("POST", headers, ping(id));
				await again.text();
				return again.status === 400;
			};
			for (const id of ["one", "two"]) while (!(await taken(id)));
			assert.equal((await cancel("one")).status, 202);
			await cancel("two");
			assert.doesNotMatch(await (await one).text(), /"id"/);
			memory.reject(new Error("done waiting"));
			assert.deepEqual((await (await two).text()).match(/"id":"\w+"/g), ['"id":"three"']);
			assert.equal((await send("POST", headers, ping("one"))).status, 200);
		});
});
