import assert from "node:assert/strict";
import type { Page } from "playwright-core";
import { filesWith } from "../support/fixtures/filesWith.ts";
import type { OpenAiServer } from "../support/openaiServer/server.ts";
import { Panel, saveMemory, settingsOf, settled } from "./support/panel.ts";
import { quickInput, runCommand, until, type Vscode } from "./support/window.ts";
import { windowFixture } from "./support/windowFixture.ts";

const key = "sk-e2e-4711-secret";

describe("The settings panel, in a real VS Code window", function () {
	this.timeout(180_000);
	let server: OpenAiServer;
	let other: OpenAiServer;
	let vscode: Vscode;
	let page: Page;
	let panel: Panel;

	windowFixture({ servers: [{ apiKey: key }, { apiKey: key }] }, async ({ servers, ...window }) => {
		[server, other] = servers;
		({ vscode, page } = window);
		panel = await Panel.open(page);
	});

	const notification = (text: string | RegExp) => page.locator(".notification-toast", { hasText: text });

	// One that offers to embed memories anew would lie over the panel.
	beforeEach(() => vscode.probe("command", { id: "notifications.clearAll" }));

	it("runs no script but its own, loads nothing from elsewhere, and has no inline styles", async () => {
		const policy = await panel.frame
			.locator('meta[http-equiv="Content-Security-Policy"]')
			.getAttribute("content");
		assert.match(
			policy ?? "",
			/^default-src 'none'; style-src 'self' https:[\w/*.-]+; script-src 'nonce-[\w+/=]{24}'$/,
		);
		assert.equal(await panel.frame.locator("#panel [style], #panel style, #panel script").count(), 0);
		for (const attribute of ["src", "href"]) {
			const urls = await panel.frame
				.locator(`head [${attribute}]`)
				.evaluateAll((all, name) => all.map((each) => each.getAttribute(name) ?? ""), attribute);
			for (const url of urls) assert.match(url, /vscode-resource|^data:/);
		}
	});

	it("says next to a field while one types what is wrong with it, and does not save it", async () => {
		await panel.fillIn("Custom OpenAI-compatible server");
		await panel.field("LLM_BASE_URL").fill("ftp://models.example");
		const around = panel.around("LLM_BASE_URL");
		await around.getByText("Takes an http or https URL such as http://localhost:8009/v1.").waitFor();
		assert.equal(await panel.field("LLM_BASE_URL").getAttribute("aria-invalid"), "true");
		assert.ok(await panel.button("Save").isDisabled());
		await panel.field("LLM_BASE_URL").fill(`127.0.0.1:${server.port}/v1/chat/completions`);
		await around.getByText(`Read as ${server.baseUrl}: the scheme was missing`).waitFor();
		await panel.frame.getByText("Advanced").click();
		await panel.field("LLM_MAX_TOKENS").fill("many");
		await panel.around("LLM_MAX_TOKENS").getByText("Takes a whole number from 16 to 1000000.").waitFor();
		await panel.field("LLM_MAX_TOKENS").fill("");
		await panel.field("LLM_BASE_URL").fill(server.baseUrl);
	});

	it("shows the provider's own values in empty fields, a line about each, and its variable on hover", async () => {
		assert.equal(await panel.field("LLM_CHOICE").getAttribute("placeholder"), "gpt-3.5-turbo");
		const about = panel.around("LLM_CHOICE").locator(".about");
		assert.equal(await about.textContent(), "The name of the language model.");
		assert.match(
			(await about.getAttribute("title")) ?? "",
			/^LLM_CHOICE \(in settings\.json: mcpMem0\.llm\.model\)\n/,
		);
	});

	it("leads to the settings themselves, which in a remote window are those of its machine", async () => {
		await panel.button("Open in Settings").click();
		const found = page.locator(".settings-editor .setting-item", { hasText: "Mcp Mem0" });
		await found.first().waitFor();
		await page.screenshot({ animations: "disabled", path: "out/openInSettings.png" });
		await page.keyboard.press("Escape");
		await found.first().waitFor({ state: "detached" });
		await panel.frame.getByRole("heading", { name: "Mem0 settings" }).waitFor();
	});

	it("does not save what is incomplete", async () => {
		await panel.around("LLM_CHOICE").getByText("Enter the name of a model that the server has.").waitFor();
		assert.ok(await panel.button("Save").isDisabled());
		await panel.frame.getByText("Correct the marked fields first").waitFor();
		assert.equal((await settingsOf(vscode))["mcpMem0.llm.provider"], undefined);
	});

	it("says beside the model why the endpoint's list cannot be had, and offers it when it can", async () => {
		const around = panel.around("LLM_CHOICE");
		const asked = server.requests.length;
		const list = async (what: string) => {
			await around.getByText(`“List models” asks ${server.baseUrl}${what}.`).waitFor();
			await around.getByRole("button", { name: "List models", exact: true }).click();
		};
		await list("");
		await around.getByText(/No list of models\. .*wants an API key/).waitFor();
		await panel.enterKey("LLM_API_KEY", "sk-wrong");
		assert.equal(server.requests.length, asked + 1, "a new host is asked only when the person wants it");
		await list(", with its key");
		await around.getByText(/No list of models\. .*refused the API key/).waitFor();
		await panel.enterKey("LLM_API_KEY", key);
		await list(", with its key");
		await around.getByText("The endpoint offers 2 models.").waitFor();
		await panel.field("LLM_CHOICE").press("ArrowDown");
		const offered = await around.getByRole("option").allInnerTexts();
		assert.deepEqual(offered, ["test-chat", "test-embed"]);
		// Chosen by keyboard, and told apart from what the endpoint does not have.
		await panel.field("LLM_CHOICE").fill("test-chatt");
		await around.getByText("“test-chatt” is not in the list; did you mean test-chat?").waitFor();
		await page.screenshot({ animations: "disabled", path: "out/panel-combobox.png" });
		await panel.button("Change to test-chat").click();
		await until(async () =>
			(await panel.field("LLM_CHOICE").inputValue()) === "test-chat" ? true : undefined,
		);
		await panel.field("LLM_CHOICE").fill("test");
		await panel.field("LLM_CHOICE").press("ArrowDown");
		await panel.field("LLM_CHOICE").press("ArrowDown");
		await panel.field("LLM_CHOICE").press("Enter");
		assert.equal(await panel.field("LLM_CHOICE").inputValue(), "test-embed");
	});

	it("says where texts go with the saved settings, not with those that are only typed", async () => {
		await panel.frame.getByText("Nothing leaves this machine.").first().waitFor();
		assert.match((await panel.frame.locator("#in-force").textContent()) ?? "", /Nothing leaves this machine/);
	});

	it("finds a wrong key and a wrong model, fills in the fix, and saves what works", async () => {
		await panel.field("LLM_CHOICE").fill("test-chatt");
		await panel.field("EMBEDDING_MODEL_CHOICE").fill("test-embed");
		await panel.enterKey("LLM_API_KEY", "sk-wrong");
		assert.match(await panel.test("language model"), /found something/);
		assert.match((await panel.findings("language model")).join(), /API key/);
		await panel.enterKey("LLM_API_KEY", key);
		assert.match(await panel.test("language model"), /found something/);
		assert.match((await panel.findings("language model")).join(), /no model "test-chatt"/);
		await panel.button("Use test-chat").click();
		await until(async () =>
			(await panel.field("LLM_CHOICE").inputValue()) === "test-chat" ? true : undefined,
		);
		assert.match(await panel.test("language model"), /checks passed/);
		assert.match(await panel.test("embeddings"), /checks passed/);
		await panel.save();
		await settled(vscode, "mcpMem0.llm.baseUrl", server.baseUrl);
		await saveMemory(page, "Ada lives in Paris. Ada plays chess.", /Saved 2 facts/);
	});

	it("names the hosts that get texts when it is opened again, and promises nothing else", async () => {
		const words = await panel.frame.locator("#in-force").textContent();
		const { host } = new URL(server.baseUrl);
		assert.ok(words?.includes(`test-chat at ${host} makes facts and gets what is saved`), words ?? "");
		const chosen = panel.frame.locator("#preset option:checked");
		assert.equal(await chosen.textContent(), "Custom OpenAI-compatible server");
		assert.doesNotMatch(
			(await panel.frame.locator("header").innerText()) ?? "",
			/nothing needs to be installed/,
		);
		await panel.frame.locator("h1").scrollIntoViewIfNeeded();
		await page.screenshot({ animations: "disabled", path: "out/inForce.png" });
	});

	it("shows the variables that result, with their sources and without the key", async () => {
		const effective = await panel.effective();
		assert.equal(effective.LLM_BASE_URL, server.baseUrl);
		assert.equal(effective.EMBEDDING_BASE_URL, server.baseUrl);
		assert.match(effective.LLM_API_KEY ?? "", /^•+$/);
		const row = (name: string) => panel.frame.locator(`.effective tr[data-variable="${name}"]`);
		assert.match(await row("LLM_API_KEY").innerText(), /secret storage/);
		assert.match(await row("EMBEDDING_BASE_URL").innerText(), /as LLM_BASE_URL/);
		assert.match(await row("LLM_TEMPERATURE").innerText(), /0\.2\s+default/);
		await panel.frame.getByText("Dimensions: 512, measured").waitFor();
	});

	it("keeps the key of one host from another, says so, and uses it there when told to", async () => {
		await panel.field("LLM_BASE_URL").fill(other.baseUrl);
		const around = panel.around("LLM_API_KEY");
		await around
			.getByText(`No key is stored for ${other.origin}. The key for ${server.origin} is not sent there.`)
			.waitFor();
		const choice = panel.around("LLM_CHOICE");
		await choice.getByText(`“List models” asks ${other.baseUrl}.`).waitFor();
		assert.equal(other.requests.length, 0, "nothing is sent to a host that is only typed");
		await choice.getByRole("button", { name: "List models", exact: true }).click();
		await choice.getByText(/wants an API key/).waitFor();
		assert.match(await panel.test("language model"), /found something/);
		await panel.save();
		await saveMemory(page, "Bob lives in Rome.", /wants an API key/);
		assert.ok(other.requests.length > 0);
		for (const { headers } of other.requests) assert.equal(headers.authorization, undefined);
		await around.getByRole("button", { name: `Use the key for ${server.origin}` }).click();
		await around.getByText("will be stored when you save").waitFor();
		assert.match(await panel.test("language model"), /checks passed/);
		await panel.save();
		await page.locator(".statusbar-item", { hasText: /Mem0: \d+$/ }).waitFor();
	});

	it("shows what changed elsewhere while one edits, and overwrites neither", async () => {
		await panel.field("LLM_CHOICE").fill("mine");
		await vscode.probe("setSettings", {
			settings: { "mcpMem0.llm.model": "theirs", "mcpMem0.llm.temperature": 0.7 },
		});
		const conflict = panel.frame.getByRole("group", { name: "Model: changed elsewhere" });
		await conflict.getByText("Changed elsewhere, to theirs.").waitFor();
		assert.equal(await panel.field("LLM_CHOICE").inputValue(), "mine");
		assert.equal(await panel.field("LLM_TEMPERATURE").inputValue(), "0.7");
		assert.ok(await panel.button("Save").isDisabled());
		// By the keyboard: a notification may lie over it.
		await conflict.getByRole("button", { name: "Use the other" }).press("Enter");
		await until(async () => ((await panel.field("LLM_CHOICE").inputValue()) === "theirs" ? true : undefined));
		await panel.frame.getByText("Everything is saved.").waitFor();
		await panel.field("LLM_CHOICE").fill("test-chat");
		await panel.field("LLM_TEMPERATURE").fill("");
		await panel.save();
		await settled(vscode, "mcpMem0.llm.model", "test-chat");
		await settled(vscode, "mcpMem0.llm.temperature", undefined);
	});

	it("edits headers a row each, which are a JSON object in the settings", async () => {
		const headers = panel.around("LLM_HEADERS");
		await headers.getByRole("button", { name: "Add header" }).click();
		await headers.getByLabel("Header name").fill("X-Team");
		await headers.getByLabel("Header value").fill("blue");
		await panel.save();
		await settled(vscode, "mcpMem0.llm.headers", { "X-Team": "blue" });
		await headers.getByRole("button", { name: "Remove header" }).click();
		await panel.save();
		await settled(vscode, "mcpMem0.llm.headers", undefined);
	});

	it("offers to move a key that lies in settings.json as plain text, and does", async () => {
		await vscode.probe("setSettings", {
			settings: { "mcpMem0.llm.headers": { Authorization: "Bearer sk-plain-4713", "X-Team": "red" } },
		});
		await panel.frame
			.getByText("settings.json contains an API key as plain text: mcpMem0.llm.headers")
			.waitFor();
		await panel.button("Move to secret storage").click();
		await settled(vscode, "mcpMem0.llm.headers", { "X-Team": "red" });
		await panel.frame.getByText("settings.json contains an API key").waitFor({ state: "detached" });
		await panel.enterKey("LLM_API_KEY", key);
		await panel.around("LLM_HEADERS").getByRole("button", { name: "Remove header" }).click();
		await panel.save();
	});

	it("asks once before a key goes over plain http to a host that is not private", async () => {
		await panel.field("LLM_BASE_URL").fill("http://models.example/v1");
		await panel.around("LLM_API_KEY").getByRole("button", { name: "Enter key…" }).click();
		const input = quickInput(page);
		const enter = async () => {
			await page.locator(".quick-input-title", { hasText: "API key for http://models.example" }).waitFor();
			await input.fill("sk-1");
			await input.press("Enter");
		};
		await enter();
		const dialog = page.locator(".monaco-dialog-box", {
			hasText: "Send the key to http://models.example unencrypted?",
		});
		await dialog.getByRole("button", { name: "Cancel" }).click();
		await panel.around("LLM_API_KEY").getByText("No key is stored for http://models.example.").waitFor();
		await panel.around("LLM_API_KEY").getByRole("button", { name: "Enter key…" }).click();
		await enter();
		await dialog.getByRole("button", { name: "Send Unencrypted" }).click();
		await panel.around("LLM_API_KEY").getByText("the key can be read in transit").waitFor();
		await panel.enterKey("LLM_API_KEY", "sk-2");
		await panel.button("Discard").click();
		await panel.frame.getByText("Everything is saved.").waitFor();
		assert.equal(await panel.field("LLM_BASE_URL").inputValue(), other.baseUrl);
	});

	it("loses nothing that is not saved when it is closed", async () => {
		await panel.field("DEFAULT_USER_ID").fill("grace");
		await panel.frame.getByText("1 unsaved change.").waitFor();
		await runCommand(page, "View: Close Editor");
		await notification("The Mem0 settings have 1 unsaved change.")
			.getByRole("button", { name: "Reopen" })
			.click();
		panel = await Panel.of(page);
		await until(async () =>
			(await panel.field("DEFAULT_USER_ID").inputValue()) === "grace" ? true : undefined,
		);
		// A notification may lie over the button.
		await panel.button("Discard").press("Enter");
		await panel.frame.getByText("Everything is saved.").waitFor();
		assert.equal(await panel.field("DEFAULT_USER_ID").inputValue(), "");
	});

	it("leaves no key in the webview, in the browser's storage, or in a file", async () => {
		const html = await panel.frame.locator("html").evaluate((root) => root.outerHTML);
		assert.doesNotMatch(html, /4711|4713/);
		assert.deepEqual(await filesWith(key, vscode.dataFolder, /\.(json|log|txt)$/), []);
	});

	it("saves texts word for word where settings.json is incomplete, and says what is missing", async () => {
		await vscode.probe("setSettings", {
			settings: { "mcpMem0.llm.provider": "ollama", "mcpMem0.llm.model": null },
		});
		await panel.around("LLM_CHOICE").getByText("The provider ollama needs the name of a model.").waitFor();
		await saveMemory(
			page,
			"Kept all the same",
			/Kept all the same.*is not set up\. mcpMem0\.llm\.model is missing/,
		);
		await page.locator(".statusbar-item.warning-kind", { hasText: "Mem0" }).waitFor();
	});
});
