import assert from "node:assert/strict";
import type { Page } from "playwright-core";
import { filesWith } from "../support/fixtures/filesWith.ts";
import type { OpenAiServer } from "../support/openaiServer/server.ts";
import { pickRows, quickInput, runCommand, typeIn, until, type Vscode } from "./support/window.ts";
import { windowFixture } from "./support/windowFixture.ts";

const key = "sk-e2e-4711-secret";

describe("Endpoints of one's own, in a real VS Code window", function () {
	this.timeout(180_000);
	let server: OpenAiServer;
	let vscode: Vscode;
	let page: Page;

	windowFixture(
		{
			servers: [{ apiKey: key, embeddingModels: ["test-embed", "other-embed"] }],
			memories: [{ text: "Ada prefers tabs over spaces" }, { text: "Tests run with mocha" }],
			chat: true,
		},
		({ servers, ...window }) => {
			[server] = servers;
			({ vscode, page } = window);
		},
	);

	const status = () => page.locator(".statusbar-item", { hasText: "Mem0" });
	/** In the status bar, for a moment. */
	const told = (text: RegExp) => page.locator(".statusbar-item", { hasText: text });
	const notification = (text: string | RegExp) => page.locator(".notification-toast", { hasText: text });
	const dismiss = () => runCommand(page, "Notifications: Clear All Notifications");
	const save = async (text: string) => {
		await runCommand(page, "Mem0: Save Memory…");
		await page.locator(".quick-input-title", { hasText: "Save memory" }).waitFor();
		await typeIn(page, text);
		await pickRows(page).filter({ hasText: "Everywhere" }).click();
	};

	it("says in the status bar that a key is missing, and keeps what is saved", async () => {
		await vscode.probe("setSettings", {
			settings: {
				"mcpMem0.llm.provider": "openai",
				"mcpMem0.llm.baseUrl": server.baseUrl,
				"mcpMem0.llm.model": "test-chat",
				"mcpMem0.embedding.provider": "builtin",
			},
		});
		await save("Ada lives in Paris. Alpha is deployed with make ship.");
		await notification(/wants an API key.*Set the key \(Mem0: Set API Key…\)/).waitFor();
		await dismiss();
		await page.locator(".statusbar-item.warning-kind", { hasText: /Mem0: 3, 1 pending/ }).waitFor();
		const label = (await status().locator("a").getAttribute("aria-label")) ?? "";
		assert.match(label, /3 memories, 1 pending\. Warning: .*wants an API key/);
	});

	it("takes the key, distils what waited, and keeps the key to itself", async () => {
		await runCommand(page, "Mem0: Set API Key…");
		await pickRows(page).filter({ hasText: "Language model" }).click();
		await page.locator(".quick-input-title", { hasText: "API key for http://127.0.0.1" }).waitFor();
		await typeIn(page, key);
		await told(/the key for http.* is stored/).waitFor();
		await status()
			.filter({ hasText: /Mem0: 4(?!.*pending)/ })
			.waitFor();
		const chat = server.requests.filter(({ path }) => path.endsWith("/chat/completions"));
		assert.equal(chat.at(-1)?.headers.authorization, `Bearer ${key}`);
		assert.deepEqual(await filesWith(key, vscode.dataFolder, /\.(json|log|txt)$/), []);
	});

	it("saves several facts of one text, and takes them all back with Undo", async () => {
		await save("Bob lives in Rome. Bob plays the cello.");
		const saved = notification(/Saved 2 facts. The first is “Bob lives in Rome/);
		await saved.waitFor();
		await status().filter({ hasText: "Mem0: 6" }).waitFor();
		await saved.getByRole("button", { name: "Undo" }).click();
		await status().filter({ hasText: "Mem0: 4" }).waitFor();
	});

	it("offers to embed earlier memories with another model, and does so", async () => {
		await vscode.probe("setSettings", {
			settings: { "mcpMem0.embedding.provider": "openai", "mcpMem0.embedding.model": "test-embed" },
		});
		await runCommand(page, "Mem0: Search Memories");
		await page.locator(".quick-input-title", { hasText: "Search memories" }).waitFor();
		await quickInput(page).fill("tabs or spaces");
		await pickRows(page)
			.first()
			.filter({ hasText: /tabs over spaces.*\d+ %/ })
			.waitFor();
		await quickInput(page).press("Escape");
		const embedded = () =>
			server.requests
				.filter(({ path }) => path.endsWith("/embeddings"))
				.map(({ body }) => JSON.stringify(body));
		const offer = notification(/4 memories of an earlier embedding model .*test-embed.* can embed them/);
		await offer.waitFor();
		assert.ok(
			!embedded().some((body) => body.includes("Tests run with mocha")),
			"what was remembered before was sent before anybody agreed",
		);
		await offer.getByText("Re-embed Them…").click();
		const question = page.locator(".monaco-dialog-box", { hasText: `Send 4 memories to ${server.origin}?` });
		await question.getByText("about 1 KB together").waitFor();
		await page.screenshot({ animations: "disabled", path: "out/reembed.png" });
		// It is gone when it is taken.
		await offer.waitFor({ state: "detached" });
		await question.getByRole("button", { name: "Re-embed" }).click();
		await page.locator(".statusbar-item", { hasText: "4 memories embedded with test-embed" }).waitFor();
		assert.ok(embedded().some((body) => body.includes("Tests run with mocha")));
	});

	it("serves agents by a process without the key, whose models this window asks with it", async () => {
		await vscode.startMcpServer();
		const asked = server.count("chat");
		const saved = vscode.probe<string>("invoke", {
			tool: "save_memory",
			input: { text: "Grace lives in Oslo. Grace plays the harp.", scope: "global" },
		});
		const agree = (tool: string) =>
			page
				.locator(".monaco-dialog-box", { hasText: `Run ${tool}` })
				.getByRole("button", { name: "Yes" })
				.click();
		await agree("Save memory");
		const { mode, memories } = JSON.parse(await saved) as {
			mode: string;
			memories: readonly { readonly id: string; readonly text: string }[];
		};
		assert.equal(mode, "distilled");
		assert.deepEqual(
			memories.map(({ text }) => text),
			["Grace lives in Oslo.", "Grace plays the harp."],
		);
		assert.ok(server.count("chat") > asked);
		for (const { headers } of server.requests.slice(-2)) assert.equal(headers.authorization, `Bearer ${key}`);
		assert.deepEqual(await filesWith(key, vscode.dataFolder, /\.(json|log|txt|mjs)$/), []);
		for (const { id } of memories) {
			const deleted = vscode.probe("invoke", { tool: "delete_memory", input: { id } });
			await agree("Delete memory");
			await deleted;
		}
		await status().filter({ hasText: "Mem0: 4" }).waitFor();
	});

	it("shows where texts go and what is wrong in the status bar's tooltip", async () => {
		await status().hover();
		const tooltip = page.locator(".workbench-hover", { hasText: "finds 4 memories here" });
		await tooltip.waitFor();
		const text = (await tooltip.textContent()) ?? "";
		assert.match(text, /Facts by test-chat at http:\/\/127\.0\.0\.1/);
		assert.match(text, /Embeddings by test-embed at http:\/\/127\.0\.0\.1/);
		await page.mouse.move(400, 300);
	});

	it("hands other clients the endpoints, and no key", async () => {
		await runCommand(page, "Mem0: Copy MCP Configuration");
		await pickRows(page).filter({ hasText: "Without API keys" }).click();
		await told(/Copied.*It contains no API keys/).waitFor();
		const copied = await vscode.probe<string>("clipboard");
		assert.match(copied, new RegExp(`"LLM_BASE_URL": "${server.baseUrl}"`));
		assert.ok(!copied.includes(key));
	});

	it("uses VS Code's own language models, with consent", async () => {
		await vscode.probe("setSettings", {
			settings: {
				"mcpMem0.llm.provider": "vscode",
				"mcpMem0.llm.model": "probe-one",
				"mcpMem0.llm.baseUrl": undefined,
				"mcpMem0.embedding.provider": "builtin",
			},
		});
		const asked = server.count("chat");
		const before = await until(async () =>
			Number(/Mem0: (\d+)/.exec((await status().textContent()) ?? "")?.[1]),
		);
		await save("Eve lives in Oslo. Eve paints boats.");
		const consent = page.locator(".monaco-dialog-box", { hasText: /language model/i });
		const done = notification(/Saved 2 facts. The first is “Eve lives in Oslo/);
		await Promise.race([consent.waitFor(), done.waitFor()]);
		if (await consent.isVisible()) await consent.getByRole("button", { name: "Allow" }).click();
		await done.waitFor();
		await status()
			.filter({ hasText: `Mem0: ${before + 2}` })
			.waitFor();
		assert.equal(server.count("chat"), asked);
	});
});
