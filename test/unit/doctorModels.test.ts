import assert from "node:assert/strict";
import {
	defineSetups,
	envOf,
	examined,
	firstTrouble,
	type Setup,
	type Workbench,
	withWorkbench,
} from "../support/brokenSetups.ts";
import { type Fault, families, type OpenAiServerOptions } from "../support/openaiServer.ts";
import { warmUp } from "../support/warmUp.ts";

/** Large enough for mem0's instructions. */
const roomy = { contextLength: 32_768 };

/** A server of some kind, and what is configured of it. */
const on =
	(options: OpenAiServerOptions, env: Readonly<Record<string, string | undefined>> = {}) =>
	async (bench: Workbench) => ({ env: envOf((await bench.server({ ...roomy, ...options })).baseUrl, env) });

const faulty =
	(fault: Fault, role: "chat" | "embeddings", options: OpenAiServerOptions = {}) =>
	async (bench: Workbench) => {
		const server = await bench.server({ ...roomy, ...options });
		server.fault(fault, { role });
		return { env: envOf(server.baseUrl), mend: () => server.mend() };
	};

describe("The Endpoint Doctor, of language models", () => {
	before(warmUp);

	defineSetups([
		{
			name: "a model that is spelt otherwise",
			make: on({ chatModels: ["qwen3-8b-instruct", "llama-3.3-70b"] }, { LLM_CHOICE: "qwen3:8b" }),
			finds: {
				id: "llm.models",
				seen: /has no model "qwen3:8b"/,
				cause: /The server has qwen3-8b-instruct, llama/,
			},
			fix: /^Use qwen3-8b-instruct$/,
		},
		{
			name: "a model that Ollama has not pulled",
			make: on(
				{ family: "ollama", chatModels: ["qwen3"] },
				{ LLM_PROVIDER: "ollama", LLM_CHOICE: "gemma3", LLM_CONTEXT_LENGTH: "32768" },
			),
			finds: { id: "llm.models", seen: /try pulling it first/ },
			fix: /^Use qwen3$/,
		},
		{
			name: "the name of a model where Azure wants that of a deployment",
			make: async (bench) => {
				const { origin } = await bench.server({ family: "azure", chatModels: ["my-gpt"] });
				return {
					env: {
						LLM_PROVIDER: "azure",
						AZURE_OPENAI_ENDPOINT: origin,
						LLM_API_KEY: "k-4711",
						AZURE_OPENAI_DEPLOYMENT_NAME: "gpt-4o",
						EMBEDDING_MODEL_CHOICE: "test-embed",
					},
				};
			},
			finds: { id: "llm.chat", seen: /DeploymentNotFound|does not exist/, cause: /name of their deployment/ },
			fix: "none",
		},
		{
			name: "an embedding server in the place of a language model",
			make: on({ family: "tei" }),
			finds: { id: "llm.path", cause: /text-embeddings-inference listens there/ },
			fix: /^Use it for embeddings/,
		},
		{
			name: "a model that answers with nothing",
			make: faulty({ kind: "empty" }, "chat"),
			finds: { id: "llm.chat", seen: /answered with nothing/, cause: /template is broken/ },
			fix: /Choose another model/,
		},
		{
			name: "a model that answers in prose",
			make: faulty({ kind: "prose" }, "chat"),
			finds: { id: "llm.json", seen: /prose where JSON/, cause: /no facts can be made/ },
			fix: /follows instructions better/,
		},
		{
			name: "a model that does not answer in time",
			make: faulty({ kind: "hang" }, "chat"),
			finds: { id: "llm.chat", seen: /did not answer within 0\.7 s/, cause: /being loaded, is busy/ },
			fix: "none",
			options: { deadline: 700 },
		},
		{
			name: "a server that breaks off a completion",
			make: faulty({ kind: "reset" }, "chat"),
			finds: { id: "llm.chat", seen: /broke off the connection within the answer/ },
			fix: /own log/,
		},
		{
			name: "a context too small for mem0's instructions, from the list of models",
			make: on({ family: "vllm", contextLength: 8192 }),
			finds: { id: "llm.context", status: "warning", seen: /8,192 tokens/, cause: /shorter ones are used/ },
			fix: "none",
		},
		{
			name: "a context too small for mem0's instructions, by trying",
			make: on({ contextLength: 4096 }),
			finds: { id: "llm.context", status: "warning", seen: /4,096 tokens/ },
			fix: "none",
		},
		{
			name: "less context than the server has",
			make: on({ family: "ollama" }, { LLM_PROVIDER: "ollama" }),
			finds: {
				id: "llm.context",
				status: "warning",
				seen: /32,768 tokens, of which LLM_CONTEXT_LENGTH allows 4,096/,
			},
			fix: /^Set LLM_CONTEXT_LENGTH to 32768$/,
		},
		{
			name: "more context than the server has, which Ollama would cut without a word",
			make: on(
				{ family: "ollama", contextLength: 16_384 },
				{ LLM_PROVIDER: "ollama", LLM_CONTEXT_LENGTH: "65536" },
			),
			finds: { id: "llm.context", status: "warning", seen: /fewer than LLM_CONTEXT_LENGTH says/ },
			fix: /^Set LLM_CONTEXT_LENGTH to 16384$/,
		},
	] satisfies Setup[]);

	it("finds nothing to complain of in what a server refuses and requests can do without", () =>
		withWorkbench(async (bench) => {
			const server = await bench.server({
				...roomy,
				refuseMaxTokens: true,
				refuseTemperature: true,
				refuseDimensions: true,
				jsonModes: ["json_object"],
				maxBatch: 5,
			});
			server.fault({ kind: "think" });
			const report = await examined(envOf(server.baseUrl), {});
			assert.equal(firstTrouble(report), undefined);
			const seen = (id: string) => report.findings.find((finding) => finding.id === id)?.seen ?? "";
			assert.match(seen("llm.chat"), /refuses max_tokens and temperature.*|thinks aloud first/);
			assert.match(seen("llm.chat"), /thinks aloud/);
			assert.match(seen("llm.json"), /JSON works with json_object\./);
			assert.match(seen("embedding.batch"), /takes 5 texts at once/);
		}));

	it("sends a real completion at the configured temperature, and nothing but texts of its own", () =>
		withWorkbench(async (bench) => {
			const server = await bench.server(roomy);
			await examined(envOf(server.baseUrl), {});
			const completions = server.requests
				.filter(({ path }) => path.endsWith("/chat/completions"))
				.map(({ body }) => body as { temperature?: number; messages?: { content: string }[] })
				.filter(({ messages }) => messages);
			assert.ok(completions.length >= 3);
			for (const { temperature } of completions) assert.equal(temperature, 0.2);
		}));

	for (const family of families) {
		it(`recognises ${family}, and finds a sound one sound`, () =>
			withWorkbench(async (bench) => {
				const server = await bench.server({ ...roomy, family });
				const provider = family === "azure" || family === "openrouter" ? family : "openai";
				const env = {
					...envOf(family === "azure" ? server.origin : server.baseUrl, { LLM_PROVIDER: provider }),
					...(family === "tei"
						? {
								LLM_PROVIDER: "none",
								LLM_BASE_URL: undefined,
								EMBEDDING_PROVIDER: "openai",
								EMBEDDING_BASE_URL: server.baseUrl,
								EMBEDDING_API_KEY: "k-4711",
							}
						: {}),
				};
				const report = await examined(env, {});
				assert.equal(firstTrouble(report), undefined);
				// Nothing tells a server that answers as OpenAI does from OpenAI's but its host.
				assert.equal(report.families.embedding, family === "openai" ? "unknown" : family);
			}));
	}
});

