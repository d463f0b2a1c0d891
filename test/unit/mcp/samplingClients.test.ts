import assert from "node:assert/strict";
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import type { Transport } from "@modelcontextprotocol/sdk/shared/transport.js";
import { CreateMessageRequestSchema, McpError } from "@modelcontextprotocol/sdk/types.js";
import { readConfig } from "../../../src/config/config.ts";
import { silentLog } from "../../../src/config/log.ts";
import { type HttpHost, startHttpHost } from "../../../src/mcp/hosts/http.ts";
import { createSamplingChat } from "../../../src/mcp/samplingChat.ts";
import { createMcpServer } from "../../../src/mcp/server.ts";
import { openMemory } from "../../../src/memory/openMemory.ts";
import { bundles } from "../../support/fixtures/builtFiles.ts";
import { pause } from "../../support/fixtures/serviceFixture.ts";
import { temporaryFolder } from "../../support/fixtures/temporaryFolder.ts";
import { TestClock } from "../../support/fixtures/testClock.ts";
import { openMemoryStore, testsOnPostgres } from "../../support/postgres/testStore.ts";

describe("The models of several MCP clients", () => {
	let host: HttpHost;
	let sampling: ReturnType<typeof createSamplingChat>;
	const clients: Client[] = [];
	beforeEach(async () => {
		sampling = createSamplingChat({ model: undefined, maxTokens: 100 }, 2000);
		host = await startHttpHost({
			createSession: () => {
				const server = createMcpServer({
					memory: () => Promise.reject(new Error("not asked for")),
					version: "1",
					log: silentLog,
					project: async () => undefined,
					during: sampling.during,
				});
				sampling.add(server);
				return server;
			},
			log: silentLog,
			host: "127.0.0.1",
			port: 0,
			token: "t",
		});
	});
	afterEach(async () => {
		for (const client of clients.splice(0)) await client.close();
		await host.close();
	});

	/** @param hasStream whether the client opens an event stream. */
	async function connect(answer: () => string, hasStream: "at once" | "never" | Promise<void> = "at once") {
		const client = new Client({ name: "test", version: "1" }, { capabilities: { sampling: {} } });
		client.setRequestHandler(CreateMessageRequestSchema, async () => ({
			model: "m",
			role: "assistant" as const,
			content: { type: "text" as const, text: answer() },
		}));
		const opened = Promise.withResolvers<void>();
		const transport = new StreamableHTTPClientTransport(new URL(host.url), {
			requestInit: { headers: { Authorization: `Bearer ${host.token}` } },
			fetch: async (url, init) => {
				if (init?.method === "GET" && hasStream !== "at once") opened.resolve();
				if (init?.method === "GET" && hasStream === "never") return new Response(null, { status: 405 });
				if (init?.method === "GET") await hasStream;
				const response = await fetch(url, init);
				if (init?.method === "GET") opened.resolve();
				return response;
			},
		});
		await client.connect(transport as Transport);
		clients.push(client);
		// Its stream for requests from the server.
		await opened.promise;
		return { client, transport };
	}
	const ask = async () => (await sampling.complete({ system: "s", user: "u" })).text;

	it("are asked the newest first, and never one that has gone", async () => {
		await connect(() => "one");
		const { client, transport } = await connect(() => "two");
		assert.equal(await ask(), "two");
		await transport.terminateSession();
		await client.close();
		while (host.sessions > 1) await pause(10);
		assert.equal(await ask(), "one");
	});

	it("are asked once their event stream is open", async () => {
		const late = Promise.withResolvers<void>();
		await connect(() => "one", late.promise);
		const answer = ask();
		await pause(100);
		late.resolve();
		assert.equal(await answer, "one");
	});

	it("are passed over without an event stream, and said to be out of reach if none has one", async () => {
		const { client } = await connect(() => "one");
		await connect(() => "two", "never");
		assert.equal(await ask(), "one");
		await client.close();
		await assert.rejects(ask, /no connected client can be asked now.*opens an event stream/);
	}).timeout(15_000);

	it("are asked in the place of one whose person said no, which is not asked again", async () => {
		await connect(() => "one");
		let asked = 0;
		await connect(() => {
			asked += 1;
			throw new McpError(-1, "User rejected sampling request");
		});
		await assert.rejects(ask, /rejected sampling/);
		assert.equal(await ask(), "one");
		assert.equal(asked, 1);
	});

	it("are not asked again by background work after a refusal", async function () {
		this.timeout(60_000);
		let asked = 0;
		await connect(() => {
			asked += 1;
			throw new McpError(-1, "User rejected sampling request");
		});
		const clock = new TestClock();
		const { config } = readConfig({ LLM_PROVIDER: "vscode", MEMORY_DIR: temporaryFolder() });
		const memory = await openMemory({
			config,
			bundles,
			log: silentLog,
			hostModel: sampling,
			clock,
			openStore: openMemoryStore,
		});
		try {
			memory.startBackgroundWork();
			assert.deepEqual((await memory.save({ text: "Ada lives in Paris." })).pending, ["distillation"]);
			// The clock of a server does not pass with it, so that a look a second finds nothing due.
			await clock.pass(testsOnPostgres ? 60_000 : 3_600_000);
			assert.equal(asked, 1);
		} finally {
			await memory.dispose();
		}
	});

	it("are asked again after an error that was no refusal", async () => {
		let overloaded = true;
		await connect(() => {
			if (!overloaded) return "one";
			overloaded = false;
			throw new McpError(-32603, "model overloaded");
		});
		await assert.rejects(ask, /overloaded/);
		assert.equal(await ask(), "one");
	});
});
