import assert from "node:assert/strict";
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StdioClientTransport } from "@modelcontextprotocol/sdk/client/stdio.js";
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import type { Transport } from "@modelcontextprotocol/sdk/shared/transport.js";
import {
	type CreateMessageRequest,
	CreateMessageRequestSchema,
	McpError,
} from "@modelcontextprotocol/sdk/types.js";
import { serverFile } from "../../support/fixtures/builtFiles.ts";
import { httpServer } from "../../support/fixtures/httpServer.ts";
import { pause } from "../../support/fixtures/serviceFixture.ts";
import { temporaryFolder } from "../../support/fixtures/temporaryFolder.ts";

interface Saved {
	readonly memories: readonly { readonly text: string }[];
	readonly mode: string;
	readonly pending: readonly string[];
	readonly note?: string;
}

const text = "Ada lives in Paris. Bob lives in Rome.";

describe("LLM_PROVIDER=vscode in the standalone server", function () {
	this.timeout(30_000);
	const open: Client[] = [];
	afterEach(() => Promise.all(open.splice(0).map((client) => client.close())));

	function overStdio(folder: string): Transport {
		return new StdioClientTransport({
			command: process.execPath,
			args: [serverFile],
			env: {
				PATH: process.env.PATH ?? "",
				MEMORY_DIR: folder,
				LLM_PROVIDER: "vscode",
				LLM_CHOICE: "small-one",
			},
			cwd: folder,
			stderr: "ignore",
		});
	}

	/** A client that lets its own language model answer, or offers none. */
	async function connect(
		folder: string,
		answer?: (request: CreateMessageRequest["params"]) => string,
		transport = overStdio(folder),
	) {
		const client = new Client(
			{ name: "test", version: "1" },
			{ capabilities: answer ? { sampling: {} } : {} },
		);
		if (answer)
			client.setRequestHandler(CreateMessageRequestSchema, async ({ params }) => ({
				model: "client's own",
				role: "assistant" as const,
				content: { type: "text" as const, text: answer(params) },
			}));
		await client.connect(transport);
		open.push(client);
		return {
			save: async (saying: string) =>
				(await client.callTool({ name: "save_memory", arguments: { text: saying } }))
					.structuredContent as unknown as Saved,
			status: async () =>
				(await client.callTool({ name: "memory_status", arguments: {} })).structuredContent as unknown as {
					readonly pending: { readonly distillation: number };
					readonly counts: { readonly all: number };
				},
		};
	}

	it("asks the client that called, on the call's own stream, over HTTP", async () => {
		const server = httpServer({ LLM_PROVIDER: "vscode", AUTH_TOKEN: "t" });
		try {
			const url = new URL((await server.until(/MCP server: (\S+)/))[1] ?? "");
			const withoutEventStream = () =>
				new StreamableHTTPClientTransport(url, {
					requestInit: { headers: { Authorization: "Bearer t" } },
					fetch: async (target, init) =>
						init?.method === "GET" ? new Response(null, { status: 405 }) : fetch(target, init),
				}) as Transport;
			const answering = (fact: string) => () => `{"memory":[{"id":"0","text":"${fact}"}]}`;
			const one = await connect("", answering("Ada lives in Paris"), withoutEventStream());
			const two = await connect("", answering("Bob lives in Rome"), withoutEventStream());
			const saved = [await one.save(text), await two.save(`${text} So they say.`)];
			assert.deepEqual(
				saved.map(({ memories, mode }) => [mode, memories[0]?.text]),
				[
					["distilled", "Ada lives in Paris"],
					["distilled", "Bob lives in Rome"],
				],
			);
		} finally {
			server.child.kill();
		}
	});

	it("asks the client's own model, through sampling", async () => {
		const asked: CreateMessageRequest["params"][] = [];
		const client = await connect(temporaryFolder(), (request) => {
			asked.push(request);
			return 'Here you are:\n```json\n{"memory":[{"id":"0","text":"Ada lives in Paris"},{"id":"1","text":"Bob lives in Rome"}]}\n```';
		});
		const { memories, mode } = await client.save(text);
		assert.equal(mode, "distilled");
		assert.deepEqual(
			memories.map((memory) => memory.text),
			["Ada lives in Paris", "Bob lives in Rome"],
		);
		assert.match(asked[0]?.systemPrompt ?? "", /Memory Extractor/);
		assert.equal(asked[0]?.modelPreferences?.hints?.[0]?.name, "small-one");
		assert.equal(asked[0]?.includeContext, "none");
	});

	it("keeps the text where the client offers none, and distils it when one comes that does", async () => {
		const folder = temporaryFolder();
		const plain = await connect(folder);
		const { mode, pending, note } = await plain.save(text);
		assert.equal(mode, "verbatim");
		assert.deepEqual(pending, ["distillation"]);
		assert.match(note ?? "", /no connected client offers one.*LLM_BASE_URL/);
		await open.pop()?.close();

		const able = await connect(folder, () => '{"memory":["Ada lives in Paris","Bob lives in Rome"]}');
		for (let i = 0; i < 200 && (await able.status()).pending.distillation > 0; i += 1) await pause(50);
		const { pending: left, counts } = await able.status();
		assert.deepEqual([left.distillation, counts.all], [0, 2]);
	});

	it("keeps the text when the person says no, and does not ask again", async () => {
		let asked = 0;
		const client = await connect(temporaryFolder(), () => {
			asked += 1;
			throw new McpError(-1, "The user declined");
		});
		const { mode, note } = await client.save(text);
		assert.equal(mode, "verbatim");
		assert.match(note ?? "", /did not answer.*The user declined.*Allow sampling/);
		const again = await client.save("Eve lives in Oslo.");
		assert.deepEqual(again.pending, ["distillation"]);
		assert.match(again.note ?? "", /refused.*Reconnect the client/);
		assert.equal(asked, 1);
	});
});
