import assert from "node:assert/strict";
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import type { Transport } from "@modelcontextprotocol/sdk/shared/transport.js";
import { CreateMessageRequestSchema, McpError } from "@modelcontextprotocol/sdk/types.js";
import { silentLog } from "../../../src/config/log.ts";
import { type HttpHost, startHttpHost } from "../../../src/mcp/hosts/http.ts";
import { SamplingChat } from "../../../src/mcp/samplingChat.ts";
import { createMcpServer } from "../../../src/mcp/server.ts";
import { pause } from "../../support/fixtures/serviceFixture.ts";

describe("The models of several MCP clients", () => {
	let host: HttpHost;
	let sampling: SamplingChat;
	const clients: Client[] = [];
	beforeEach(async () => {
		sampling = new SamplingChat({ model: undefined, maxTokens: 100, timeout: 2000 });
		host = await startHttpHost({
			createSession: () => {
				const server = createMcpServer({
					memory: () => Promise.reject(new Error("not asked for")),
					version: "1",
					log: silentLog,
					project: async () => undefined,
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

	async function connect(answer: () => string) {
		const client = new Client({ name: "test", version: "1" }, { capabilities: { sampling: {} } });
		client.setRequestHandler(CreateMessageRequestSchema, async () => ({
			model: "m",
			role: "assistant" as const,
			content: { type: "text" as const, text: answer() },
		}));
		const transport = new StreamableHTTPClientTransport(new URL(host.url), {
			requestInit: { headers: { Authorization: `Bearer ${host.token}` } },
		});
		await client.connect(transport as Transport);
		clients.push(client);
		// Its stream for requests from the server is opened behind the answer.
		await pause(300);
		return { client, transport };
	}
	const ask = async () => (await sampling.complete({ system: "s", user: "u" })).text;

	it("are asked the newest first, and never one that has gone", async () => {
		await connect(() => "one");
		const { client, transport } = await connect(() => "two");
		assert.equal(await ask(), "two");
		await transport.terminateSession();
		await client.close();
		await pause(200);
		assert.equal(await ask(), "one");
	});

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
