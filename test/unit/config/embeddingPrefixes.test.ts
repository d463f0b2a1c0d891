import assert from "node:assert/strict";
import { readConfig } from "../../../src/config/config.ts";
import { prefixesOf } from "../../../src/config/embeddingPrefixes.ts";

const retrieval = "Given a web search query, retrieve relevant passages that answer the query";
const sentence = "Represent this sentence for searching relevant passages: ";

/** As servers spell them, with what the models' cards say. */
const models: Readonly<Record<string, readonly [query: string, document: string]>> = {
	"nomic-embed-text": ["search_query: ", "search_document: "],
	"nomic-embed-text:latest": ["search_query: ", "search_document: "],
	"text-embedding-nomic-embed-text-v1.5@q8_0": ["search_query: ", "search_document: "],
	"nomic-ai/nomic-embed-text-v2-moe": ["search_query: ", "search_document: "],
	"nomic-ai/modernbert-embed-base": ["search_query: ", "search_document: "],
	"intfloat/multilingual-e5-large": ["query: ", "passage: "],
	"intfloat/e5-base-v2": ["query: ", "passage: "],
	"jeffh/intfloat-multilingual-e5-large:f16": ["query: ", "passage: "],
	"multilingual_e5_small.gguf": ["query: ", "passage: "],
	"intfloat/multilingual-e5-large-instruct": [`Instruct: ${retrieval}\nQuery: `, ""],
	"intfloat/e5-mistral-7b-instruct": [`Instruct: ${retrieval}\nQuery: `, ""],
	"Alibaba-NLP/gte-Qwen2-7B-instruct": [`Instruct: ${retrieval}\nQuery: `, ""],
	"Salesforce/SFR-Embedding-Mistral": [`Instruct: ${retrieval}\nQuery: `, ""],
	"Qwen/Qwen3-Embedding-0.6B": [`Instruct: ${retrieval}\nQuery:`, ""],
	"hf.co/Qwen/Qwen3-Embedding-8B-GGUF:Q4_K_M": [`Instruct: ${retrieval}\nQuery:`, ""],
	"qwen3-embedding:4b": [`Instruct: ${retrieval}\nQuery:`, ""],
	"BAAI/bge-large-en-v1.5": [sentence, ""],
	"bge-small-en": [sentence, ""],
	"CompendiumLabs/bge-base-en-v1.5-gguf": [sentence, ""],
	"BAAI/bge-large-zh-v1.5": ["为这个句子生成表示以用于检索相关文章：", ""],
	"mxbai-embed-large": [sentence, ""],
	"mixedbread-ai/mxbai-embed-large-v1": [sentence, ""],
	"snowflake-arctic-embed:335m": [sentence, ""],
	"Snowflake/snowflake-arctic-embed-l-v2.0": ["query: ", ""],
	"snowflake-arctic-embed2": ["query: ", ""],
	"embeddinggemma:300m": ["task: search result | query: ", "title: none | text: "],
	"google/embeddinggemma-300m": ["task: search result | query: ", "title: none | text: "],
	"jinaai/jina-embeddings-v3": [
		"Represent the query for retrieving evidence documents: ",
		"Represent the document for retrieval: ",
	],
	"BAAI/bge-m3": ["", ""],
	"bge-m3:latest": ["", ""],
	"thenlper/gte-large": ["", ""],
	"Alibaba-NLP/gte-multilingual-base": ["", ""],
	"text-embedding-3-small": ["", ""],
	"text-embedding-ada-002": ["", ""],
	"all-minilm": ["", ""],
	"granite-embedding:278m": ["", ""],
	"jina-embeddings-v2-base-code": ["", ""],
	"test-embed": ["", ""],
};

describe("The prefixes of an embedding model", () => {
	for (const [model, [query, document]] of Object.entries(models)) {
		it(`${model}: ${query || document ? "as its card says" : "none"}`, () => {
			assert.deepEqual(prefixesOf(model), { query, document });
		});
	}

	const given = (more: Record<string, string>) => {
		const env = {
			EMBEDDING_PROVIDER: "openai",
			EMBEDDING_BASE_URL: "http://localhost:7997/v1",
			EMBEDDING_MODEL_CHOICE: "nomic-embed-text",
			...more,
		};
		return readConfig(env, env).config.embedding?.prefixes;
	};

	it("are overridden one by one, to the letter", () => {
		assert.deepEqual(given({ EMBEDDING_QUERY_PREFIX: "Frage:  " }), {
			query: "Frage:  ",
			document: "search_document: ",
		});
		assert.deepEqual(given({ EMBEDDING_DOCUMENT_PREFIX: "Task: find\\nText: " }), {
			query: "search_query: ",
			document: "Task: find\nText: ",
		});
	});

	it("are left out for the word none; an empty value counts as unset", () => {
		assert.deepEqual(given({ EMBEDDING_QUERY_PREFIX: "none", EMBEDDING_DOCUMENT_PREFIX: "None " }), {
			query: "",
			document: "",
		});
		assert.deepEqual(given({ EMBEDDING_QUERY_PREFIX: "  " })?.query, "search_query: ");
	});
});
