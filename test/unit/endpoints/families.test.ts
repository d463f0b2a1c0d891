import assert from "node:assert/strict";
import { endpointFixture, environmentOf, saved } from "../../support/fixtures/endpointFixture.ts";
import type { Family, OpenAiServer, OpenAiServerOptions } from "../../support/openaiServer/server.ts";

const text = "Ada lives in Paris. Alpha is deployed with make ship.";
const facts = ["ADD Ada lives in Paris.", "ADD Alpha is deployed with make ship."];

interface Setup {
	readonly options?: OpenAiServerOptions;
	readonly env?: (server: OpenAiServer) => Record<string, string>;
}

/** Families that offer both chat and embeddings. */
const setups: Partial<Record<Family, Setup>> = {
	openai: {},
	vllm: {},
	lmstudio: {},
	ollama: { env: (server) => ({ LLM_PROVIDER: "ollama", LLM_BASE_URL: server.origin }) },
	llamacpp: {},
	litellm: { options: { apiKey: "sk-litellm" }, env: () => ({ LLM_API_KEY: "sk-litellm" }) },
	localai: {},
	openrouter: { env: () => ({ LLM_PROVIDER: "openrouter", EMBEDDING_MODEL_CHOICE: "test-embed" }) },
	azure: {
		options: { apiKey: "azure-key" },
		env: (server) => ({
			LLM_PROVIDER: "azure",
			LLM_BASE_URL: server.origin,
			AZURE_OPENAI_API_KEY: "azure-key",
			AZURE_OPENAI_API_VERSION: "2024-06-01",
		}),
	},
};

/** Values of a field in the bodies of chat requests, in order. */
function sent(server: OpenAiServer, field: string): unknown[] {
	return server.requests
		.filter(({ path }) => path.endsWith("/chat/completions"))
		.map(({ body }) => (body as Record<string, unknown>)[field]);
}

