import assert from "node:assert/strict";
import { readConfig } from "../../../src/config/config.ts";
import type { HttpEndpoint } from "../../../src/config/endpoints.ts";
import type { EndpointError } from "../../../src/endpoints/endpointError.ts";
import { listModels, listsModels } from "../../../src/endpoints/openai/modelList.ts";
import { servers } from "../../support/openaiServer/requests.ts";
import { families, type OpenAiServer } from "../../support/openaiServer/server.ts";

const never = new AbortController().signal;

function endpointOf(server: OpenAiServer, more: Record<string, string> = {}): HttpEndpoint {
	const { llm } = readConfig({
		LLM_PROVIDER: "openai",
		LLM_BASE_URL: server.baseUrl,
		LLM_CHOICE: "m",
		...more,
	}).config;
	assert.ok(llm && llm.provider !== "vscode");
	return llm;
}

describe("The list of an endpoint's models", () => {
	const start = servers();

	for (const family of families.filter((each) => !["azure", "tei", "openrouter"].includes(each)))
		it(`is that of ${family}`, async () => {
			const server = await start({ family, chatModels: ["one", "two"], embeddingModels: ["three"] });
			assert.deepEqual(await listModels(endpointOf(server), "chat", never), ["one", "two", "three"]);
		});

	it("is OpenRouter's own for each role", async () => {
		const server = await start({
			family: "openrouter",
			chatModels: ["a/chat"],
			embeddingModels: ["a/embed"],
		});
		const endpoint = endpointOf(server, { LLM_PROVIDER: "openrouter" });
		assert.deepEqual(await listModels(endpoint, "chat", never), ["a/chat"]);
		assert.deepEqual(await listModels(endpoint, "embedding", never), ["a/embed"]);
	});

	it("is asked for with the key and the headers of the endpoint", async () => {
		const server = await start({ apiKey: "sk-1" });
		await listModels(
			endpointOf(server, { LLM_API_KEY: "sk-1", LLM_HEADERS: '{"X-Team":"blue"}' }),
			"chat",
			never,
		);
		assert.equal(server.requests[0]?.headers["x-team"], "blue");
	});

	it("is not asked of Azure, which does not tell what is deployed", () => {
		assert.equal(listsModels({ provider: "azure" }), false);
		assert.equal(listsModels({ provider: "openai" }), true);
	});

	it("that cannot be had is an error that says why, without the key", async () => {
		const server = await start({ apiKey: "sk-right" });
		await assert.rejects(
			listModels(endpointOf(server, { LLM_API_KEY: "sk-wrong-4711" }), "chat", never),
			(error: EndpointError) =>
				error.kind === "unauthorized" &&
				/refused the API key/.test(error.message) &&
				!/4711/.test(error.message),
		);
		server.fault({ kind: "html" });
		await assert.rejects(listModels(endpointOf(server), "chat", never), /web page/);
		const gone = await start();
		await gone.close();
		await assert.rejects(listModels(endpointOf(gone), "chat", never), /nothing listens/);
		const tei = await start({ family: "tei" });
		await assert.rejects(listModels(endpointOf(tei), "embedding", never), /does not know this path/);
	});

	it("can be called off", async () => {
		const server = await start();
		server.fault({ kind: "hang" });
		const stop = new AbortController();
		const asked = listModels(endpointOf(server), "chat", stop.signal);
		stop.abort(new Error("another URL is typed"));
		await assert.rejects(asked, /another URL is typed/);
	});
});
