import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { CallToolResultSchema } from "@modelcontextprotocol/sdk/types.js";
import { serverFile } from "../../support/fixtures/builtFiles.ts";
import { type StdioClient, stdioClient } from "../../support/fixtures/mcpClient.ts";
import { temporaryFolder } from "../../support/fixtures/temporaryFolder.ts";

interface Found {
	readonly memories: {
		id: string;
		text: string;
		score: number;
		scope: string;
		project?: string;
		event?: string;
	}[];
	readonly note?: string;
}

describe("The MCP server over stdio", () => {
	let server: StdioClient;
	let folder: string;

	before(async () => {
		folder = temporaryFolder();
		const repository = join(folder, "repo");
		mkdirSync(join(repository, ".git"), { recursive: true });
		writeFileSync(join(repository, ".git", "HEAD"), "ref: refs/heads/main\n");
		writeFileSync(
			join(repository, ".git", "config"),
			'[remote "origin"]\n\turl = git@example.com:team/alpha.git\n',
		);
		server = await stdioClient({ MEMORY_DIR: join(folder, "memory"), DEFAULT_USER_ID: "ada" }, repository);
	});
	after(() => server.close());

	it("offers six tools with titles, annotations and strict schemas", async () => {
		const { tools } = await server.client.listTools();
		assert.deepEqual(
			tools.map(({ name, annotations }) => [name, annotations?.readOnlyHint, annotations?.destructiveHint]),
			[
				["save_memory", false, false],
				["search_memories", true, false],
				["get_all_memories", true, false],
				["update_memory", false, true],
				["delete_memory", false, true],
				["memory_status", true, false],
			],
		);
		for (const { title, description, inputSchema, outputSchema } of tools) {
			assert.ok(title && description);
			assert.equal(inputSchema.additionalProperties, false);
			assert.equal(outputSchema?.additionalProperties, false);
			// VS Code drops a tool whose arrays do not say what they hold.
			assert.doesNotMatch(JSON.stringify([inputSchema, outputSchema]), /"type":"array"(?!.{0,40}"items")/);
		}
	});

	it("says the essence in the first 512 characters of its instructions, and all in 2 KB", () => {
		const instructions = server.client.getInstructions() ?? "";
		const [essence = ""] = instructions.split("\n\n");
		assert.ok(essence.length <= 512, `${essence.length} characters`);
		for (const said of [/search_memories/, /save_memory/, /update_memory/, /weak/, /secrets/, /"project"/])
			assert.match(essence, said);
		assert.ok(Buffer.byteLength(instructions) <= 2048);
	});

	it("introduces itself with a title, a description and an icon that VS Code takes from every transport", () => {
		const { name, title, description, icons } = server.client.getServerVersion() ?? {};
		assert.deepEqual([name, title], ["mcp-mem0", "Mem0"]);
		assert.match(description ?? "", /^Long-term memory/);
		const [, base64 = ""] = /^data:image\/png;base64,(.+)$/.exec(icons?.[0]?.src ?? "") ?? [];
		assert.equal(Buffer.from(base64, "base64").subarray(1, 4).toString("latin1"), "PNG");
	});

	it("takes at most 1,500 tokens of a model's context for the definitions of all tools", async () => {
		const { tools } = await server.client.listTools();
		const definitions = JSON.stringify(tools);
		assert.ok(definitions.length > 3000);
		// Words, their parts and runs of signs. They were 1,311 where the tokenizer o200k_base counted 1,396.
		const pieces = definitions.match(/[A-Za-z][a-z]*|\d{1,3}|[^\w\s]+|_/g) ?? [];
		const tokens = Math.ceil(pieces.length * 1.1);
		assert.ok(tokens <= 1500, `${tokens} tokens`);
	});

	it("describes arguments in the keywords of JSON Schema that every model's API takes", async () => {
		const { tools } = await server.client.listTools();
		const common =
			/^(type|description|enum|properties|required|items|default|minimum|maximum|m(in|ax)(Items|Length)|additionalProperties)$/;
		const check = (schema: unknown, isProperties = false) => {
			if (typeof schema !== "object" || schema === null || Array.isArray(schema)) return;
			for (const [keyword, value] of Object.entries(schema)) {
				if (!isProperties) assert.match(keyword, common);
				if (!isProperties && keyword === "additionalProperties") assert.equal(value, false);
				check(value, !isProperties && keyword === "properties");
			}
		};
		for (const { inputSchema } of tools) check(inputSchema);
	});

	it("teaches an agent when to search and when to save", () => {
		const instructions = server.client.getInstructions() ?? "";
		assert.match(instructions, /search_memories/);
		assert.match(instructions, /save_memory/);
	});

	it("saves, finds, lists, updates and deletes", async () => {
		const saved = await server.call<Found>(
			"save_memory",
			{ text: "The CI runs on Debian", metadata: { source: "wiki" } },
			{ "vscode.conversationId": "talk-1" },
		);
		const id = saved.content.memories[0]?.id;
		assert.deepEqual(saved.content, {
			memories: [{ id, text: "The CI runs on Debian", event: "ADD" }],
			mode: "verbatim",
			pending: [],
		});
		const found = await server.call<Found>("search_memories", { query: "which system does CI use?" });
		assert.equal(found.content.memories[0]?.id, id);
		assert.ok((found.content.memories[0]?.score ?? 0) > 0.2);
		assert.deepEqual(JSON.parse(found.text), found.content);

		const listed = await server.call<{ memories: { id: string }[]; total: number }>("get_all_memories");
		assert.equal(listed.content.total, 1);
		const updated = await server.call("update_memory", { id, text: "The CI runs on Ubuntu" });
		assert.equal(updated.content.text, "The CI runs on Ubuntu");
		const resource = await server.client.readResource({ uri: `memory://${id}` });
		const { history } = JSON.parse((resource.contents[0] as { text: string }).text) as {
			history: { event: string }[];
		};
		assert.deepEqual(
			history.map(({ event }) => event),
			["ADD", "UPDATE"],
		);
		const deleted = await server.call<{ deleted: { text: string } }>("delete_memory", { id });
		assert.equal(deleted.content.deleted.text, "The CI runs on Ubuntu");
		assert.match((await server.call("delete_memory", { id })).error ?? "", /No memory has the id/);
	});

	it("takes the folder it was started in for the project", async () => {
		await server.call("save_memory", { text: "Alpha is written in Rust", scope: "project" });
		const { content } = await server.call<Found>("search_memories", {
			query: "language of alpha",
			scope: "project",
		});
		assert.equal(content.memories[0]?.project, "alpha");
		const status = await server.call("memory_status");
		assert.equal(status.content.project, "alpha");
		assert.equal(status.content.mode, "verbatim");
	});

	it("pages with cursors", async () => {
		for (let i = 0; i < 5; i += 1) await server.call("save_memory", { text: `Page fact number ${i}` });
		const seen: string[] = [];
		let cursor: string | undefined;
		do {
			const { content } = await server.call<{ memories: { text: string }[]; nextCursor?: string }>(
				"get_all_memories",
				{
					limit: 2,
					...(cursor ? { cursor } : {}),
				},
			);
			seen.push(...content.memories.map(({ text }) => text));
			cursor = content.nextCursor;
		} while (cursor);
		assert.equal(new Set(seen).size, seen.length);
		assert.deepEqual(
			seen.filter((text) => text.startsWith("Page")),
			[4, 3, 2, 1, 0].map((i) => `Page fact number ${i}`),
		);
	});

	const bad: [tool: string, args: object, says: RegExp][] = [
		["save_memory", {}, /text must be given/],
		["save_memory", { text: "" }, /text is empty/],
		["save_memory", { text: "   " }, /text is empty/],
		["save_memory", { text: "x".repeat(32_001) }, /32001 characters; the most is 32000/],
		["save_memory", { text: "a\0b" }, /NUL/],
		[
			"save_memory",
			{ text: "x", scope: "moon" },
			/scope="moon" is not valid: it takes one of global, project/,
		],
		["save_memory", { text: "x", colour: "red" }, /"colour" is not an argument/],
		["save_memory", { text: ["a"] }, /text=a list is not valid: it takes a value of type string/],
		["search_memories", { query: "x", limit: 0 }, /limit=0 is out of range: the least is 1/],
		["search_memories", { query: "x", limit: 51 }, /limit=51 is out of range: the most is 50/],
		["search_memories", { query: "x", limit: 2.5 }, /limit=2\.5/],
		["search_memories", { query: "x", since: "soon" }, /since="soon" is not valid.*ISO 8601/],
		["get_all_memories", { cursor: "nonsense" }, /cursor is not valid/],
		["update_memory", { id: "nope", text: "x" }, /No memory has the id "nope"/],
		["delete_memory", { id: "" }, /id is empty/],
	];
	for (const [tool, args, says] of bad) {
		it(`answers ${tool} ${JSON.stringify(args).slice(0, 40)} with a tool error that says what to do`, async () => {
			assert.match((await server.call(tool, args)).error ?? "no error", says);
		});
	}

	it("refuses an unknown tool, prompt and resource with the known ones", async () => {
		await assert.rejects(server.call("forget_everything"), /The tools are save_memory/);
		await assert.rejects(server.client.getPrompt({ name: "nope" }), /remember and recall/);
		await assert.rejects(server.client.readResource({ uri: "memory://nope" }), /No memory has the id/);
		await assert.rejects(server.client.readResource({ uri: "file:///etc/passwd" }), /no resource/);
	});

	it("has prompts and lists all memories as a resource", async () => {
		const { prompts } = await server.client.listPrompts();
		assert.deepEqual(
			prompts.map(({ name }) => name),
			["remember", "recall"],
		);
		const { messages } = await server.client.getPrompt({
			name: "recall",
			arguments: { topic: "deployments" },
		});
		assert.match((messages[0]?.content as { text: string } | undefined)?.text ?? "", /deployments/);
		const all = await server.client.readResource({ uri: "memory://all" });
		const { memories, total } = JSON.parse((all.contents[0] as { text: string }).text) as {
			memories: unknown[];
			total: number;
		};
		assert.equal(memories.length, total);
		assert.ok(total >= 6);
	});

	it("writes its log to stderr, without the texts of memories", () => {
		assert.match(server.log(), /INFO: Memory: .*(memory\.db|schema \w+)/);
		assert.match(
			server.log(),
			/INFO: Language model: none, so texts are kept word for word\. Embeddings: the built-in model/,
		);
		assert.doesNotMatch(server.log(), /Rust|Page fact/);
	});
});

