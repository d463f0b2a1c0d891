import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { agentHome } from "../support/copilotRuntime/agentHome.ts";
import { calls, toolAnswer } from "../support/copilotRuntime/scriptedModel.ts";
import { filesWith } from "../support/fixtures/filesWith.ts";
import type { OpenAiServer } from "../support/openaiServer/server.ts";
import { pickRows, runCommand, typeIn, type Vscode } from "./support/window.ts";
import { windowFixture } from "./support/windowFixture.ts";

const key = "sk-window-4711-secret";
const text = "The staging server of alpha is called Kestrel. Releases of alpha leave on Tuesdays.";

describe("Copilot's own runtime, beside a window that alone has the endpoint's key", function () {
	this.timeout(180_000);
	let server: OpenAiServer;
	let vscode: Vscode;
	let page: Page;

	windowFixture(
		{
			servers: [{ apiKey: key }],
			settings: ([{ baseUrl }]) => ({
				"mcpMem0.llm.provider": "openai",
				"mcpMem0.llm.baseUrl": baseUrl,
				"mcpMem0.llm.model": "test-chat",
				"mcpMem0.embedding.provider": "builtin",
			}),
			memories: [{ text: "Ada prefers tabs over spaces" }],
		},
		({ servers, ...window }) => {
			[server] = servers;
			({ vscode, page } = window);
		},
	);

	const status = (words: RegExp) => page.locator(".statusbar-item", { hasText: words });

	async function enterKey() {
		await runCommand(page, "Mem0: Set API Key…");
		await pickRows(page).filter({ hasText: "Language model" }).click();
		await page.locator(".quick-input-title", { hasText: "API key for http://127.0.0.1" }).waitFor();
		await typeIn(page, key);
		await status(/the key for http.* is stored/).waitFor();
	}

	/** Copilot, connected to the window's memory and endpoint. It gets no key. */
	async function connected() {
		const agent = agentHome({ MEMORY_DIR: vscode.memoryFolder });
		const file = join(agent.home, "models.env");
		const lines = [
			"ASK_VSCODE=chat",
			"LLM_PROVIDER=openai",
			`LLM_BASE_URL=${server.baseUrl}`,
			"LLM_CHOICE=test-chat",
			"EMBEDDING_PROVIDER=builtin",
		];
		await writeFile(file, lines.join("\n"));
		await agent.run("connect", "copilot", "--yes", "--env", file);
		return agent;
	}

	it("has its texts distilled by the window, which shows them, and never sees the key", async () => {
		await enterKey();
		const agent = await connected();
		const saved = await agent.session(calls("save_memory", { text }), ({ ask }) => ask(text));
		assert.match(toolAnswer(saved), /Kestrel[\s\S]*Tuesdays/);
		assert.doesNotMatch(toolAnswer(saved), /no window/);
		const asked = server.requests.filter(({ path }) => path.endsWith("/chat/completions"));
		assert.ok(asked.some(({ body }) => JSON.stringify(body).includes("Kestrel")));
		for (const { headers } of asked) assert.equal(headers.authorization, `Bearer ${key}`);
		// Two facts of one text.
		await status(/Mem0: 3/).waitFor();
		const found = await agent.session(calls("search_memories", { query: "staging server" }), ({ ask }) =>
			ask("Which server is for staging?"),
		);
		assert.match(toolAnswer(found), /Kestrel/);
		assert.ok((await filesWith("mcp-mem0", agent.home)).length > 0);
		assert.deepEqual(await filesWith(key, agent.home), []);
	});

	it("keeps a text while no window is open, and has it distilled by the next one", async () => {
		const agent = await connected();
		// The window is gone.
		await page.goto("about:blank");
		const late = "Invoices of alpha are sent by Grace. Refunds of alpha take nine days.";
		const saved = await agent.session(calls("save_memory", { text: late }), ({ ask }) => ask(late));
		assert.match(toolAnswer(saved), /no window .* is open/);
		const found = await agent.session(calls("search_memories", { query: "refunds" }), ({ ask }) =>
			ask("How long do refunds take?"),
		);
		assert.match(toolAnswer(found), /nine days/);
		await page.goBack();
		await vscode.ready(page);
		// The VS Code of the tests forgets keys with the window.
		await enterKey();
		await status(/Mem0: 5(?!.*pending)/).waitFor();
	});
});
