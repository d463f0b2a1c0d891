import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { findLocalServers } from "../../../src/endpoints/openai/localServers.ts";
import { edited, editsOf, valuesOf } from "../../../src/settings/edits.ts";
import { examineValues } from "../../../src/settings/examineValues.ts";
import { localOffer } from "../../../src/settings/localServers.ts";
import type { Values } from "../../../src/settings/values.ts";
import { OpenAiServer } from "../../support/openaiServer/server.ts";
import { freePort } from "../../support/vscode/vscodeWeb.ts";

describe("Model servers on this machine", () => {
	it("are found at their ports, by what they answer, and others are not taken for them", async () => {
		const ollama = await OpenAiServer.start({
			family: "ollama",
			chatModels: ["qwen3:8b"],
			embeddingModels: ["nomic-embed-text:latest"],
		});
		const vllm = await OpenAiServer.start({ family: "vllm" });
		const page = createServer((_, response) => response.end("<html>My homepage</html>")).listen(
			0,
			"127.0.0.1",
		);
		const silent = createServer(() => undefined).listen(0, "127.0.0.1");
		await Promise.all([once(page, "listening"), once(silent, "listening")]);
		const ports = [page, silent].map((server) => (server.address() as AddressInfo).port);
		try {
			const found = await findLocalServers(new AbortController().signal, [
				Number(new URL(ollama.baseUrl).port),
				Number(new URL(vllm.baseUrl).port),
				...ports,
				await freePort(),
			]);
			assert.deepEqual(
				found.map(({ name }) => name),
				["Ollama", "vLLM"],
			);
			assert.deepEqual(found[0]?.models, ["qwen3:8b", "nomic-embed-text:latest"]);
			for (const { headers, method } of ollama.requests) {
				assert.equal(method, "GET");
				assert.equal(headers.authorization, undefined);
			}
			assert.ok(ollama.requests.length > 0);
		} finally {
			await ollama.close();
			await vllm.close();
			page.close();
			silent.closeAllConnections();
			silent.close();
		}
	}).timeout(20_000);

	const ollama = { family: "ollama", name: "Ollama", baseUrl: "http://localhost:11434/v1" };
	const vllm = { family: "vllm", name: "vLLM", baseUrl: "http://localhost:8000/v1", models: ["qwen3"] };
	const use = (server: Parameters<typeof localOffer>[0], values: Values) => {
		const offer = localOffer(server, values);
		assert.ok(offer);
		const after = valuesOf(edited(editsOf(values), offer.changes, "preset"));
		return { text: offer.text, after, config: examineValues(after, {}).config };
	};

	it("are offered with the models that they have for us", () => {
		const models = ["nomic-embed-text:latest"];
		const { text, config } = use({ ...ollama, models }, {});
		assert.equal(text, "Ollama is running with nomic-embed-text:latest");
		assert.equal(config?.llm, undefined);
		assert.equal(config?.embedding?.baseUrl, "http://localhost:11434/v1");
		const both = use({ ...ollama, models: ["nomic-embed-text:latest", "qwen3:8b"] }, {});
		assert.equal(both.text, "Ollama is running with qwen3:8b and nomic-embed-text:latest");
		assert.equal(both.config?.llm?.model, "qwen3:8b");
		assert.equal(both.config?.embedding?.model, "nomic-embed-text:latest");
	});

	it("leave embeddings where they are if they have no model for them", () => {
		assert.equal(use(vllm, {}).config?.embedding, undefined);
		const remote = { LLM_PROVIDER: "openai", LLM_BASE_URL: "https://a.example/v1", LLM_CHOICE: "m" };
		const { config } = use(vllm, { ...remote, EMBEDDING_MODEL_CHOICE: "e" });
		assert.equal(config?.llm?.provider === "openai" && config.llm.baseUrl, "http://localhost:8000/v1");
		assert.equal(config?.embedding?.baseUrl, "https://a.example/v1");
		assert.equal(config?.embedding?.model, "e");
	});

	it("leave the language model where it is if they have only embeddings", () => {
		const remote = { LLM_PROVIDER: "openai", LLM_BASE_URL: "https://a.example/v1", LLM_CHOICE: "m" };
		const tei = {
			family: "unknown",
			name: "A server",
			baseUrl: "http://localhost:8080/v1",
			models: ["bge-m3"],
		};
		const { config } = use(tei, remote);
		assert.equal(config?.llm?.provider === "openai" && config.llm.baseUrl, "https://a.example/v1");
		assert.equal(config?.embedding?.baseUrl, "http://localhost:8080/v1");
	});

	it("are not offered once they are in use", () => {
		const { after } = use(vllm, {});
		assert.equal(localOffer(vllm, after), undefined);
		const { after: used } = use({ ...ollama, models: ["qwen3:8b", "bge-m3"] }, {});
		assert.equal(localOffer({ ...ollama, models: ["qwen3:8b", "bge-m3"] }, used), undefined);
	});
});