describe("The MCP server over stdio, spoken to by hand", () => {
	const initialize = {
		jsonrpc: "2.0",
		id: 1,
		method: "initialize",
		params: { protocolVersion: "2025-11-25", capabilities: {}, clientInfo: { name: "hand", version: "1" } },
	};

	/** Sends lines, closes stdin, and answers what came on stdout, the exit code and stderr. */
	function converse(lines: string[]): Promise<{
		messages: { id: unknown; error?: { code: number; message: string }; result?: unknown }[];
		code: number | null;
		log: string;
	}> {
		const folder = temporaryFolder();
		const child = spawn(process.execPath, [serverFile], {
			cwd: folder,
			env: { ...process.env, MEMORY_DIR: folder },
		});
		let out = "";
		let log = "";
		child.stdout.on("data", (chunk: Buffer) => {
			out += chunk.toString();
		});
		child.stderr.on("data", (chunk: Buffer) => {
			log += chunk.toString();
		});
		child.stdin.end(lines.map((line) => `${line}\n`).join(""));
		return new Promise((resolve) => {
			child.once("close", (code) => {
				const messages = out
					.split("\n")
					.filter((line) => line !== "")
					.map((line) => JSON.parse(line));
				resolve({ messages, code, log });
			});
		});
	}

	it("answers everything that was asked before stdin was closed, then ends by itself", async () => {
		const save = {
			jsonrpc: "2.0",
			id: 2,
			method: "tools/call",
			params: { name: "save_memory", arguments: { text: "Piped in" } },
		};
		const { messages, code } = await converse([JSON.stringify(initialize), JSON.stringify(save)]);
		assert.deepEqual(
			messages.map(({ id }) => id),
			[1, 2],
		);
		assert.match(JSON.stringify(messages[1]), /"event":"ADD"/);
		assert.equal(code, 0);
	});

	it("refuses a line that is too long, and goes on", async () => {
		const long = JSON.stringify({
			jsonrpc: "2.0",
			id: 9,
			method: "ping",
			params: { text: "x".repeat(2_000_000) },
		});
		const { messages, code } = await converse([long, JSON.stringify(initialize)]);
		assert.deepEqual(
			messages.map(({ id, error }) => [id, error?.code]),
			[
				[null, -32600],
				[1, undefined],
			],
		);
		assert.match(messages[0]?.error?.message ?? "", /more than 1048576 bytes/);
		assert.equal(code, 0);
	});

	it("does not repeat in its log what it was sent", async () => {
		const call = (id: number, args: object) =>
			JSON.stringify({
				jsonrpc: "2.0",
				id,
				method: "tools/call",
				params: { name: "save_memory", arguments: args },
			});
		const { log } = await converse([
			JSON.stringify(initialize),
			"hunter2 is not JSON",
			call(2, { text: ["hunter3"] }),
			call(3, { text: "x", metadata: "hunter4" }),
		]);
		assert.match(log, /save_memory: text not valid/);
		assert.doesNotMatch(log, /hunter/);
	});

	it("answers a line that is no JSON, and one that is no JSON-RPC, and goes on", async () => {
		const { messages } = await converse(["{ rubbish", '{"hello":"world"}', JSON.stringify(initialize)]);
		assert.deepEqual(
			messages.map(({ id, error }) => [id, error?.code]),
			[
				[null, -32700],
				[null, -32600],
				[1, undefined],
			],
		);
		assert.match(messages[0]?.error?.message ?? "", /one JSON-RPC message a line/);
	});
});

