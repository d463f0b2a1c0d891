import assert from "node:assert/strict";
import type { Page } from "playwright-core";
import { OpenAiServer, type OpenAiServerOptions } from "../support/openaiServer/server.ts";
import { Panel, saveMemory, startSaving } from "./support/panel.ts";
import { runCommand } from "./support/window.ts";
import { windowFixture } from "./support/windowFixture.ts";

const key = "sk-e2e-4711-secret";

describe("The presets of the settings panel, in a real VS Code window", function () {
	this.timeout(180_000);
	let page: Page;
	let panel: Panel;
	const running: OpenAiServer[] = [];

	windowFixture({}, async (window) => {
		({ page } = window);
		panel = await Panel.open(page);
	});
	after(async () => {
		for (const server of running) await server.close();
	});

	const start = async (options: OpenAiServerOptions) => {
		const server = await OpenAiServer.start(options);
		running.push(server);
		return server;
	};
	interface Case {
		readonly preset: string;
		readonly server: OpenAiServerOptions;
		/** What is typed where the preset leaves a gap, or in place of an address that is not this machine's. */
		readonly fields: (server: OpenAiServer) => Readonly<Record<string, string>>;
		readonly key?: "LLM_API_KEY" | "EMBEDDING_API_KEY";
		readonly embeds: boolean;
	}
	const models = { LLM_CHOICE: "test-chat", EMBEDDING_MODEL_CHOICE: "test-embed" };
	const cases: readonly Case[] = [
		{
			preset: "OpenAI",
			server: { apiKey: key, chatModels: ["gpt-4.1-mini"], embeddingModels: ["text-embedding-3-small"] },
			fields: ({ baseUrl }) => ({ LLM_BASE_URL: baseUrl }),
			key: "LLM_API_KEY",
			embeds: true,
		},
		{
			preset: "Custom OpenAI-compatible server",
			server: { apiKey: key },
			fields: ({ baseUrl }) => ({ LLM_BASE_URL: baseUrl, ...models }),
			key: "LLM_API_KEY",
			embeds: true,
		},
		{
			preset: "Proxy to OpenAI",
			server: {
				basePath: "/openai/v1",
				apiKey: key,
				chatModels: ["gpt-4.1-mini"],
				embeddingModels: ["text-embedding-3-small"],
			},
			fields: ({ baseUrl }) => ({ LLM_BASE_URL: baseUrl }),
			key: "LLM_API_KEY",
			embeds: true,
		},
		{
			preset: "Ollama",
			server: { family: "ollama", contextLength: 16_384 },
			fields: ({ origin }) => ({ LLM_BASE_URL: origin, ...models }),
			embeds: true,
		},
		{
			preset: "LM Studio",
			server: { family: "lmstudio", contextLength: 16_384 },
			fields: ({ baseUrl }) => ({ LLM_BASE_URL: baseUrl, ...models }),
			embeds: true,
		},
		{
			preset: "vLLM",
			server: { family: "vllm", contextLength: 16_384 },
			fields: ({ baseUrl }) => ({ LLM_BASE_URL: baseUrl, LLM_CHOICE: "test-chat" }),
			embeds: false,
		},
		{
			preset: "LiteLLM",
			server: { family: "litellm", apiKey: key },
			fields: ({ baseUrl }) => ({ LLM_BASE_URL: baseUrl, ...models }),
			key: "LLM_API_KEY",
			embeds: true,
		},
		{
			preset: "OpenRouter",
			server: { family: "openrouter", apiKey: key, contextLength: 16_384 },
			fields: ({ baseUrl }) => ({ LLM_BASE_URL: baseUrl, ...models }),
			key: "LLM_API_KEY",
			embeds: true,
		},
		{
			preset: "Azure OpenAI",
			server: { family: "azure", apiKey: key },
			fields: ({ origin }) => ({ AZURE_OPENAI_ENDPOINT: origin, ...models }),
			key: "LLM_API_KEY",
			embeds: true,
		},
	];

	for (const [index, { preset, server: options, fields, key: variable, embeds }] of cases.entries())
		it(`${preset}: is filled in, tested, saved and used`, async () => {
			const server = await start(options);
			await panel.fillIn(preset);
			for (const [name, value] of Object.entries(fields(server))) await panel.field(name).fill(value);
			if (variable) await panel.enterKey(variable, key);
			if (preset === "Ollama") {
				// Ollama cuts long prompts without a word unless it is told of a larger context, which the test offers.
				await panel.test("language model");
				await panel.button("Set LLM_CONTEXT_LENGTH to 16384").click();
			}
			assert.match(
				await panel.test("language model"),
				/checks passed/,
				(await panel.findings("language model")).join("\n"),
			);
			if (embeds)
				assert.match(
					await panel.test("embeddings"),
					/checks passed/,
					(await panel.findings("embeddings")).join("\n"),
				);
			await panel.save();
			const before = server.count("chat");
			await saveMemory(
				page,
				`Person ${index} lives in Oslo. Person ${index} plays the cello.`,
				/Saved 2 facts. The first is/,
			);
			assert.ok(server.count("chat") > before);
			assert.equal(server.count("embeddings") > 0, embeds);
		});

	it("Own server, embeddings by OpenAI: each role has its own host and key", async () => {
		await panel.fillIn("Own server, embeddings by OpenAI");
		const server = await start({ apiKey: key });
		const other = await start({ apiKey: "sk-other-4712", embeddingModels: ["text-embedding-3-small"] });
		await panel.field("LLM_BASE_URL").fill(server.baseUrl);
		await panel.field("LLM_CHOICE").fill("test-chat");
		assert.equal((await panel.effective()).EMBEDDING_BASE_URL, "https://api.openai.com/v1");
		// This machine stands for api.openai.com, which no test may ask.
		await panel.frame.getByLabel("Embeddings use").selectOption({ label: "Another endpoint" });
		await panel.field("EMBEDDING_BASE_URL").fill(other.baseUrl);
		await panel.enterKey("LLM_API_KEY", key);
		await panel.enterKey("EMBEDDING_API_KEY", "sk-other-4712");
		assert.match(await panel.test("language model"), /checks passed/);
		assert.match(await panel.test("embeddings"), /checks passed/);
		await panel.save();
		await saveMemory(page, "Mixed lives in Rome. Mixed paints boats.", /Saved 2 facts. The first is/);
		assert.ok(server.count("chat") > 0 && other.count("embeddings") > 0);
		for (const { headers } of server.requests) assert.ok(!String(headers.authorization).includes("4712"));
		for (const { headers } of other.requests) assert.ok(!String(headers.authorization).includes("4711"));
	});

	it("Copilot's models: the models of VS Code are offered and used", async () => {
		await panel.fillIn("Copilot's models");
		await panel.field("LLM_CHOICE").fill("probe-one");
		await panel.save();
		await startSaving(page, "Eve lives in Oslo. Eve paints boats.");
		const consent = page.locator(".monaco-dialog-box", { hasText: /language model/i });
		const done = page.locator(".notification-toast", {
			hasText: /Saved 2 facts. The first is “Eve lives in Oslo/,
		});
		await Promise.race([consent.waitFor(), done.waitFor()]);
		if (await consent.isVisible()) await consent.getByRole("button", { name: "Allow" }).click();
		await done.waitFor();
		await runCommand(page, "Notifications: Clear All Notifications");
		assert.match(await panel.test("language model"), /check passed/);
	});

	it("Built-in and offline: asks nobody", async () => {
		const asked = running.map(({ requests }) => requests.length);
		await panel.fillIn("Built-in and offline");
		assert.match(await panel.test("language model"), /nothing to test/);
		assert.match(await panel.test("embeddings"), /check passed/);
		await panel.save();
		await saveMemory(
			page,
			"Kept word for word. In one piece.",
			/Saved “Kept word for word\. In one piece\.”/,
		);
		assert.deepEqual(
			running.map(({ requests }) => requests.length),
			asked,
		);
	});
});
