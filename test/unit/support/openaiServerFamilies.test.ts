import assert from "node:assert/strict";
import {
	chat,
	contentOf,
	embed,
	post,
	type Reply,
	send,
	servers,
} from "../../support/openaiServer/requests.ts";
import { type Family, families, type OpenAiServerOptions } from "../../support/openaiServer/server.ts";

/** A status, and words of the body. */
type Answers = Readonly<Record<Family, readonly [number, RegExp]>>;

describe("The families of the OpenAI server of the tests", () => {
	const start = servers();

	describe("refuses as its family does", () => {
		const keyless: Readonly<Record<Family, RegExp>> = {
			openai: /"error":\{"message":"You didn't provide an API key/,
			vllm: /^\{"error":"Unauthorized"\}$/,
			lmstudio: /invalid_api_key/,
			ollama: /^\{"error":"unauthorized"\}$/,
			llamacpp: /"code":401,"message":"Invalid API Key"/,
			litellm: /No api key passed in.*"code":"401"/,
			tei: /^$/,
			azure: /"code":"401","message":"Access denied/,
			openrouter: /"No auth credentials found","code":401/,
			localai: /^$/,
		};
		for (const family of families)
			it(`requests without the key: ${family}`, async () => {
				const server = await start({ family, apiKey: "sk-right" });
				const right: Record<string, string> =
					family === "azure" ? { "api-key": "sk-right" } : { Authorization: "Bearer sk-right" };
				const none = await embed(server, "a cat");
				assert.equal(none.status, 401);
				assert.match(none.text, keyless[family]);
				const wrong = await embed(
					server,
					"a cat",
					{},
					{ ...right, Authorization: "Bearer sk-wrong", "api-key": "w" },
				);
				assert.equal(wrong.status, 401);
				assert.doesNotMatch(wrong.text, /sk-right|sk-wrong/);
				assert.equal((await embed(server, "a cat", {}, right)).status, 200);
			});

		it("unknown tokens of LiteLLM by their own name", async () => {
			const server = await start({ family: "litellm", apiKey: "sk-right" });
			const wrong = await embed(server, "a cat", {}, { Authorization: "Bearer sk-wrong" });
			assert.equal(wrong.at("error", "type"), "token_not_found_in_db");
			assert.equal(wrong.at("error", "code"), "401");
		});

		const strangers: Partial<Answers> = {
			openai: [404, /"code":"model_not_found"/],
			vllm: [404, /^\{"object":"error","message":"The model `stranger` does not exist\.".*"code":404\}$/],
			lmstudio: [404, /Your models:\\n\\ntest-chat\\ntest-embed/],
			ollama: [404, /model \\"stranger\\" not found, try pulling it first/],
			litellm: [400, /Invalid model name passed in model=stranger.*"code":"400"/],
			azure: [404, /"code":"DeploymentNotFound"/],
			openrouter: [400, /stranger is not a valid model ID","code":400/],
			localai: [404, /"code":404,"message":"model \\"stranger\\" not found"/],
		};
		for (const [family, [status, words]] of Object.entries(strangers))
			it(`models it does not have: ${family}`, async () => {
				const server = await start({ family: family as Family });
				for (const reply of [
					await chat(server, "hi", { model: "stranger" }),
					await embed(server, "a cat", { model: "stranger" }),
				]) {
					assert.equal(reply.status, status);
					assert.match(reply.text, words);
				}
			});

		it("no model at all where there is but one: llama.cpp and text-embeddings-inference", async () => {
			for (const family of ["llamacpp", "tei"] as const) {
				const reply = await embed(await start({ family }), "a cat", { model: "stranger" });
				assert.equal(reply.at("model"), "test-embed");
			}
		});

		it("embeddings of a chat model", async () => {
			const llamacpp = await start({ family: "llamacpp", embeddingModels: [] });
			assert.match((await embed(llamacpp, "a cat")).text, /"code":501.*--embeddings/);
			const localai = await start({ family: "localai" });
			assert.equal((await embed(localai, "a cat", { model: "test-chat" })).status, 500);
			const ollama = await start({ family: "ollama" });
			assert.equal((await embed(ollama, "a cat", { model: "test-chat" })).status, 501);
		});

		it("the name of an Ollama model without its tag is the model", async () => {
			const server = await start({ family: "ollama", embeddingModels: ["nomic:latest"] });
			assert.equal((await embed(server, "a cat", { model: "nomic" })).status, 200);
		});

		const lost: Answers = {
			openai: [404, /<center>nginx<\/center>/],
			vllm: [404, /^\{"detail":"Not Found"\}$/],
			lmstudio: [200, /^\{"error":"Unexpected endpoint or method. \(POST \/embeddings\)"\}$/],
			ollama: [404, /^404 page not found$/],
			llamacpp: [404, /"message":"File Not Found","type":"not_found_error"/],
			litellm: [404, /^\{"detail":"Not Found"\}$/],
			tei: [404, /^$/],
			azure: [404, /"message":"Resource not found"/],
			openrouter: [404, /<html>/],
			localai: [404, /"code":404/],
		};
		for (const family of families)
			it(`paths it does not have: ${family}`, async () => {
				const server = await start({ family });
				const [status, words] = lost[family];
				const reply = await post(`${server.origin}/embeddings`, { model: "test-embed", input: "a cat" });
				assert.equal(reply.status, status);
				assert.match(reply.text, words);
				assert.equal(server.count("embeddings"), 1);
			});

		it("a doubled base path, and one with two slashes", async () => {
			const server = await start();
			const doubled = await post(`${server.baseUrl}/v1/embeddings`, { model: "test-embed", input: "a cat" });
			assert.deepEqual(
				[doubled.status, doubled.at("error", "message")],
				[404, "Invalid URL (POST /v1/v1/embeddings)"],
			);
			assert.equal((await post(`${server.origin}//v1/embeddings`, {})).status, 404);
			assert.equal((await post(`${server.baseUrl}//embeddings`, {})).status, 404);
		});

		it("Azure requests without an API version", async () => {
			const server = await start({ family: "azure" });
			const url = `${server.baseUrl}/deployments/test-embed/embeddings`;
			assert.equal((await post(url, { input: "a cat" })).status, 404);
			assert.equal((await post(`${url}?api-version=2024-10-21`, { input: "a cat" })).status, 200);
			assert.equal((await send(`${server.baseUrl}/models?api-version=2024-10-21`)).status, 404);
		});

		it("chat at a server for embeddings", async () => {
			assert.equal((await chat(await start({ family: "tei" }), "hi")).status, 404);
		});

		it("bodies that are no request", async () => {
			const server = await start();
			for (const reply of [
				await send(`${server.baseUrl}/embeddings`, { method: "POST", body: "{no json" }),
				await post(`${server.baseUrl}/embeddings`, { model: "test-embed", input: [1, 2] }),
				await post(`${server.baseUrl}/embeddings`, { model: "test-embed", input: [] }),
				await post(`${server.baseUrl}/chat/completions`, { model: "test-chat" }),
			])
				assert.equal(reply.status, 400);
			assert.equal(server.requests[0]?.body, "{no json");
		});
	});

	describe("has limits as its family does", () => {
		const long = `${"Old words. ".repeat(100)}The end.`;

		const overflows: Partial<Answers> = {
			openai: [400, /maximum context length is 50 tokens.*"code":"context_length_exceeded"/],
			vllm: [400, /^\{"object":"error".*maximum context length is 50 tokens/],
			lmstudio: [400, /^\{"error":"Trying to keep the first 277 tokens/],
			llamacpp: [400, /"type":"exceed_context_size_error","n_prompt_tokens":277,"n_ctx":50/],
			litellm: [400, /ContextWindowExceededError/],
			azure: [400, /context_length_exceeded/],
			openrouter: [400, /maximum context length is 50 tokens.*"code":400/],
			localai: [500, /available context size \(50 tokens\)/],
		};
		for (const [family, [status, words]] of Object.entries(overflows))
			it(`of the prompt: ${family}`, async () => {
				const server = await start({ family: family as Family, contextLength: 50 });
				const reply = await chat(server, long);
				assert.equal(reply.status, status);
				assert.match(reply.text, words);
				assert.equal((await chat(server, "short")).status, 200);
			});

		it("of the prompt: Ollama's model sees the end and nobody says so", async () => {
			const server = await start({
				family: "ollama",
				contextLength: 50,
				chat: ({ messages }) => ({ content: messages.map(({ content }) => content).join("|") }),
			});
			const reply = await chat(server, "", {
				messages: [
					{ role: "system", content: "Be kind." },
					{ role: "user", content: long },
				],
			});
			assert.equal(contentOf(reply), long.slice(-200));
			assert.equal(reply.at("usage", "prompt_tokens"), 50);
		});

		it("of a batch", async () => {
			const tei = await start({ family: "tei", maxBatch: 2 });
			const refused = await embed(tei, ["a", "b", "c"]);
			assert.equal(refused.status, 422);
			assert.deepEqual(refused.at(), {
				message: "batch size 3 > maximum allowed batch size 2",
				code: 422,
				type: "Validation",
			});
			assert.equal((await embed(tei, ["a", "b"])).status, 200);
			const openai = await start({ maxBatch: 2 });
			assert.match((await embed(openai, ["a", "b", "c"])).text, /maximum length 2.*array_above_max_length/);
			const full = await start({ family: "tei" });
			const inputs = Array.from({ length: 33 }, () => "a");
			assert.equal((await embed(full, inputs)).status, 422);
		});

		const tooLong: Answers = {
			openai: [400, /maximum context length is 20 tokens/],
			vllm: [400, /maximum context length is 20 tokens/],
			lmstudio: [400, /^\{"error":"This model's maximum context length is 20 tokens/],
			ollama: [400, /the input length exceeds the context length/],
			llamacpp: [500, /input \(277 tokens\) is too large to process/],
			litellm: [400, /maximum context length is 20 tokens.*"code":"400"/],
			tei: [413, /must have less than 20 tokens. Given: 277/],
			azure: [400, /maximum context length is 20 tokens/],
			openrouter: [400, /maximum context length is 20 tokens/],
			localai: [500, /input \(277 tokens\) is too large to process/],
		};
		for (const family of families)
			it(`of a text: ${family}`, async () => {
				const server = await start({ family, maxInputTokens: 20 });
				const [status, words] = tooLong[family];
				const reply = await embed(server, ["short", long]);
				assert.equal(reply.status, status);
				assert.match(reply.text, words);
				assert.equal((await embed(server, "short")).status, 200);
			});
	});

	describe("tells what it is", () => {
		async function models(family: Family, options: OpenAiServerOptions = {}): Promise<Reply> {
			return send(`${(await start({ family, ...options })).baseUrl}/models`);
		}

		it("in the list of models", async () => {
			assert.deepEqual((await models("openai")).each("data", "id"), ["test-chat", "test-embed"]);
			const vllm = await models("vllm", { contextLength: 4096 });
			assert.deepEqual(vllm.each("data", "owned_by"), ["vllm", "vllm"]);
			assert.equal(vllm.at("data", 0, "max_model_len"), 4096);
			const llamacpp = await models("llamacpp", { dimensions: 768 });
			assert.equal(llamacpp.at("data", 1, "meta", "n_embd"), 768);
			assert.equal(llamacpp.at("data", 1, "meta", "n_ctx_train"), 8192);
			for (const family of ["tei", "azure"] as const) assert.equal((await models(family)).status, 404);
		});

		it("to everybody at llama.cpp and OpenRouter, elsewhere to those with the key", async () => {
			for (const family of ["openai", "vllm", "lmstudio", "ollama", "litellm", "localai"] as const)
				assert.equal((await models(family, { apiKey: "sk-right" })).status, 401);
			for (const family of ["llamacpp", "openrouter"] as const)
				assert.equal((await models(family, { apiKey: "sk-right" })).status, 200);
		});

		it("at paths of its own", async () => {
			const { origin: lmstudio } = await start({ family: "lmstudio", contextLength: 4096 });
			const listed = await send(`${lmstudio}/api/v1/models`);
			assert.deepEqual(listed.each("models", "type"), ["llm", "embedding"]);
			const loaded = listed.at("models", 0, "loaded_instances", 0, "config", "context_length");
			assert.equal(loaded, 4096);
			const { origin: tei } = await start({ family: "tei", maxInputTokens: 256 });
			const info = await send(`${tei}/info`);
			assert.deepEqual([info.at("max_client_batch_size"), info.at("max_input_length")], [32, 256]);
			const { baseUrl: openrouter } = await start({ family: "openrouter" });
			const others = await send(`${openrouter}/embeddings/models`);
			assert.deepEqual(others.each("data", "id"), ["test-embed"]);
		});

		it("at Ollama's own API", async () => {
			const { origin } = await start({ family: "ollama", contextLength: 2048, dimensions: 768 });
			assert.ok((await send(`${origin}/api/version`)).at("version"));
			assert.equal((await send(`${origin}/api/ps`)).at("models", 0, "context_length"), 2048);
			const shown = await post(`${origin}/api/show`, { model: "test-chat:latest" });
			assert.equal(shown.at("parameters"), "num_ctx 2048");
			assert.deepEqual(shown.at("capabilities"), ["completion"]);
			const embedding = await post(`${origin}/api/show`, { model: "test-embed" });
			assert.equal(embedding.at("model_info", "nomic-bert.embedding_length"), 768);
			assert.equal((await post(`${origin}/api/show`, { model: "stranger" })).status, 404);
		});
	});
});
