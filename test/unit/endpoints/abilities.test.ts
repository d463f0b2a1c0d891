import assert from "node:assert/strict";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { readConfig } from "../../../src/config/config.ts";
import { silentLog } from "../../../src/config/log.ts";
import { OpenAiEmbedder } from "../../../src/endpoints/openai/embeddings.ts";
import { endpointFixture } from "../../support/fixtures/endpointFixture.ts";
import { pause } from "../../support/fixtures/serviceFixture.ts";
import type { OpenAiServer } from "../../support/openaiServer/server.ts";

function lastChat(server: OpenAiServer): Record<string, unknown> {
	return server.requests.filter(({ path }) => path.endsWith("/chat/completions")).at(-1)?.body as Record<
		string,
		unknown
	>;
}

describe("What an endpoint can do", function () {
	this.timeout(40_000);
	const memory = endpointFixture();

	it("is learned once by requests at the same time: nothing is left out that it takes", async () => {
		const server = await memory.server({ refuseMaxTokens: true, refuseTemperature: true, delay: 30 });
		const service = await memory.openOn(server);
		await Promise.all(
			Array.from({ length: 4 }, (_, index) =>
				service.save({ text: `Member ${index} is here. Member ${index} is there.` }),
			),
		);
		await service.save({ text: "Ada lives in Paris. Bob lives in Rome." });
		const body = lastChat(server);
		assert.equal(body.max_completion_tokens, 2000);
		assert.equal(body.temperature, undefined);
		assert.equal((body.response_format as { type: string }).type, "json_schema");
	});

	it("is not learned from a text that it refuses: the next one is asked for in the best form", async () => {
		const server = await memory.server();
		const service = await memory.openOn(server);
		const body = { error: { message: "The response was filtered.", code: "content_filter" } };
		server.fault({ kind: "status", status: 400, body }, { role: "chat" });
		await service.save({ text: "Something that is filtered." });
		server.mend();
		await service.save({ text: "Bob likes coffee. Eve paints." });
		assert.equal((lastChat(server).response_format as { type: string }).type, "json_schema");
	});

	it("is learned from a refusal that names nothing, where a plainer form helps", async () => {
		const server = await memory.server();
		const service = await memory.openOn(server);
		server.fault({ kind: "status", status: 400, body: { error: "Bad request" } }, { role: "chat", times: 1 });
		assert.equal((await service.save({ text: "Bob likes coffee. Eve paints." })).mode, "distilled");
		assert.deepEqual(lastChat(server).response_format, { type: "json_object" });
		await service.save({ text: "Ada lives in Paris. Rex barks." });
		assert.deepEqual(lastChat(server).response_format, { type: "json_object" });
	});

	it("is a number of tokens of an answer, which is not taken for its context", async () => {
		const server = await memory.server();
		const message =
			"max_tokens is too large: 5000. This model supports at most 4096 completion tokens, whereas you provided 5000.";
		const service = await memory.openOn(server, { LLM_MAX_TOKENS: "5000" });
		server.fault(
			{ kind: "status", status: 400, body: { error: { message, param: "max_tokens" } } },
			{ role: "chat", times: 1 },
		);
		const { mode, note } = await service.save({ text: "Bob likes coffee. Eve paints." });
		assert.deepEqual([mode, note], ["distilled", undefined]);
		assert.equal(lastChat(server).max_tokens, 4096);
	});

	it("is less than is asked for: the whole facts of a first answer stay when there is no second", async () => {
		const content = '{"memory":[{"id":"0","text":"Ada lives in Paris."},{"id":"1","text":"Bob li';
		let asked = 0;
		const server = await memory.server({
			chat: () => {
				asked += 1;
				if (asked > 1) throw new Error("out of memory");
				return { content, finish_reason: "length" };
			},
		});
		const service = await memory.openOn(server);
		const { memories } = await service.save({ text: "Ada lives in Paris. Bob lives in Rome." });
		assert.ok(memories.some(({ text }) => text === "Ada lives in Paris."));
	});
});

describe("An embedding model that cannot take much at once", function () {
	this.timeout(40_000);

	/** @param answer how long it takes, and with which status, for so many texts of so many characters. */
	async function embedder(answer: (texts: readonly string[]) => { ms?: number; status?: number }) {
		const batches: number[] = [];
		const server = createServer(async (request: IncomingMessage, response) => {
			const { input } = JSON.parse((await request.toArray()).join("")) as { input: string | string[] };
			const texts = [input].flat();
			batches.push(texts.length);
			const { ms = 0, status = 200 } = answer(texts);
			await pause(ms);
			response.writeHead(status, { "content-type": "application/json" });
			const data = texts.map((text, index) => ({ index, embedding: [1, text.length] }));
			response.end(status === 200 ? JSON.stringify({ data }) : "");
		});
		await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
		const { config } = readConfig({
			EMBEDDING_PROVIDER: "openai",
			EMBEDDING_BASE_URL: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
			MCP_TIMEOUT: "1",
		});
		assert.ok(config.embedding);
		const close = () => {
			server.closeAllConnections();
			server.close();
		};
		return { model: new OpenAiEmbedder(config.embedding, silentLog), batches, close };
	}

	it("in time: gets fewer texts in a request, and all are embedded", async () => {
		const { model, batches, close } = await embedder((texts) => ({ ms: 60 * texts.length }));
		const texts = Array.from({ length: 40 }, (_, index) => `Text ${index}`);
		assert.equal((await model.embed(texts)).length, 40);
		assert.deepEqual(batches.slice(0, 2), [40, 10]);
		close();
	});

	it("in a body: one text that is too large for a proxy does not keep the others from their vectors", async () => {
		const { model, close } = await embedder((texts) => ({
			status: texts.join("").length > 2000 ? 413 : 200,
		}));
		const texts = Array.from({ length: 12 }, (_, index) =>
			index === 5 ? "long ".repeat(600) : `Text ${index}`,
		);
		assert.equal((await model.embed(texts)).length, 12);
		close();
	});
});
