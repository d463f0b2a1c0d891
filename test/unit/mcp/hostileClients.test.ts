import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { serverFile } from "../../support/fixtures/builtFiles.ts";
import { httpServer } from "../../support/fixtures/httpServer.ts";
import { temporaryFolder } from "../../support/fixtures/temporaryFolder.ts";

/** Stands in what is sent; the log must not show it. */
const planted = "planted-in-a-request";
const escapes = "\u001b]8;;command:evil\u0007\u202e\u2028";

function call(name: unknown, args: unknown, id: unknown = 1): string {
	return JSON.stringify({ jsonrpc: "2.0", id, method: "tools/call", params: { name, arguments: args } });
}
const raw = (rest: string) => `{"jsonrpc":"2.0","id":1,${rest}}`;
const save = (args: string) =>
	raw(`"method":"tools/call","params":{"name":"save_memory","arguments":${args}}`);
const nested = (depth: number) => "[".repeat(depth) + "]".repeat(depth);
const megabyte = "x".repeat(1_000_000);

/** What a client may send, and what the answer says. */
const requests: readonly [what: string, body: string, says: RegExp][] = [
	["deep JSON that is no message", nested(400_000), /not a JSON-RPC|JSON-RPC message/],
	["a deep id", `{"jsonrpc":"2.0","method":"ping","id":${nested(100_000)}}`, /JSON-RPC/],
	["deep arguments", save(nested(100_000)), /Invalid|arguments/i],
	["a deep text", save(`{"text":${nested(100_000)}}`), /text=a list is not valid/],
	["a deep unknown argument", save(`{"text":"x","more":${nested(100_000)}}`), /"more\\" is not an argument/],
	["deep parameters of ping", raw(`"method":"ping","params":{"x":${nested(100_000)}}`), /"result"/],
	[
		"a number beyond all",
		raw(`"method":"tools/call","params":{"name":"get_all_memories","arguments":{"limit":1e999}}`),
		/limit=Infinity is not valid/,
	],
	[
		"a number with many digits",
		raw(
			`"method":"tools/call","params":{"name":"get_all_memories","arguments":{"limit":${"9".repeat(100_000)}}}`,
		),
		/limit=/,
	],
	["an id beyond all", `{"jsonrpc":"2.0","method":"ping","id":1e999}`, /JSON-RPC/],
	["an id that is an object", `{"jsonrpc":"2.0","method":"ping","id":{"a":1}}`, /JSON-RPC/],
	[
		"a prototype among the arguments",
		save(`{"__proto__":{"text":"${planted}"}}`),
		/not an argument|text must be given/,
	],
	[
		"a prototype as arguments",
		raw(`"method":"tools/call","params":{"name":"__proto__","arguments":{}}`),
		/There is no tool \\"__proto__/,
	],
	["a prototype as method", raw(`"method":"__proto__"`), /Method not found/],
	[
		"a constructor as prompt",
		raw(`"method":"prompts/get","params":{"name":"constructor"}`),
		/There is no prompt/,
	],
	["a prototype as message", `{"__proto__":{"jsonrpc":"2.0","id":1,"method":"ping"}}`, /JSON-RPC/],
	["a name that is no text", call(7, {}), /There is no tool/],
	["arguments that are no object", call("save_memory", "text"), /arguments/],
	["parameters that are no object", raw(`"method":"tools/call","params":[1]`), /JSON-RPC|params/],
	[
		"a text that is no text",
		call("save_memory", { text: { toString: planted } }),
		/text=an object is not valid/,
	],
	["a method of 1 MB", raw(`"method":"${megabyte}"`), /Method not found/],
	["a text of 1 MB", call("save_memory", { text: megabyte }), /1000000 characters; the most is/],
	["a query of 1 MB", call("search_memories", { query: megabyte }), /1000000 characters; the most is/],
	["a cursor of 1 MB", call("get_all_memories", { cursor: megabyte }), /cursor is not valid/],
	["an id of 1 MB", call("delete_memory", { id: megabyte }), /No memory has the id/],
	["a tool of 1 MB", call(megabyte, {}), /There is no tool \\"x{100}…/],
	["a tool that commands a terminal", call(`${escapes}${planted}`, {}), /There is no tool \\"\\\\u001b/],
	[
		"a prompt that commands a terminal",
		raw(`"method":"prompts/get","params":{"name":${JSON.stringify(escapes)}}`),
		/There is no prompt \\"\\\\u001b.*\\\\u202e/,
	],
	[
		"a resource that commands a terminal",
		raw(`"method":"resources/read","params":{"uri":${JSON.stringify(`x:${escapes}`)}}`),
		/There is no resource \\"x:\\\\u001b/,
	],
	[
		"an argument that commands a terminal",
		call("save_memory", { text: "x", [`${escapes}${planted}`]: 1 }),
		/\\\\u202e.* is not an argument/,
	],
	[
		"many arguments",
		call("save_memory", Object.fromEntries(Array.from({ length: 20_000 }, (_, i) => [`a${i}`, planted]))),
		/"a4\\?" is not an argument|text must be given/,
	],
	[
		"a scope that commands a terminal",
		call("save_memory", { text: "x", scope: escapes }),
		/scope=\\"\\\\u001b/,
	],
	["no JSON", `{"jsonrpc":"2.0","${planted}`, /not JSON/],
	["an answer to nothing, deep", `{"jsonrpc":"2.0","id":99,"result":{"x":${nested(50_000)}}}`, /|/],
	[
		"progress of nothing",
		`{"jsonrpc":"2.0","method":"notifications/progress","params":{"progressToken":"${planted}","progress":1}}`,
		/|/,
	],
	[
		"a cancellation of nothing",
		`{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":{"a":1}}}`,
		/|/,
	],
];

const initialize = JSON.stringify({
	jsonrpc: "2.0",
	id: 0,
	method: "initialize",
	params: { protocolVersion: "2025-11-25", capabilities: {}, clientInfo: { name: planted, version: "1" } },
});

function checkAnswer(answer: string, says: RegExp): void {
	assert.match(answer, says);
	assert.ok(answer.length < 3000, answer.slice(0, 3000));
	// biome-ignore lint/suspicious/noControlCharactersInRegex: that is what must not be there.
	assert.doesNotMatch(answer, /[\u001b\u0007\u202e\u2028]|unexpected error/);
}
function checkLog(log: string): void {
	// biome-ignore lint/suspicious/noControlCharactersInRegex: that is what must not be there.
	assert.doesNotMatch(log, /[\u001b\u0007\u202e\u2028]|planted-in-a-request|x{200}|unexpected error/);
}

describe("A hostile client over stdio", function () {
	this.timeout(20_000);
	let server: ChildProcess;
	let log = "";
	let out = "";
	let pings = 0;

	/** What came before the answer to a ping that was sent after it. */
	async function exchange(line: string): Promise<string> {
		assert.equal(server.exitCode, null);
		pings += 1;
		const ping = `"ping-${pings}"`;
		out = "";
		server.stdin?.write(`${line}\n{"jsonrpc":"2.0","id":${ping},"method":"ping"}\n`);
		while (!out.includes(`"id":${ping}}\n`) && server.exitCode === null)
			await new Promise((resolve) => setTimeout(resolve, 2));
		// A call takes longer than a ping.
		const calls = line.split(/"(?:tools\/call|resources\/read)"/).length - 1;
		for (let i = 0; i < 2000 && out.split("\n").length < calls + 2; i += 1)
			await new Promise((resolve) => setTimeout(resolve, 5));
		return out
			.split("\n")
			.filter((each) => !each.includes(ping))
			.join("\n");
	}

	before(async () => {
		const folder = temporaryFolder();
		server = spawn(process.execPath, [serverFile], {
			cwd: folder,
			env: { ...process.env, MEMORY_DIR: folder },
		});
		server.stdout?.on("data", (chunk: Buffer) => {
			out += chunk.toString();
		});
		server.stderr?.on("data", (chunk: Buffer) => {
			log += chunk.toString();
		});
		await exchange(initialize);
	});
	after(() => void server.kill());

	for (const [what, body, says] of requests)
		it(`is answered ${what}`, async () => checkAnswer(await exchange(body), says));

	it("is answered two requests with one id", async () => {
		const answers = await exchange(`${call("memory_status", {})}\n${call("save_memory", {})}`);
		assert.equal(answers.trim().split("\n").length, 2);
	});

	it("leaves nothing of that in the log, and the session goes on", async () => {
		assert.match(await exchange(call("save_memory", { text: "Still here" })), /Still here/);
		checkLog(log);
	});
});

describe("A hostile client over HTTP", function () {
	this.timeout(20_000);
	const server = { url: "", headers: {} as Record<string, string> };
	let running: ReturnType<typeof httpServer>;

	async function exchange(body: string): Promise<string> {
		const response = await fetch(server.url, { method: "POST", headers: server.headers, body });
		const session = response.headers.get("mcp-session-id");
		if (session) server.headers["Mcp-Session-Id"] = session;
		return response.text();
	}

	before(async () => {
		running = httpServer({ AUTH_TOKEN: "t" });
		server.url = (await running.until(/MCP server: (\S+)/))[1] ?? "";
		server.headers = {
			Authorization: "Bearer t",
			"Content-Type": "application/json",
			Accept: "application/json, text/event-stream",
		};
		await exchange(initialize);
	});
	after(() => void running.child.kill());

	for (const [what, body, says] of requests)
		it(`is answered ${what}`, async () => checkAnswer(await exchange(body), says));

	const sessions: readonly [what: string, id: string, status: number][] = [
		["long", "x".repeat(8000), 404],
		["of a prototype", "__proto__", 404],
		["of spaces", `a${" ".repeat(8000)}b`, 404],
		["too long for any header", "x".repeat(20_000), 431],
	];
	for (const [what, id, status] of sessions)
		it(`is refused with a session id ${what}`, async () => {
			const headers = { ...server.headers, "Mcp-Session-Id": id };
			const response = await fetch(server.url, { method: "POST", headers, body: call("memory_status", {}) });
			assert.equal(response.status, status);
		});

	it("leaves nothing of that in the log, and the session goes on", async () => {
		assert.match(await exchange(call("save_memory", { text: "Still here" })), /Still here/);
		checkLog(running.said());
	});
});
