import assert from "node:assert/strict";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { InMemoryTransport } from "@modelcontextprotocol/sdk/inMemory.js";
import { asJson, asLine } from "../../../../src/cli/memoryOutput.ts";
import { silentLog } from "../../../../src/config/log.ts";
import { directly } from "../../../../src/config/network.ts";
import { createMcpServer } from "../../../../src/mcp/server.ts";
import { allMemories } from "../../../../src/memory/curating/tidyUp.ts";
import { originText } from "../../../../src/memory/originText.ts";
import { RemoteMemory } from "../../../../src/memory/remote/remoteMemory.ts";
import { createTeamClient } from "../../../../src/memory/remote/teamClient.ts";
import { folderFormats } from "../../../../src/memory/transfer/exporting.ts";

const about = { protocol: 9, version: "9", userId: "ada", team: true, admin: false, more: 1 };
const strange = {
	id: "/../../e",
	text: "Strange.",
	userId: "ada",
	scope: "global",
	createdAt: 1e300,
	updatedAt: 1.7e308,
	expiresAt: 1e17,
	usedAt: -1e17,
	origin: { how: "telepathy", client: "x" },
	visibility: "galaxy",
	seq: 1,
	more: { of: "it" },
};
const model = {
	description: "m",
	origin: "",
	state: "working",
	more: 1,
	traffic: { requests: 1, failures: 0, x: 1 },
};
const status = {
	database: "there",
	userId: "ada",
	distils: true,
	llm: model,
	embedding: { ...model, space: { provider: "p", origin: "", model: "m", dimensions: 3, more: 1 } },
	counts: { all: 1, global: 1, project: 0, more: 1 },
	pending: { embedding: 0, distillation: 0, more: 1 },
	keptAsText: 0,
	outsideSpace: 0,
	heldBack: { saves: 0, origins: [] },
	notices: [],
	remarks: [],
	more: 1,
};
const usage = [
	{
		day: "2026-01-01",
		role: "chat",
		host: "h",
		requests: 1,
		errors: 0,
		inputTokens: 1,
		outputTokens: 1,
		duration: 9,
		more: 1,
	},
];
const results: Readonly<Record<string, unknown>> = {
	about,
	status,
	usage,
	save: { memories: [{ id: "a", text: "b", event: "ADD", more: 1 }], mode: "verbatim", pending: [], more: 1 },
	search: {
		memories: [{ ...strange, score: 7, why: { matched: [], contributions: [{ signal: "?", adds: 1e300 }] } }],
	},
	list: { memories: [strange], total: 3, nextCursor: "again" },
	get: strange,
	history: [{ event: "MELT", at: 1e300, newText: "x" }],
	entities: [],
	savedText: null,
	update: strange,
	"transfer.page": {
		memories: [{ memory: { ...strange, expiresAt: undefined }, history: [] }],
		next: "again",
	},
	"uses.add": null,
	"uses.clients": [{ client: "x", searched: 0, read: 0, saved: 0, changed: 0, lastRead: 1e300, more: 1 }],
	deleteAll: [strange],
};

describe("A newer, broken or hostile team's server", function () {
	this.timeout(30_000);
	const closing: (() => unknown)[] = [];
	afterEach(async () => {
		for (const close of closing.splice(0).reverse()) await close();
	});

	async function open(
		changes: (response: ServerResponse) => void = (response) => response.writeHead(404).end(),
	) {
		const server = createServer((request, response) => {
			request.resume();
			const [name = ""] = /[\w.]+$/.exec(request.url ?? "") ?? [];
			if (name === "changes") return changes(response);
			response.writeHead(200, { "content-type": "application/json" });
			response.end(JSON.stringify({ result: results[name] }));
		});
		await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
		closing.push(() => {
			server.closeAllConnections();
			server.close();
		});
		const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp`;
		const memory = await RemoteMemory.open({
			client: createTeamClient({ url, token: "mem0_x", network: directly }),
			log: silentLog,
		});
		closing.push(() => memory.dispose());
		return memory;
	}

	it("makes no tool of MCP fail by what it says besides, or by times that are none", async () => {
		const memory = await open();
		const server = createMcpServer({
			memory: async () => memory,
			version: "1",
			log: silentLog,
			project: async () => undefined,
		});
		const client = new Client({ name: "test", version: "1" });
		const [ours, theirs] = InMemoryTransport.createLinkedPair();
		await server.connect(theirs);
		await client.connect(ours);
		closing.push(() => client.close());
		await client.listTools();
		for (const [name, args] of [
			["save_memory", { text: "x" }],
			["search_memories", { query: "x" }],
			["get_all_memories", {}],
			["get_all_memories", { id: "x" }],
			["update_memory", { id: "x", text: "y" }],
			["delete_memory", { id: strange.id }],
			["memory_status", {}],
		] as const) {
			const result = await client.callTool({ name, arguments: args });
			assert.ok(!result.isError, `${name}: ${JSON.stringify(result.content)}`);
		}
		await client.readResource({ uri: "memory://x" });
		const [shown] = (await memory.list()).memories;
		assert.ok(shown);
		assert.match(`${asLine(shown)}${JSON.stringify(asJson(shown))}`, /Strange/);
		assert.equal(shown.origin && originText(shown.origin), "x (telepathy)");
	});

	it("does not keep an export or a tidy-up going in circles, or have it write elsewhere", async () => {
		const memory = await open();
		await assert.rejects(async () => {
			for await (const _ of memory.transfer.all());
		}, /same page again/);
		await assert.rejects(allMemories(memory), /same page again/);
		const one = async function* () {
			for await (const each of memory.transfer.all()) return void (yield each);
		};
		for await (const { name } of folderFormats.markdown.files({ transfer: { all: one } }))
			assert.match(name, /^[^/]+\/[^/]+\.md$/);
	});

	it("does not have the memory read again for each of a flood of events", async () => {
		const memory = await open((response) => {
			response.writeHead(200, { "content-type": "text/event-stream" });
			const flood = setInterval(() => response.write("data: changed\n\n"), 1);
			response.once("close", () => clearInterval(flood));
		});
		let told = 0;
		const following = memory.onDidChange(() => {
			told += 1;
		});
		await sleep(1000);
		following.dispose();
		assert.ok(told > 0 && told <= 11, String(told));
	});
});
