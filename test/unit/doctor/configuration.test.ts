import assert from "node:assert/strict";
import type { Environment } from "../../../src/config/variables.ts";
import { checkConfiguration } from "../../../src/doctor/checks/configuration.ts";
import {
	applied,
	defineSetups,
	envOf,
	examined,
	firstTrouble,
	type Setup,
} from "../../support/fixtures/brokenSetups.ts";
import { warmUp } from "../../support/fixtures/warmUp.ts";

const here = { roles: ["configuration"] as const };

/** Values alone, without a server behind them. */
const values =
	(env: Environment, ambient: Environment = {}) =>
	async () => ({ env, ambient });

describe("The Endpoint Doctor, of settings", () => {
	before(warmUp);

	defineSetups([
		{
			name: "a provider that is misspelt",
			make: async (bench) => ({ env: envOf((await bench.server()).baseUrl, { LLM_PROVIDER: "opennai" }) }),
			finds: {
				id: "configuration.LLM_PROVIDER",
				seen: /LLM_PROVIDER="opennai" is not valid/,
				cause: /It takes one of/,
			},
			fix: /^Set LLM_PROVIDER to openai$/,
		},
		{
			name: "a URL whose scheme is misspelt",
			make: async (bench) => ({
				env: envOf((await bench.server()).baseUrl.replace("http:", "htp:")),
			}),
			finds: { id: "configuration.LLM_BASE_URL", seen: /is not valid/ },
			fix: /^Set LLM_BASE_URL to http:\/\/127/,
		},
		{
			name: "a width that is no number",
			make: async (bench) => ({
				env: envOf((await bench.server()).baseUrl, { EMBEDDING_MODEL_DIMS: "wide" }),
			}),
			finds: { id: "configuration.EMBEDDING_MODEL_DIMS", cause: /whole number/ },
			fix: /^Leave EMBEDDING_MODEL_DIMS unset$/,
		},
		{
			name: "a temperature out of range",
			make: async (bench) => ({ env: envOf((await bench.server()).baseUrl, { LLM_TEMPERATURE: "7" }) }),
			finds: { id: "configuration.LLM_TEMPERATURE", cause: /from 0 to 2/ },
			fix: /^Use the default, 0\.2$/,
		},
		{
			name: "a key with the word Bearer in front of it",
			make: async (bench) => ({
				env: envOf((await bench.server()).baseUrl, { LLM_API_KEY: "Bearer sk-planted-4711-do-not-tell" }),
			}),
			finds: { id: "configuration.mended-1", status: "warning", cause: /the word Bearer/ },
			fix: "none",
			options: here,
		},
		{
			name: "a key with a space in it",
			make: async (bench) => ({
				env: envOf((await bench.server()).baseUrl, { LLM_API_KEY: "sk-planted 4711-do-not-tell" }),
			}),
			finds: {
				id: "configuration.LLM_API_KEY",
				seen: /\(secret\)/,
				cause: /without spaces.*U\+0020 is at position 11/,
			},
			fix: /^Enter the key again$/,
		},
		{
			name: "headers that are no JSON",
			make: values({ LLM_HEADERS: "X-Team: blue" }),
			finds: { id: "configuration.LLM_HEADERS", cause: /JSON object/ },
			fix: "none",
			options: here,
		},
		{
			name: "a missing model",
			make: values({ LLM_PROVIDER: "ollama" }),
			finds: { id: "configuration.LLM_CHOICE", seen: /LLM_CHOICE is missing/ },
			fix: "none",
			options: here,
		},
		{
			name: "OPENAI_BASE_URL, which is not read",
			make: async (bench) => {
				const { baseUrl } = await bench.server();
				return {
					env: envOf("", { LLM_BASE_URL: undefined }),
					ambient: { OPENAI_BASE_URL: baseUrl },
				};
			},
			finds: {
				id: "configuration.ambient",
				status: "warning",
				seen: /OPENAI_BASE_URL is http:\/\/127.*requests go to https:\/\/api\.openai\.com/,
			},
			fix: /^Set LLM_BASE_URL to http:\/\/127/,
			options: here,
		},
		{
			name: "a key over plain http to a public host",
			make: values(envOf("http://llm.example.com/v1")),
			finds: { id: "configuration.plain-http-llm", status: "warning", cause: /Anyone on the network path/ },
			fix: /^Set LLM_BASE_URL to https:\/\/llm\.example\.com\/v1$/,
			options: here,
		},
		{
			name: "embeddings that go to api.openai.com though nothing names it",
			make: values({ LLM_PROVIDER: "ollama", LLM_CHOICE: "qwen3", EMBEDDING_PROVIDER: "openai" }),
			finds: {
				id: "configuration.embedding-host",
				status: "warning",
				seen: /Embeddings go to https:\/\/api\.openai\.com\/v1/,
			},
			fix: /^Set EMBEDDING_BASE_URL to default/,
			options: here,
		},
		{
			name: "a host that has no key, beside one that has",
			make: values(envOf("http://llm.lan:8009/v1", { EMBEDDING_BASE_URL: "https://embed.example/v1" })),
			finds: {
				id: "configuration.not-shared",
				status: "warning",
				seen: /not sent to https:\/\/embed\.example/,
			},
			fix: /^Enter the key for https:\/\/embed\.example$/,
			options: here,
		},
		{
			name: "an embedding model without a provider",
			make: values({ EMBEDDING_MODEL_CHOICE: "bge-m3" }),
			finds: {
				id: "configuration.unused-embedding",
				status: "warning",
				seen: /EMBEDDING_MODEL_CHOICE is not used/,
			},
			fix: /^Use the built-in embedding model$/,
			options: here,
		},
		{
			name: "a language model that is configured and turned off",
			make: values(envOf("http://llm.lan:8009/v1", { LLM_PROVIDER: "none", EMBEDDING_PROVIDER: "builtin" })),
			finds: { id: "configuration.unused", status: "warning", cause: /LLM_PROVIDER decides/ },
			fix: /^Set LLM_PROVIDER to openai$/,
			options: here,
		},
	] satisfies Setup[]);

	it("has nothing against nothing being configured", async () => {
		const report = await examined({}, {});
		assert.equal(firstTrouble(report), undefined);
		assert.match(
			report.findings.find(({ id }) => id === "configuration.valid")?.seen ?? "",
			/word for word.*built-in model/,
		);
	});

	it("has nothing against plain http within a private network, or without a key", () => {
		for (const env of [
			envOf("http://db-server.local:8009/v1"),
			envOf("http://192.168.1.7:8009/v1"),
			envOf("http://vllm:8000/v1"),
			envOf("http://llm.example.com/v1", { LLM_API_KEY: "" }),
		]) {
			const { findings } = checkConfiguration(env, {});
			assert.ok(
				findings.length > 0 && findings.every(({ status }) => status === "ok"),
				JSON.stringify(findings),
			);
		}
	});

	it("says where embeddings go when they follow the language model, and offers to write it down", () => {
		const env = envOf("http://db-server.local:8009/v1");
		const { findings } = checkConfiguration(env, {});
		const found = findings.find(({ stage }) => stage === "conflicts");
		assert.match(found?.seen ?? "", /Embeddings go to the language model's host/);
		const [fix] = found?.fixes ?? [];
		assert.ok(fix);
		assert.equal(applied(env, fix).EMBEDDING_BASE_URL, "http://db-server.local:8009/v1");
	});

	it("keeps the language model's key from another host", () => {
		const env = {
			...envOf("http://llm.local:8009/v1"),
			LLM_API_KEY: "sk-llm",
			EMBEDDING_BASE_URL: "default",
		};
		assert.equal(checkConfiguration(env, {}).config?.embedding?.apiKey, undefined);
	});

	it("tells of every value that is not valid, each with its own way out", async () => {
		const report = await examined({ LLM_PROVIDER: "x", LLM_TEMPERATURE: "hot", MCP_TIMEOUT: "-1" }, {}, here);
		assert.deepEqual(
			report.findings
				.filter(({ status }) => status === "failed")
				.map(({ id }) => id)
				.sort(),
			["configuration.LLM_PROVIDER", "configuration.LLM_TEMPERATURE", "configuration.MCP_TIMEOUT"],
		);
	});
});
