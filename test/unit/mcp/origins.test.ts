import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { userInfo } from "node:os";
import { join } from "node:path";
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { InMemoryTransport } from "@modelcontextprotocol/sdk/inMemory.js";
import { silentLog } from "../../../src/config/log.ts";
import { createMcpServer } from "../../../src/mcp/server.ts";
import { stdioClient } from "../../support/fixtures/mcpClient.ts";
import { projectA } from "../../support/fixtures/projects.ts";
import { serviceFixture } from "../../support/fixtures/serviceFixture.ts";
import { temporaryFolder } from "../../support/fixtures/temporaryFolder.ts";
import { itWithProcesses, openTestStore } from "../../support/postgres/testStore.ts";

interface Found {
	readonly memories: readonly { readonly id: string; readonly text: string; readonly from?: string }[];
}

interface Status {
	readonly clients: readonly {
		readonly name: string;
		readonly version?: string;
		readonly lastRead?: string;
		readonly lastWrote?: string;
	}[];
}

describe("What agents save and read", function () {
	this.timeout(30_000);
	const memory = serviceFixture();

	const connect = async (name: string, version: string) => {
		const server = createMcpServer({
			memory: async () => memory.service,
			version: "1",
			log: silentLog,
			project: async () => projectA,
		});
		const [ours, theirs] = InMemoryTransport.createLinkedPair();
		await server.connect(ours);
		const client = new Client({ name, version });
		await client.connect(theirs);
		return {
			client,
			call: async <T>(tool: string, args: Readonly<Record<string, unknown>>, meta = {}) => {
				const { structuredContent, content, isError } = await client.callTool({
					name: tool,
					arguments: args,
					_meta: meta,
				});
				const [{ text }] = content as [{ text: string }];
				return { content: structuredContent as T, error: isError ? text : undefined };
			},
		};
	};

	it("carries who said it, and where: tools, resources and the status show it", async () => {
		const claude = await connect("claude-code", "2.1.0");
		const cursor = await connect("cursor", "9");
		const meta = { "vscode.conversationId": "conversation 7" };
		await claude.call("save_memory", { text: "We deploy with make ship." }, meta);
		await cursor.call("save_memory", { text: "We deploy on Fridays only.", scope: "project" });
		const { content } = await cursor.call<Found>("search_memories", { query: "How do we deploy?" });
		assert.deepEqual(content.memories.map(({ text, from }) => [text, from]).sort(), [
			["We deploy on Fridays only.", `cursor 9 (tool), in ${projectA.name}`],
			["We deploy with make ship.", `claude-code 2.1.0 (tool), in ${projectA.name}`],
		]);
		const ship = content.memories.find(({ text }) => /ship/.test(text));
		const { contents } = await cursor.client.readResource({ uri: `memory://${ship?.id}` });
		const document = JSON.parse((contents[0] as { text: string }).text) as Record<string, unknown>;
		assert.deepEqual(document.origin, {
			how: "tool",
			client: "claude-code",
			clientVersion: "2.1.0",
			folder: projectA.name,
		});
		assert.equal(document.conversation, "conversation 7");
		const { content: status } = await claude.call<Status>("memory_status", {});
		const [first, second] = status.clients;
		assert.deepEqual([first?.name, first?.version, second?.name], ["cursor", "9", "claude-code"]);
		assert.ok(first?.lastRead && first.lastWrote && second?.lastWrote);
		assert.equal(second.lastRead, undefined);
	});

	it("is found by the client that said it, however its name is written", async () => {
		const claude = await connect("claude-code", "2.1.0");
		const cursor = await connect("Cursor", "9");
		await claude.call("save_memory", { text: "We deploy with make ship." });
		await cursor.call("save_memory", { text: "We deploy on Fridays only." });
		const found = async (client: string) => {
			const query = "How do we deploy?";
			const { content, error } = await claude.call<Found>("search_memories", { query, client });
			return error ?? content.memories.map(({ text }) => text);
		};
		for (const name of ["claude-code", "Claude Code", "CLAUDE_CODE"])
			assert.deepEqual(await found(name), ["We deploy with make ship."]);
		assert.deepEqual(await found("cursor"), ["We deploy on Fridays only."]);
		assert.match(String(await found("zed")), /No memory comes from a client "zed".*claude-code/);
		assert.match(String(await found("  ")), /client=.* is not valid|We deploy/);
	});

	it("counts what searches answered with, and keeps no query", async () => {
		const claude = await connect("claude-code", "2.1.0");
		await claude.call("save_memory", { text: "We deploy with make ship." });
		await claude.call("save_memory", { text: "Ada plays the violin." });
		for (let time = 0; time < 3; time += 1)
			await claude.call("search_memories", { query: "make ship", limit: 1 });
		await claude.call("get_all_memories", {});
		await claude.call("update_memory", { id: "unknown", text: "x" });
		const recent = await memory.service.uses.recent(10);
		assert.deepEqual(
			recent.map(({ what, query }) => [what, query]),
			[
				["read", undefined],
				...Array(3).fill(["searched", undefined]),
				...Array(2).fill(["saved", undefined]),
			],
		);
		const { memories } = await memory.service.list({ order: "mostUsed" });
		assert.deepEqual(
			memories.map(({ text, uses }) => [text, uses]),
			[
				["We deploy with make ship.", 3],
				["Ada plays the violin.", undefined],
			],
		);
	});

	it("may come from a client of any name", async () => {
		const odd = await connect(`\u001b[31m${"x".repeat(5000)}\nforged: yes\u202e`, "\0");
		await odd.call("save_memory", { text: "We deploy with make ship." });
		const { content } = await odd.call<Found>("search_memories", { query: "deploy" });
		const from = content.memories[0]?.from ?? "";
		assert.ok(from.length < 200 && /^x+… \(tool\)/.test(from), from.slice(0, 300));
		await (await connect("", "")).call("save_memory", { text: "Ada plays the violin." });
		assert.deepEqual((await memory.service.uses.clients()).map(({ client }) => client).sort(), [
			"unknown",
			`${"x".repeat(100)}…`,
		]);
	});
});

describe("The log of use, at log level DEBUG", function () {
	this.timeout(30_000);

	itWithProcesses("keeps queries; it outlives the server, and no other level keeps them", async () => {
		const cwd = temporaryFolder();
		mkdirSync(join(cwd, ".git"));
		writeFileSync(join(cwd, ".git", "HEAD"), "ref: refs/heads/main\n");
		const env = { MEMORY_DIR: temporaryFolder(), HOME: cwd };
		for (const level of ["INFO", "DEBUG"]) {
			const client = await stdioClient({ ...env, LOG_LEVEL: level }, cwd);
			await client.call("search_memories", { query: `asked at ${level}` });
			await client.close();
		}
		const { store } = await openTestStore(env.MEMORY_DIR);
		const uses = await store.usage.recent(userInfo().username, 10);
		await store.close();
		assert.deepEqual(
			uses.map(({ client, query }) => [client, query]),
			[
				["test", "asked at DEBUG"],
				["test", undefined],
			],
		);
	});
});
