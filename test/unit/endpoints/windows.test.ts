import assert from "node:assert/strict";
import { inputLength, windowsOf } from "../../../src/endpoints/openai/windows.ts";
import { endpointFixture, texts } from "../../support/fixtures/endpointFixture.ts";

describe("The length of text that an embedding model reads", () => {
	const lengths: Readonly<Record<string, number | undefined>> = {
		"BAAI/bge-small-en-v1.5": 512,
		"bge-m3:latest": 8192,
		"intfloat/multilingual-e5-large": 512,
		"intfloat/e5-mistral-7b-instruct": 4096,
		"nomic-embed-text": 2048,
		"nomic-ai/nomic-embed-text-v2-moe": 512,
		"mxbai-embed-large": 512,
		"all-minilm:l6-v2": 256,
		"sentence-transformers/paraphrase-multilingual-MiniLM-L12-v2": 128,
		"snowflake-arctic-embed2": 8192,
		"Qwen3-Embedding-0.6B-GGUF": 8192,
		"text-embedding-3-small": undefined,
		"test-embed": undefined,
	};
	for (const [model, tokens] of Object.entries(lengths))
		it(`${model}: ${tokens ?? "not known"}`, () => assert.equal(inputLength(model), tokens));
});

describe("The windows of a text", () => {
	it("are the text itself where it is short, or the model is not known", () => {
		assert.deepEqual(windowsOf("Ada lives in Paris.", 512), ["Ada lives in Paris."]);
		assert.deepEqual(windowsOf("x ".repeat(50_000), undefined), ["x ".repeat(50_000)]);
	});

	it("hold every character in order, and are cut between words", () => {
		const text = Array.from({ length: 2000 }, (_, index) => `word${index}`).join(" ");
		const windows = windowsOf(text, 512);
		assert.ok(windows.length > 5, String(windows.length));
		assert.equal(windows.join(""), text);
		for (const window of windows) {
			assert.match(window.trim(), /^word\d+( word\d+)*$/);
			assert.ok(window.length <= 3 * 480, String(window.length));
		}
	});

	it("are shorter for scripts without spaces, and split no character", () => {
		const text = "日本語の長い文章です。👩‍💻".repeat(200);
		const windows = windowsOf(text, 512);
		assert.equal(windows.join(""), text);
		for (const window of windows) {
			assert.ok(window.length <= 480);
			assert.ok(window.isWellFormed());
		}
	});
});

describe("A memory longer than its embedding model reads", function () {
	this.timeout(30_000);
	const memory = endpointFixture();

	it("is embedded in windows, each after the prefix, and found by what stands at its end", async () => {
		const server = await memory.server({ embeddingModels: ["multilingual-e5-small"] });
		const env = { LLM_PROVIDER: "none", EMBEDDING_PROVIDER: "openai", EMBEDDING_BASE_URL: server.baseUrl };
		const service = await memory.open({ ...env, EMBEDDING_MODEL_CHOICE: "multilingual-e5-small" });
		const filler = Array.from({ length: 500 }, (_, index) => `Line ${index} says nothing.`).join(" ");
		await service.save({ text: `${filler} The release train leaves on Thursdays.` });
		const sent = server.requests
			.filter(({ path }) => path.endsWith("/embeddings"))
			.flatMap(({ body }) => (body as { readonly input: string | readonly string[] }).input);
		assert.ok(sent.length > 5, `${sent.length} windows`);
		for (const input of sent)
			assert.ok(input.startsWith("passage: ") && input.length < 1500, String(input.length));
		assert.ok(sent.at(-1)?.includes("leaves on Thursdays"));
		assert.equal((await texts(service)).length, 1);
		assert.equal((await service.status()).pending.embedding, 0);
	});
});
