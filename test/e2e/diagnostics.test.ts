import assert from "node:assert/strict";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { filesWith } from "../support/fixtures/filesWith.ts";
import { warmUp } from "../support/fixtures/warmUp.ts";
import { OpenAiServer, type OpenAiServerOptions } from "../support/openaiServer/server.ts";
import { pictureFolder, themes } from "./support/pictures.ts";
import { pickRows, quickInput, runCommand, typeIn, until, type Vscode } from "./support/window.ts";
import { windowFixture } from "./support/windowFixture.ts";

const key = "sk-e2e-4711-secret";

const served: OpenAiServerOptions = {
	apiKey: key,
	chatModels: ["qwen3-8b-instruct", "llama-3.3-70b"],
	embeddingModels: ["bge-m3"],
	contextLength: 32_768,
};

describe("The Endpoint Doctor in a real VS Code window", function () {
	this.timeout(180_000);
	let server: OpenAiServer;
	let vscode: Vscode;
	let page: Page;

	before(warmUp);
	windowFixture(
		{ servers: [served], memories: [{ text: "Ada prefers tabs over spaces" }] },
		({ servers, ...window }) => {
			[server] = servers;
			({ vscode, page } = window);
		},
	);
	// One of the tests starts another in its place.
	after(() => server.close());

	const status = () => page.locator(".statusbar-item", { hasText: "Mem0" });
	const statusSays = (text: string | RegExp) => status().filter({ hasText: text }).waitFor();
	const label = async () => (await status().locator("a").getAttribute("aria-label")) ?? "";
	/** In the status bar, for a moment. */
	const told = (text: RegExp) => page.locator(".statusbar-item", { hasText: text });
	const notification = (text: string | RegExp) => page.locator(".notification-toast", { hasText: text });
	const dismiss = () => runCommand(page, "Notifications: Clear All Notifications");
	const report = () => page.frameLocator("iframe.webview.ready").frameLocator("iframe#active-frame");
	const configure = (settings: Record<string, unknown>) =>
		vscode.probe("setSettings", {
			settings: Object.fromEntries(
				Object.entries(settings).map(([name, value]) => [`mcpMem0.${name}`, value]),
			),
		});
	/** Offers to embed with another model are not what is tested here. */
	const quiet = async () => {
		await dismiss();
		await page.locator(".notification-toast").first().waitFor({ state: "hidden" });
	};

	it("shows that nothing is configured, and that it works offline", async () => {
		await statusSays(/Mem0: 1$/);
		assert.match(await label(), /^Mem0, on this machine only: 1 memory\. Show menu/);
		assert.equal(await status().locator(".codicon-database").count(), 1);
	});

	it("opens a menu with a click", async () => {
		await status().click();
		await page.locator(".quick-input-title", { hasText: "Mem0" }).waitFor();
		for (const entry of [
			"Search Memories",
			"Save Memory…",
			"Show Memories",
			"Connect Agents…",
			"Open Settings",
			"Run All Diagnostics",
			"Show Log",
		])
			await pickRows(page).filter({ hasText: entry }).waitFor();
		await quickInput(page).press("Escape");
		// Otherwise the focus comes back to the status bar, whose hover then covers notifications.
		await vscode.probe("command", { id: "workbench.action.focusActiveEditorGroup" });
	});

	it("says soon that an endpoint wants a key, without being asked and without a popup", async () => {
		await configure({
			"llm.provider": "openai",
			"llm.baseUrl": server.baseUrl,
			"llm.model": "qwen3:8b",
			"embedding.provider": "openai",
			"embedding.model": "bge-m3",
		});
		await statusSays(/Mem0: 1(, 1 pending)?, failing/);
		assert.equal(await status().locator(".codicon-error").count(), 1);
		assert.match(await label(), /^Mem0, failing: 1 memory(, 1 pending)?\. Warning: .*wants an API key/);
		assert.equal(await page.locator(".notification-toast", { hasText: "wants an API key" }).count(), 0);
		assert.equal(server.count("chat") + server.count("embeddings"), 0, "tokens were spent");
	});

	it("Test Connection names the cause, and its button mends it", async () => {
		await runCommand(page, "Mem0: Test Connection");
		const toast = notification(/Connection: .*wants an API key \(HTTP 401\)/);
		await toast.waitFor();
		await toast.getByRole("button", { name: /Enter the key for http:\/\/127/ }).click();
		await page.locator(".quick-input-title", { hasText: "API key for http://127.0.0.1" }).waitFor();
		await typeIn(page, key);
		await report().getByText("API key, failed → ok").waitFor();
		await quiet();
	});

	it("Test Model finds the model's right name", async () => {
		await runCommand(page, "Mem0: Test Model");
		const toast = notification(/Model: .*has no model "qwen3:8b"/);
		await toast.waitFor();
		await toast.getByRole("button", { name: "Use qwen3-8b-instruct" }).click();
		await report().getByText("Model on the server, failed → ok").waitFor();
		await report().getByText("JSON works with json_schema").waitFor();
		await quiet();
	});

	it("Test Embeddings finds them sound", async () => {
		await runCommand(page, "Mem0: Test Embeddings");
		await told(/Embeddings: Everything works\. \d+ ok/).waitFor();
	});

	it("Run All Diagnostics shows a report, with what re-embedding would mend", async () => {
		await runCommand(page, "Mem0: Run All Diagnostics");
		await report().getByText("A client got 6 tools").waitFor({ timeout: 60_000 });
		await report().getByText("VS Code offers 6 of them to agents").waitFor();
		await report().getByText("A probe memory was saved (distilled to a fact)").waitFor();
		await report().locator(".seen", { hasText: "1 memory was embedded by another model" }).waitFor();
		await quiet();
		await report()
			.getByRole("link", { name: /^Re-embed them with bge-m3/ })
			.first()
			.click();
		await page
			.locator(".monaco-dialog-box", { hasText: "Send 1 memory to" })
			.getByRole("button", { name: "Re-embed" })
			.click();
		await report().getByText("Vectors of the current model, warning → ok").waitFor({ timeout: 60_000 });
		await quiet();
		await statusSays(/Mem0: 1$/);
		assert.equal(await status().locator(".codicon-pass").count(), 1);
	});

	it("tells in its tooltip of each role, and links to the commands", async () => {
		await status().hover();
		const tooltip = page.locator(".workbench-hover", { hasText: "finds 1 memory here" });
		await tooltip.waitFor();
		const text = (await tooltip.textContent()) ?? "";
		assert.match(text, /Facts by qwen3-8b-instruct at http:\/\/127\.0\.0\.1:\d+\/v1: answers in \d+ ms/);
		assert.match(
			text,
			/Embeddings by bge-m3 at http:\/\/127\.0\.0\.1:\d+\/v1: last answer in \d+ ms, \d+ requests? in the last hour, none failed/,
		);
		assert.equal(await tooltip.getByRole("link", { name: "Run All Diagnostics" }).count(), 1);
		await page.mouse.move(400, 300);
	});

	it("copies the report without the key, the user and the home folder", async () => {
		await report().getByRole("link", { name: "Copy as Markdown" }).click();
		await told(/The report was copied, without keys/).waitFor();
		const text = await vscode.probe<string>("clipboard");
		assert.match(text, /^# Endpoint Doctor\n\n.*\n\n## Settings\n\n- \[x\] Values of the settings/);
		assert.ok(!text.includes(key));
		assert.match(text, /## Evidence/);
	});

	it("is called off with the notification's cancel", async () => {
		server.fault({ kind: "hang" }, { role: "chat" });
		await runCommand(page, "Mem0: Run All Diagnostics");
		const progress = notification("Running all diagnostics");
		await progress.waitFor();
		await statusSays(/checking|Mem0: 1/);
		await progress.hover();
		await progress.getByRole("button", { name: "Cancel" }).click();
		await report().getByText("The checks were cancelled").waitFor();
		server.mend();
		await quiet();
	});

	it("says that an endpoint is away, and that it has come back", async () => {
		const { port } = server;
		await server.close();
		await runCommand(page, "Mem0: Test Connection");
		const toast = notification(/Connection: Nothing listens at 127\.0\.0\.1/);
		await toast.waitFor();
		await quiet();
		await statusSays(/Mem0: 1(, 1 pending)?, failing/);
		server = await OpenAiServer.start({ ...served, port });
		await runCommand(page, "Mem0: Test Connection");
		await told(/Connection: Everything works/).waitFor();
		await statusSays(/Mem0: 1$/);
	});

	it("says that it is checking while it does not know, and what it has found then", async () => {
		server.fault({ kind: "trickle", over: 4000 });
		await configure({ "llm.baseUrl": server.baseUrl.replace("127.0.0.1", "localhost") });
		await statusSays(/Mem0: 1.*, checking/);
		assert.equal(await status().locator(".codicon-sync").count(), 1);
		server.mend();
		await statusSays(/Mem0: 1.*, failing/);
		assert.match(await label(), /wants an API key/);
		await configure({ "llm.baseUrl": server.baseUrl });
		await statusSays(/Mem0: 1$/);
	});

	it("says of an endpoint that fails now and then that it is degraded", async () => {
		const save = async (text: string) => {
			await runCommand(page, "Mem0: Save Memory…");
			await page.locator(".quick-input-title", { hasText: "Save memory" }).waitFor();
			await typeIn(page, text);
			await pickRows(page).filter({ hasText: "Everywhere" }).click();
		};
		// As often as a request is tried again at once.
		server.fault({ kind: "status", status: 500 }, { role: "chat", times: 3 });
		await save("Bob plays the cello");
		await statusSays(/Mem0: 2, 1 pending, failing/);
		await statusSays(/Mem0: 2(, degraded)?$/);
		await save("Grace answers mail on Mondays");
		await statusSays(/Mem0: 3, degraded/);
		assert.equal(await status().locator(".codicon-warning").count(), 1);
		assert.match(
			await label(),
			/^Mem0, degraded: 3 memories\. Warning: 3 of \d+ requests .* failed in the last hour/,
		);
		await quiet();
	});

	for (const [name, [theme, mark]] of Object.entries(themes)) {
		it(`shows a report that is readable in the ${name} theme`, async () => {
			await configure({ "llm.model": "qwen3:8b", "embedding.dimensions": 1024 });
			await vscode.probe("setTheme", { theme });
			await page.locator(`.monaco-workbench.${mark}`).waitFor();
			await runCommand(page, "Mem0: Run All Diagnostics");
			await notification("Running all diagnostics").waitFor();
			await notification("Running all diagnostics").waitFor({ state: "hidden", timeout: 60_000 });
			await report()
				.getByText(/has no model "qwen3:8b"/)
				.first()
				.waitFor();
			await quiet();
			// The palette fades out.
			await page.waitForTimeout(400);
			await mkdir(pictureFolder, { recursive: true });
			await page.screenshot({ animations: "disabled", path: join(pictureFolder, `diagnostics-${name}.png`) });
			const ratio = await contrast();
			assert.ok(ratio >= 4.5, `the contrast WCAG AA asks for, not ${ratio}`);
		});
	}

	/** WCAG contrast of the quietest text of the report. */
	function contrast(): Promise<number> {
		return report()
			.locator("body")
			.evaluate((body: { ownerDocument: unknown }) => {
				const document = body.ownerDocument as {
					querySelector(selector: string): unknown;
					defaultView: { getComputedStyle(element: unknown): { color: string; backgroundColor: string } };
					documentElement: unknown;
				};
				const style = (element: unknown) => document.defaultView.getComputedStyle(element);
				const parse = (colour: string) => (colour.match(/[\d.]+/g) ?? []).map(Number);
				const light = (colour: string) => {
					const [r = 0, g = 0, b = 0] = parse(colour)
						.slice(0, 3)
						.map((each) => each / 255)
						.map((each) => (each <= 0.03928 ? each / 12.92 : ((each + 0.055) / 1.055) ** 2.4));
					return 0.2126 * r + 0.7152 * g + 0.0722 * b;
				};
				const front = light(style(document.querySelector(".ok .seen")).color);
				const behind = parse(style(body).backgroundColor);
				const back = light(
					(behind[3] ?? 1) < 0.5
						? style(document.documentElement).backgroundColor
						: style(body).backgroundColor,
				);
				return (Math.max(front, back) + 0.05) / (Math.min(front, back) + 0.05);
			});
	}

	it("leaves the key in no file of VS Code", async () => {
		await until(async () => ((await label()) === "" ? undefined : true));
		assert.deepEqual(await filesWith(key, vscode.dataFolder, /\.(json|log|txt)$/), []);
	});
});
