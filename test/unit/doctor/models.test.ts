import assert from "node:assert/strict";
import {
	defineSetups,
	envOf,
	examined,
	firstTrouble,
	type Setup,
	withWorkbench,
} from "../../support/fixtures/brokenSetups.ts";
import { faulty, on, roomy } from "../../support/fixtures/serverSetups.ts";
import { warmUp } from "../../support/fixtures/warmUp.ts";
import { families } from "../../support/openaiServer/server.ts";

describe("The Endpoint Doctor, of language models", () => {
	before(warmUp);

	defineSetups([
		{
			name: "a model that is spelt otherwise",
			make: on({ chatModels: ["qwen3-8b-instruct", "llama-3.3-70b"] }, { LLM_CHOICE: "qwen3:8b" }),
			finds: {
				id: "chat.models",
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
			finds: { id: "chat.models", seen: /try pulling it first/ },
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
			finds: {
				id: "chat.chat",
				seen: /DeploymentNotFound|does not exist/,
				cause: /name of its deployment/,
			},
			fix: "none",
		},
		{
			name: "an embedding server in the place of a language model",
			make: on({ family: "tei" }),
			finds: { id: "chat.path", cause: /text-embeddings-inference listens there/ },
			fix: /^Use it for embeddings/,
		},
		{
			name: "a model that answers with nothing",
			make: faulty({ kind: "empty" }, "chat"),
			finds: { id: "chat.chat", seen: /answered with nothing/, cause: /template is broken/ },
			fix: /Choose another model/,
		},
		{
			name: "a model that answers in prose",
			make: faulty({ kind: "prose" }, "chat"),
			finds: { id: "chat.json", seen: /prose where JSON/, cause: /no facts can be made/ },
			fix: /follows instructions better/,
		},
		{
			name: "a model that does not answer in time",
			make: faulty({ kind: "hang" }, "chat"),
			finds: {
				id: "chat.chat",
				status: "warning",
				seen: /did not answer within 0\.7 s/,
				cause: /being loaded, is busy/,
			},
			fix: "none",
			options: { deadline: 700 },
		},
		{
			name: "a server that breaks off a completion",
			make: faulty({ kind: "reset" }, "chat"),
			finds: { id: "chat.chat", seen: /broke off the connection/ },
			fix: /See the server.s log/,
		},
		{
			name: "a context too small for mem0's instructions, from the list of models",
			make: on({ family: "vllm", contextLength: 8192 }),
			finds: { id: "chat.context", status: "warning", seen: /8,192 tokens/, cause: /shorter ones are used/ },
			fix: "none",
		},
		{
			name: "a context too small for mem0's instructions, by trying",
			make: on({ contextLength: 4096 }),
			finds: { id: "chat.context", status: "warning", seen: /4,096 tokens/ },
			fix: "none",
		},
		{
			name: "less context than the server has",
			make: on({ family: "ollama" }, { LLM_PROVIDER: "ollama" }),
			finds: {
				id: "chat.context",
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
			finds: { id: "chat.context", status: "warning", seen: /fewer than LLM_CONTEXT_LENGTH says/ },
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
			assert.match(seen("chat.chat"), /refuses max_tokens and temperature/);
			assert.match(seen("chat.chat"), /thinks aloud/);
			assert.match(seen("chat.json"), /JSON works with json_object\./);
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
