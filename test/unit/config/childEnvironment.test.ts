import assert from "node:assert/strict";
import { readConfig } from "../../../src/config/config.ts";
import { childEnvironment, endpointLines } from "../../../src/config/endpoints.ts";

const custom = "http://db-server.local:8009/v1";
const other = "http://embeddings.local:7997/v1";
const llm = { LLM_PROVIDER: "openai", LLM_BASE_URL: custom, LLM_API_KEY: "sk-llm", LLM_CHOICE: "m" };

describe("The environment for a child process", () => {
	const ambient = {
		PATH: "/bin",
		OPENAI_API_KEY: "sk-ambient",
		OPENAI_BASE_URL: "http://old/v1",
		OPENAI_ORG_ID: "o",
	};

	it("names the custom endpoint, and preserves OPENAI_API_KEY", () => {
		const child = childEnvironment(readConfig(llm).config, ambient);
		assert.deepEqual(child, { ...ambient, OPENAI_BASE_URL: custom });
	});

	it("names none for the provider's own endpoint", () => {
		const { OPENAI_BASE_URL: _, ...rest } = ambient;
		assert.deepEqual(childEnvironment(readConfig({ LLM_PROVIDER: "openai" }).config, ambient), rest);
		assert.deepEqual(childEnvironment(readConfig({}).config, ambient), rest);
	});

	it("is cleared of everything of OpenAI's when the provider is Ollama", () => {
		const { config } = readConfig({ LLM_PROVIDER: "ollama", LLM_CHOICE: "qwen3" });
		assert.deepEqual(childEnvironment(config, ambient), { PATH: "/bin" });
	});

	it("leaves what it was given as it was", () => {
		const given = { ...ambient };
		childEnvironment(readConfig({ LLM_PROVIDER: "ollama", LLM_CHOICE: "qwen3" }).config, given);
		assert.deepEqual(given, ambient);
	});
});

describe("At LOG_LEVEL=DEBUG", () => {
	it("each role says which custom endpoint it uses, and no key or header", () => {
		const { config } = readConfig({
			...llm,
			EMBEDDING_BASE_URL: other,
			LLM_HEADERS: '{"X-Token": "t-4711"}',
		});
		const lines = endpointLines(config);
		for (const url of [custom, other]) {
			assert.ok(lines.some((line) => line.startsWith(`Set custom OpenAI base URL: ${url}`)));
			assert.ok(lines.some((line) => line.startsWith(`Using custom OpenAI endpoint: ${url}`)));
		}
		assert.doesNotMatch(lines.join(), /sk-llm|4711/);
	});

	it("nothing custom is claimed of the provider's own", () => {
		const lines = endpointLines(readConfig({ LLM_PROVIDER: "openai", LLM_CHOICE: "m" }).config);
		assert.ok(!lines.some((line) => line.includes("custom")));
	});
});