describe("Server families", function () {
	this.timeout(60_000);
	const memory = endpointFixture();

	for (const [family, { options, env }] of Object.entries(setups) as [Family, Setup][]) {
		it(`${family}: distils, embeds and finds`, async () => {
			const server = await memory.server({ family, ...options });
			const service = await memory.open({ ...environmentOf(server), ...env?.(server) });
			const result = await service.save({ text });
			assert.deepEqual(saved(result), facts);
			assert.deepEqual(result.pending, []);
			const found = await service.search({ query: "where is the home of Ada" });
			assert.equal(found.memories[0]?.text, "Ada lives in Paris.");
			assert.equal(found.note, undefined);
		});
	}

	it("text-embeddings-inference: embeds beside another server's chat, in batches it can take", async () => {
		const chat = await memory.server();
		const tei = await memory.server({ family: "tei", maxBatch: 8, embeddingModels: ["test-embed"] });
		const service = await memory.open({ ...environmentOf(chat), EMBEDDING_BASE_URL: tei.baseUrl });
		const names = Array.from(
			{ length: 20 },
			(_, index) => `Member ${index} of the team lives in city ${index}`,
		);
		await service.transfer.importAll(names.map((name) => ({ text: name })));
		assert.equal((await service.status()).pending.embedding, 0);
		assert.equal(chat.count("embeddings"), 0);
		await service.transfer.importAll(names.map((name) => ({ text: `${name}, indeed` })));
		const sizes = tei.requests.map(
			({ body }) => [(body as { input: string | string[] }).input].flat().length,
		);
		assert.deepEqual(sizes, [20, 8, 8, 4, 8, 8, 4]);
	});

	it("azure: names the deployment in the path, and sends its key as api-key", async () => {
		const server = await memory.server({ family: "azure", apiKey: "azure-key" });
		const service = await memory.open({
			...environmentOf(server),
			LLM_PROVIDER: "azure",
			LLM_BASE_URL: server.origin,
			LLM_API_KEY: "azure-key",
		});
		await service.save({ text });
		const [chat] = server.requests.filter(({ path }) => path.endsWith("/chat/completions"));
		assert.equal(chat?.path, "/openai/deployments/test-chat/chat/completions");
		assert.match(chat?.query ?? "", /api-version=2024-02-15-preview/);
		assert.ok(chat);
		assert.equal(chat.headers["api-key"], "azure-key");
		assert.equal(chat.headers.authorization, undefined);
	});

	describe("what an endpoint can do is learned once, and remembered after a restart:", () => {
		const learns: Readonly<
			Record<
				string,
				{ readonly options: OpenAiServerOptions; readonly field: string; readonly values: readonly unknown[] }
			>
		> = {
			"max_completion_tokens for max_tokens": {
				options: { refuseMaxTokens: true },
				field: "max_completion_tokens",
				values: [undefined, 2000, 2000, 2000],
			},
			"no temperature": {
				options: { refuseTemperature: true },
				field: "temperature",
				values: [0.2, undefined, undefined, undefined],
			},
		};
		for (const [name, { options, field, values }] of Object.entries(learns)) {
			it(name, async () => {
				const server = await memory.server(options);
				const service = await memory.openOn(server);
				assert.deepEqual(saved(await service.save({ text })), facts);
				await service.save({ text: "Bob is in Rome. Eve is in Oslo." });
				await service.dispose();
				const restarted = await memory.openOn(server);
				await restarted.save({ text: "Ben is in Bonn. Sue is in Bern." });
				assert.deepEqual(sent(server, field), values);
			});
		}

		const ladder: readonly (readonly [string, OpenAiServerOptions["jsonModes"], readonly unknown[]])[] = [
			["json_schema", ["json_schema", "json_object"], ["json_schema", "json_schema"]],
			["json_object", ["json_object"], ["json_schema", "json_object", "json_object"]],
			["no JSON mode at all", [], ["json_schema", "json_object", undefined, undefined]],
		];
		for (const [name, jsonModes, types] of ladder) {
			it(`JSON mode: ${name}`, async () => {
				const server = await memory.server({ jsonModes: jsonModes ?? [] });
				const service = await memory.openOn(server);
				assert.deepEqual(saved(await service.save({ text })), facts);
				await service.dispose();
				const restarted = await memory.openOn(server);
				await restarted.save({ text: "Bob is in Rome. Eve is in Oslo." });
				assert.deepEqual(
					sent(server, "response_format").map((format) => (format as { type?: string } | undefined)?.type),
					types,
				);
			});
		}

		it("no dimensions", async () => {
			const server = await memory.server({ refuseDimensions: true, dimensions: 384 });
			const service = await memory.openOn(server, { EMBEDDING_MODEL_DIMS: "384" });
			assert.deepEqual((await service.save({ text })).pending, []);
			await service.search({ query: "Ada" });
			const dimensions = server.requests
				.filter(({ path }) => path.endsWith("/embeddings"))
				.map(({ body }) => (body as { dimensions?: number }).dimensions);
			assert.deepEqual(dimensions, [384, undefined, undefined, undefined]);
		});

		it("the context length: shorter instructions of our own are used where mem0's do not fit, and it is said", async () => {
			const server = await memory.server({ family: "vllm", contextLength: 4096 });
			const service = await memory.openOn(server);
			const result = await service.save({ text });
			assert.deepEqual(saved(result), facts);
			assert.match(result.note ?? "", /context of 4,096 tokens.*too small for mem0's instructions/);
			assert.equal(server.count("chat"), 2);
			await service.dispose();
			const restarted = await memory.openOn(server);
			assert.match(
				(await restarted.save({ text: "Bob is in Rome. Eve is in Oslo." })).note ?? "",
				/shorter ones were used/,
			);
			assert.equal(server.count("chat"), 3);
		});
	});

	it("ollama: is not sent a prompt that it would cut without a word", async () => {
		const server = await memory.server({ family: "ollama", contextLength: 4096 });
		const service = await memory.open({
			...environmentOf(server),
			LLM_PROVIDER: "ollama",
			LLM_BASE_URL: server.origin,
		});
		const result = await service.save({ text });
		assert.deepEqual(saved(result), facts);
		assert.match(result.note ?? "", /context of 4,096 tokens/);
		assert.equal(server.count("chat"), 1);
	});

	it("a server that cuts prompts without a word is found out by the tokens it counts", async () => {
		const server = await memory.server({ family: "ollama", contextLength: 2048 });
		const service = await memory.openOn(server);
		const result = await service.save({ text });
		assert.deepEqual(saved(result), facts);
		assert.match(result.note ?? "", /too small for mem0's instructions/);
	});

	it("a text that no context can take is kept word for word, for good, and it is said why", async () => {
		const server = await memory.server({ family: "vllm", contextLength: 2048 });
		const service = await memory.openOn(server, { LLM_CONTEXT_LENGTH: "2048" });
		const long = "The quick brown fox jumps over the lazy dog again. ".repeat(300).trim();
		const result = await service.save({ text: long });
		assert.deepEqual(saved(result), [`ADD ${long}`]);
		assert.deepEqual(result.pending, []);
		assert.match(result.note ?? "", /too small for this text.*LLM_CONTEXT_LENGTH/);
		assert.equal(server.count("chat"), 0);
		assert.equal((await service.status()).keptAsText, 1);
	});

	it("a text that was too long for the configured context is distilled when a larger one is configured", async () => {
		const server = await memory.server();
		const service = await memory.openOn(server, { LLM_CONTEXT_LENGTH: "1024" });
		await service.save({
			text: `${text} ${"Nothing else happened, as usual, that day. ".repeat(100)}`.trim(),
		});
		assert.equal((await service.status()).keptAsText, 1);
		await service.dispose();
		const restarted = await memory.openOn(server, { LLM_CONTEXT_LENGTH: "65536" });
		await memory.clock.pass(10_000);
		assert.deepEqual([(await restarted.status()).keptAsText, (await restarted.status()).counts.all], [0, 3]);
	});

	it("a text that is too long for the embedding model is embedded in parts", async () => {
		const server = await memory.server({ maxInputTokens: 500 });
		const service = await memory.openOn(server);
		const long = `Ada Lovelace keeps bees in Paris. ${"The weather was fine and nothing else happened. ".repeat(120)}`;
		const result = await service.save({ text: long, infer: false });
		assert.deepEqual(result.pending, []);
		assert.equal(result.note, undefined);
	});
});
