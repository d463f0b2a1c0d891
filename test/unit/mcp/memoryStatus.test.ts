import assert from "node:assert/strict";
import { type StdioClient, stdioClient } from "../../support/fixtures/mcpClient.ts";
import { temporaryFolder } from "../../support/fixtures/temporaryFolder.ts";
import { OpenAiServer } from "../../support/openaiServer/server.ts";

interface Status {
	readonly embedding: {
		readonly origin: string;
		readonly leftOut?: readonly { readonly url: string; readonly problem: string }[];
	};
	readonly traffic: readonly {
		readonly role: string;
		readonly host: string;
		readonly requests: number;
		readonly errors: number;
		readonly inputTokens: number;
	}[];
}

describe("memory_status, of endpoints in operation", function () {
	this.timeout(30_000);
	const closing: (() => Promise<unknown>)[] = [];
	afterEach(async () => {
		for (const close of closing.splice(0).reverse()) await close();
	});

	it("names servers that are left out, and the requests of all processes", async () => {
		const [bad, good] = [await OpenAiServer.start(), await OpenAiServer.start()];
		closing.push(
			() => bad.close(),
			() => good.close(),
		);
		bad.fault({ kind: "status", status: 401 });
		const folder = temporaryFolder();
		const env = {
			MEMORY_DIR: temporaryFolder(),
			EMBEDDING_BASE_URL: `${bad.baseUrl}, ${good.baseUrl}`,
			EMBEDDING_MODEL_CHOICE: "test-embed",
			HOME: folder,
		};
		const open = async (): Promise<StdioClient> => {
			const client = await stdioClient(env, folder);
			closing.push(() => client.close());
			return client;
		};
		const [one, two] = [await open(), await open()];
		await one.call("save_memory", { text: "Ada plays chess." });
		await one.call("memory_status");
		await two.call("search_memories", { query: "who plays" });
		const { content, error } = await two.call<Status>("memory_status");
		assert.equal(error, undefined);
		assert.deepEqual(
			content.embedding.leftOut?.map(({ url }) => url),
			[bad.baseUrl],
		);
		assert.match(content.embedding.leftOut?.[0]?.problem ?? "", /API key/);
		const count = (server: OpenAiServer) => {
			const { host } = new URL(server.origin);
			const row = content.traffic.find((each) => each.host === host);
			return [row?.role, row?.requests, row?.errors];
		};
		assert.deepEqual(count(bad), ["embedding", bad.count("embeddings"), bad.count("embeddings")]);
		assert.deepEqual(count(good), ["embedding", good.count("embeddings"), 0]);
	});
});
