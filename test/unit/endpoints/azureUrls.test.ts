import assert from "node:assert/strict";
import { readConfig } from "../../../src/config/config.ts";
import { type HttpEndpoint, httpOnly } from "../../../src/config/endpoints.ts";
import { messageOf } from "../../../src/config/remarks.ts";
import { requestHeaders } from "../../../src/endpoints/openai/requestHeaders.ts";
import { requestUrl } from "../../../src/endpoints/openai/urls.ts";
import { examined, secret, withWorkbench } from "../../support/fixtures/brokenSetups.ts";

const resource = "https://x.openai.azure.com";
const foundry = "https://x.services.ai.azure.com";
const version = "?api-version=2024-02-15-preview";
const deployed = (model: string, operation: string, query = version) =>
	`/openai/deployments/${model}/${operation}${query}`;
const chat = "chat/completions";

/** What is configured, and where chat completions and embeddings go. */
const forms: readonly (readonly [given: string, chat: string, embeddings: string, header: string])[] = [
	[resource, "/openai/v1/chat/completions", "/openai/v1/embeddings", "authorization"],
	[`${resource}/openai`, "/openai/v1/chat/completions", "/openai/v1/embeddings", "authorization"],
	[`${resource}/openai/v1/`, "/openai/v1/chat/completions", "/openai/v1/embeddings", "authorization"],
	[`${foundry}/models`, "/openai/v1/chat/completions", "/openai/v1/embeddings", "authorization"],
	[`${resource}/openai/deployments/gpt`, deployed("gpt", chat), deployed("emb", "embeddings"), "api-key"],
	[
		`https://x.cognitiveservices.azure.com/openai/deployments/gpt/chat/completions?api-version=2`,
		deployed("gpt", chat, "?api-version=2"),
		deployed("emb", "embeddings", "?api-version=2"),
		"api-key",
	],
];

function endpointsOf(env: Readonly<Record<string, string>>) {
	const { config, notices } = readConfig({ LLM_API_KEY: "k-4711", EMBEDDING_MODEL_CHOICE: "emb", ...env });
	const llm = httpOnly(config.llm);
	assert.ok(llm && config.embedding);
	return { llm, embedding: config.embedding, notices };
}

const keyHeader = (endpoint: HttpEndpoint) =>
	Object.keys(requestHeaders(endpoint)).find((name) => /^(authorization|api-key)$/.test(name));

describe("The URL of an Azure resource", () => {
	for (const [given, chatPath, embeddingPath, header] of forms) {
		it(`${given} works with the provider openai`, () => {
			const { llm, embedding } = endpointsOf({
				LLM_PROVIDER: "openai",
				LLM_BASE_URL: given,
				LLM_CHOICE: "gpt",
			});
			const { origin } = new URL(given);
			assert.equal(requestUrl(llm, "chat"), origin + chatPath);
			assert.equal(requestUrl(embedding, "embedding"), origin + embeddingPath);
			assert.deepEqual([keyHeader(llm), keyHeader(embedding)], [header, header]);
		});

		it(`${given} works with the provider azure`, () => {
			const { llm, embedding } = endpointsOf({
				LLM_PROVIDER: "azure",
				LLM_BASE_URL: given,
				LLM_CHOICE: "gpt",
			});
			const { origin } = new URL(given);
			const isV1 = /\/(v1|models)\/?$/.test(given);
			assert.equal(
				requestUrl(llm, "chat"),
				origin + (isV1 || header === "api-key" ? chatPath : deployed("gpt", chat)),
			);
			assert.equal(
				requestUrl(embedding, "embedding"),
				origin + (isV1 || header === "api-key" ? embeddingPath : deployed("emb", "embeddings")),
			);
			assert.deepEqual([keyHeader(llm), keyHeader(embedding)], ["api-key", "api-key"]);
		});
	}

	it("decides on the deployment, where it names one, and says so", () => {
		const { llm, notices } = endpointsOf({
			LLM_PROVIDER: "azure",
			LLM_BASE_URL: `${resource}/openai/deployments/my-gpt`,
			LLM_CHOICE: "gpt-4o",
		});
		assert.equal(llm.model, "my-gpt");
		const said = notices.map(messageOf);
		assert.ok(
			said.includes("LLM_CHOICE is not used: LLM_BASE_URL names the deployment my-gpt."),
			said.join("\n"),
		);
	});

	it("leaves the deployment to its own variable, where both roles share the URL", () => {
		const { llm } = endpointsOf({
			LLM_PROVIDER: "azure",
			AZURE_OPENAI_ENDPOINT: `${resource}/openai/deployments/old/chat/completions?api-version=7`,
			AZURE_OPENAI_DEPLOYMENT_NAME: "new",
		});
		assert.equal(requestUrl(llm, "chat"), resource + deployed("new", chat, "?api-version=7"));
	});

	for (const provider of ["openai", "azure"])
		it(`of a deployment is sound to the Doctor, with the provider ${provider}`, () =>
			withWorkbench(async (bench) => {
				const { origin } = await bench.server({ family: "azure", apiKey: secret, contextLength: 32_768 });
				const env = {
					LLM_PROVIDER: provider,
					LLM_BASE_URL: `${origin}/openai/deployments/test-chat/chat/completions?api-version=2024-10-21`,
					LLM_API_KEY: secret,
					EMBEDDING_MODEL_CHOICE: "test-embed",
				};
				const report = await examined(env, {});
				const bad = report.findings.filter(({ status }) => status === "failed" || status === "warning");
				assert.deepEqual(
					bad.map(({ id }) => id),
					["configuration.corrected-llm"],
				);
				const [fix] = bad[0]?.fixes ?? [];
				assert.match(fix?.label ?? "", /\/openai\/deployments\/test-chat\?api-version=2024-10-21$/);
			}));
});