describe("Arguments as models send them", () => {
	let server: StdioClient;
	before(async () => {
		server = await stdioClient({ MEMORY_DIR: temporaryFolder(), DEFAULT_USER_ID: "ada" }, temporaryFolder());
	});
	after(() => server.close());

	for (const [tool, args] of [
		["search_memories", { query: "debian", limit: " 3 ", scope: "", since: null, explain: "True" }],
		["search_memories", { query: 4711, scope: "Global" }],
		["search_memories", '{"query":"debian"}'],
		[
			"search_memories",
			{ query: "debian", limit: "null", scope: "None", since: "null", explain: "undefined" },
		],
		["get_all_memories", "null"],
		["get_all_memories", { id: "None", cursor: " " }],
		["save_memory", { text: "The CI has two runners", scope: null, infer: "false", metadata: '{"tag":"x"}' }],
		["get_all_memories", null],
		["get_all_memories", ""],
		["memory_status", undefined],
	] as const)
		it(`are taken: ${JSON.stringify(args)}`, async () => {
			const { isError, content } = await server.client.request(
				{ method: "tools/call", params: { name: tool, arguments: args } } as never,
				CallToolResultSchema,
			);
			assert.ok(!isError, JSON.stringify(content));
		});

	for (const [tool, args, says] of [
		["search_memories", { query: "debian", limit: "many" }, /limit="many" is not valid/],
		["search_memories", { query: null }, /query=null is not valid/],
		["search_memories", { query: "" }, /query is empty/],
		["search_memories", [1], /object/],
		["search_memories", "debian", /object/],
		["search_memories", { query: "null", limit: "nil" }, /limit="nil" is not valid/],
		["save_memory", { text: "a", metadata: "[1]" }, /metadata=a list is not valid/],
		["save_memory", { text: "a", metadata: "tag" }, /it takes a value of type object/],
	] as const)
		it(`are refused in words where they mean nothing: ${JSON.stringify(args)}`, async () => {
			const { isError, content } = await server.client.request(
				{ method: "tools/call", params: { name: tool, arguments: args } } as never,
				CallToolResultSchema,
			);
			assert.ok(isError);
			assert.match(JSON.stringify(content).replaceAll('\\"', '"'), says);
		});

	it("name no resource: that has the protocol's code", async () => {
		for (const uri of ["memory://none", "memory://a/b", "other://x"])
			await assert.rejects(server.client.readResource({ uri }), { code: -32002 });
	});
});