describe("The Endpoint Doctor, of embeddings", () => {
	before(warmUp);

	defineSetups([
		{
			name: "an embedding model that is not there, and offers the one that is",
			make: on({}, { EMBEDDING_MODEL_CHOICE: "text-embedding-3-small" }),
			finds: {
				id: "embedding.models",
				seen: /has no model "text-embedding-3-small"/,
				cause: /test-chat, test-embed/,
			},
			fix: /^Use test-embed$/,
		},
		{
			name: "an embedding model that Ollama has not pulled",
			make: on(
				{ family: "ollama", embeddingModels: ["all-minilm"] },
				{ LLM_PROVIDER: "ollama", LLM_CONTEXT_LENGTH: "32768", EMBEDDING_MODEL_CHOICE: "nomic-embed-text" },
			),
			finds: { id: "embedding.models" },
			fix: /^Use the built-in embedding model$/,
		},
		{
			name: "llama.cpp without --embeddings",
			make: on({ family: "llamacpp", embeddingModels: [] }),
			finds: { id: "embedding.vectors", seen: /does not support embeddings/, cause: /served for chat/ },
			fix: /^Use the built-in embedding model$/,
		},
		{
			name: "llama.cpp without pooling",
			make: faulty({ kind: "poolingNone" }, "embeddings", { family: "llamacpp" }),
			finds: { id: "embedding.vectors", cause: /without pooling/ },
			fix: /--pooling mean/,
		},
		{
			name: "a chat model in the place of an embedding model",
			make: on({ family: "vllm" }, { EMBEDDING_MODEL_CHOICE: "test-chat" }),
			finds: {
				id: "embedding.vectors",
				seen: /does not support Embeddings API/,
				cause: /served for chat, not for embeddings/,
			},
			fix: /^Use the built-in embedding model$/,
		},
		{
			name: "vectors of zeros",
			make: faulty({ kind: "zeros" }, "embeddings"),
			finds: { id: "embedding.vectors", seen: /zeros/, cause: /hides an error behind zeros/ },
			fix: /^Use the built-in embedding model$/,
		},
		{
			name: "vectors of numbers that are none",
			make: faulty({ kind: "nan", written: "null" }, "embeddings"),
			finds: { id: "embedding.vectors", seen: /NaN/, cause: /precision/ },
			fix: /Choose another model/,
		},
		{
			name: "an answer that is no JSON, as Python writes NaN",
			make: faulty({ kind: "nan", written: "NaN" }, "embeddings"),
			finds: { id: "embedding.vectors" },
			fix: /Choose another model/,
		},
		{
			name: "base64 that holds no vectors",
			make: faulty({ kind: "garbled" }, "embeddings"),
			finds: { id: "embedding.vectors", cause: /base64 that holds no 32-bit numbers/ },
			fix: /Choose another model/,
		},
		{
			name: "another width than is configured",
			make: on({ refuseDimensions: true, dimensions: 384 }, { EMBEDDING_MODEL_DIMS: "1536" }),
			finds: { id: "embedding.vectors", seen: /384 numbers, and EMBEDDING_MODEL_DIMS says 1536/ },
			fix: /^Set EMBEDDING_MODEL_DIMS to 384$/,
		},
		{
			name: "fewer vectors than texts",
			make: faulty({ kind: "fewer" }, "embeddings"),
			finds: { id: "embedding.vectors", seen: /0 vectors for 1 texts/, cause: /leaves out texts/ },
			fix: /Choose another model/,
		},
		{
			name: "a batch whose vectors are swapped",
			make: faulty({ kind: "swapped" }, "embeddings"),
			finds: { id: "embedding.batch", seen: /another order than their texts/, cause: /mixes up a batch/ },
			fix: /^Use the built-in embedding model$/,
		},
		{
			name: "vectors that are the same for every text",
			make: faulty({ kind: "sameVector" }, "embeddings"),
			finds: { id: "embedding.meaning", seen: /1\.00 alike, others 1\.00/, cause: /no embedding model/ },
			fix: /^Use the built-in embedding model$/,
		},
		{
			name: "an embedding server that hangs",
			make: faulty({ kind: "stall" }, "embeddings"),
			finds: { id: "embedding.vectors", seen: /did not end within 0\.7 s/ },
			fix: "none",
			options: { deadline: 700 },
		},
		{
			name: "a language model's host that has no embeddings at all",
			make: async (bench) => {
				const server = await bench.server(roomy);
				server.fault({ kind: "status", status: 404, body: { detail: "Not Found" } }, { role: "embeddings" });
				return { env: envOf(server.baseUrl) };
			},
			finds: { id: "embedding.vectors", cause: /offers no embeddings/ },
			fix: /^Use the built-in embedding model$/,
		},
	] satisfies Setup[]);

	const sound: readonly (readonly [string, OpenAiServerOptions, Fault | undefined, RegExp])[] = [
		["base64 that nobody asked for", { base64Unasked: true }, undefined, /base64, which was not asked for/],
		["a batch out of order whose indexes are right", {}, { kind: "shuffled" }, /512 numbers/],
	];
	for (const [name, options, fault, seen] of sound) {
		it(`reads ${name} all the same`, () =>
			withWorkbench(async (bench) => {
				const server = await bench.server({ ...roomy, ...options });
				if (fault) server.fault(fault);
				const report = await examined(envOf(server.baseUrl), {});
				assert.equal(firstTrouble(report), undefined);
				assert.match(report.findings.find(({ id }) => id === "embedding.vectors")?.seen ?? "", seen);
			}));
	}
});
