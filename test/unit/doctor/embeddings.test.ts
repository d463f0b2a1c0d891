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
import type { Fault, OpenAiServerOptions } from "../../support/openaiServer/server.ts";

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
			name: "prefixes that the model's family was not trained with",
			make: on(
				{ embeddingModels: ["nomic-embed-text"] },
				{ EMBEDDING_MODEL_CHOICE: "nomic-embed-text", EMBEDDING_QUERY_PREFIX: "query: " },
			),
			finds: {
				id: "embedding.prefixes",
				status: "warning",
				seen: /Queries are sent after "query: ", memories after "search_document: ", as configured/,
				cause: /queries after "search_query: "/,
			},
			fix: /^Unset EMBEDDING_QUERY_PREFIX$/,
		},
		{
			name: "llama.cpp without --embeddings",
			make: on({ family: "llamacpp", embeddingModels: [] }),
			finds: {
				id: "embedding.vectors",
				seen: /does not support embeddings/,
				cause: /runs test-embed for chat/,
			},
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
				cause: /for chat, not for embeddings/,
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
			finds: { id: "embedding.vectors", cause: /not that of an OpenAI-compatible embeddings endpoint/ },
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
			finds: { id: "embedding.vectors", seen: /0 vectors for 1 text\./, cause: /leaves out texts/ },
			fix: /Choose another model/,
		},
		{
			name: "a batch whose vectors are swapped",
			make: faulty({ kind: "swapped" }, "embeddings"),
			finds: { id: "embedding.batch", seen: /another order than their texts/, cause: /mixes up a batch/ },
			fix: /^Use the built-in embedding model$/,
		},
		{
			name: "a model that gives a text another vector each time",
			make: faulty({ kind: "unsteady" }, "embeddings"),
			finds: {
				id: "embedding.batch",
				seen: /another vector each time \(likeness 0\.\d\d\)/,
				cause: /not deterministic/,
			},
			fix: /^Use the built-in embedding model$/,
		},
		{
			name: "vectors that are the same for every text",
			make: faulty({ kind: "sameVector" }, "embeddings"),
			finds: { id: "embedding.meaning", seen: /1\.00 alike, others 1\.00/, cause: /not an embedding model/ },
			fix: /^Use the built-in embedding model$/,
		},
		{
			name: "an embedding server that hangs",
			make: faulty({ kind: "stall" }, "embeddings"),
			finds: { id: "embedding.vectors", status: "warning", seen: /did not answer within 0\.7 s/ },
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
		["base64 that nobody asked for", { base64Unasked: true }, undefined, /512 numbers/],
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
