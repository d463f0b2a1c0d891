import assert from "node:assert/strict";
import { readConfig } from "../../../src/config/config.ts";
import { endpointLines } from "../../../src/config/endpoints.ts";

const custom = "http://db-server.local:8009/v1";
const other = "http://embeddings.local:7997/v1";
const llm = { LLM_PROVIDER: "openai", LLM_BASE_URL: custom, LLM_API_KEY: "sk-llm", LLM_CHOICE: "m" };

describe("At LOG_LEVEL=DEBUG", () => {
	it("each role names its custom endpoint, without key or header", () => {
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

	it("the provider's own endpoint is not called custom", () => {
		const lines = endpointLines(readConfig({ LLM_PROVIDER: "openai", LLM_CHOICE: "m" }).config);
		assert.ok(!lines.some((line) => line.includes("custom")));
	});
});
