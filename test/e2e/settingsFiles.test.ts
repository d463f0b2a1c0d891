import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Page } from "playwright-core";
import type { OpenAiServer } from "../support/openaiServer/server.ts";
import { Panel, saveMemory, settingsOf, settled } from "./support/panel.ts";
import { pickRows, quickInput, runCommand, type Vscode } from "./support/window.ts";
import { windowFixture } from "./support/windowFixture.ts";

const key = "sk-env-4711-secret";

/** The examples of mcp-mem0's guide to custom endpoints; the first one's server is on this machine here. */
const examples = {
	custom: (baseUrl: string) => `LLM_PROVIDER=openai
LLM_BASE_URL=${baseUrl}
LLM_API_KEY=${key}
LLM_CHOICE=gpt-3.5-turbo
EMBEDDING_PROVIDER=openai
EMBEDDING_MODEL_CHOICE=text-embedding-3-small
`,
	proxy: `LLM_PROVIDER=openai
LLM_BASE_URL=https://your-proxy.com/openai/v1
LLM_API_KEY=sk-your-openai-key
LLM_CHOICE=gpt-4
EMBEDDING_PROVIDER=openai
EMBEDDING_MODEL_CHOICE=text-embedding-3-large
`,
	mixed: `LLM_PROVIDER=openai
LLM_BASE_URL=http://db-server.local:8009/v1
LLM_CHOICE=gpt-3.5-turbo
EMBEDDING_PROVIDER=openai
# No EMBEDDING_BASE_URL - uses default api.openai.com for embeddings
EMBEDDING_MODEL_CHOICE=text-embedding-3-small
TRANSPORT=sse
DATABASE_URL=postgresql://user:password-4712@localhost:5432/mem0
`,
};

describe("The configuration as a .env file, in a real VS Code window", function () {
	this.timeout(180_000);
	let server: OpenAiServer;
	let vscode: Vscode;
	let page: Page;
	let panel: Panel;

	windowFixture(
		{
			servers: [{ apiKey: key, chatModels: ["gpt-3.5-turbo"], embeddingModels: ["text-embedding-3-small"] }],
			files: ([{ baseUrl }]) => ({
				"notes.md": "# Notes\n",
				".env": "LLM_PROVIDER=openai\nLLM_CHOICE=unasked\n",
				"custom.env": examples.custom(baseUrl),
				"proxy.env": examples.proxy,
				"mixed.env": examples.mixed,
			}),
		},
		({ servers, ...window }) => {
			[server] = servers;
			({ vscode, page } = window);
		},
	);

	/** In the status bar, for a moment. */
	const told = (text: string | RegExp) => page.locator(".statusbar-item", { hasText: text });
	const notification = (text: string | RegExp) => page.locator(".notification-toast", { hasText: text });
	const dismiss = () => runCommand(page, "Notifications: Clear All Notifications");
	const name = async (title: string, file: string) => {
		await page.locator(".quick-input-title", { hasText: title }).waitFor();
		// Until the folder is listed, what is typed is overwritten by its name.
		await pickRows(page).filter({ hasText: "notes.md" }).waitFor();
		const input = quickInput(page);
		await input.fill(join(vscode.folder, file));
		await input.press("Enter");
	};
	const importFile = async (file: string) => {
		await runCommand(page, "Mem0: Import .env…");
		await name("Import .env", file);
		panel = await Panel.of(page);
		await panel.frame.getByRole("heading", { name: `From ${file}` }).waitFor();
	};
	const banner = () => panel.frame.getByRole("region", { name: /^From / });
	const chooseKeys = (label: string) => pickRows(page).filter({ hasText: label }).click();

	it("does not read the .env of a workspace unasked", async () => {
		panel = await Panel.open(page);
		assert.equal((await panel.effective()).LLM_PROVIDER, "none");
	});

	it("imports a custom server: shows what will change, saves it when told to, and uses it", async () => {
		await importFile("custom.env");
		const said = await banner().innerText();
		assert.match(said, /Nothing is saved yet/);
		assert.match(said, /LLM_PROVIDER: openai \(now not set\)/);
		assert.ok(said.includes(`LLM_BASE_URL: ${server.baseUrl} (now not set)`), said);
		assert.ok(said.includes(`LLM_API_KEY: a key for ${server.origin}`), said);
		assert.doesNotMatch(said, /4711/);
		assert.match(await panel.frame.locator(".effective").innerText(), /\.env, not saved yet/);
		assert.equal((await settingsOf(vscode))["mcpMem0.llm.provider"], undefined);
		assert.match(await panel.test("language model"), /checks passed/);
		await panel.save();
		await settled(vscode, "mcpMem0.llm.model", "gpt-3.5-turbo");
		await saveMemory(page, "Ada lives in Paris. Ada plays chess.", /Saved 2 facts/);
		const asked = server.requests.filter(({ path }) => path.endsWith("/chat/completions"));
		assert.equal(asked.at(-1)?.headers.authorization, `Bearer ${key}`);
	});

	it("exports without keys unless told to, and imports its own export without a change", async () => {
		await runCommand(page, "Mem0: Export .env…");
		await chooseKeys("Without API keys");
		await name("Export .env", "without.env");
		await told("The configuration was written to without.env").waitFor();
		const without = await readFile(join(vscode.folder, "without.env"), "utf8");
		assert.ok(without.includes(`LLM_BASE_URL=${server.baseUrl}`), without);
		assert.match(without, /^# LLM_API_KEY is left out: .* for http:\/\/127\.0\.0\.1/m);
		assert.doesNotMatch(without, /4711/);

		await runCommand(page, "Mem0: Export .env…");
		await chooseKeys("With API keys, as plain text");
		await name("Export .env", "with.env");
		await notification(/written to with\.env\. It contains your API keys as plain text/).waitFor();
		await dismiss();
		assert.match(
			await readFile(join(vscode.folder, "with.env"), "utf8"),
			new RegExp(`^LLM_API_KEY=${key}$`, "m"),
		);

		for (const file of ["without.env", "with.env"]) {
			await importFile(file);
			await banner().getByText("It matches the current settings.").waitFor();
			await panel.frame.getByText("Everything is saved.").waitFor();
		}
	});

	it("hands other clients the whole environment, with keys only when told to", async () => {
		const env = async () =>
			(
				JSON.parse(await vscode.probe<string>("clipboard")) as {
					mcpServers: { "mcp-mem0": { env: Record<string, string> } };
				}
			).mcpServers["mcp-mem0"].env;
		await runCommand(page, "Mem0: Copy MCP Configuration");
		await chooseKeys("Without API keys");
		await told(/Copied.*It contains no API keys: add LLM_API_KEY there/).waitFor();
		assert.equal((await env()).LLM_BASE_URL, server.baseUrl);
		assert.equal((await env()).LLM_API_KEY, undefined);
		await runCommand(page, "Mem0: Copy MCP Configuration");
		await chooseKeys("With API keys, as plain text");
		await notification(/Copied.*It contains your API keys as plain text/).waitFor();
		await dismiss();
		assert.equal((await env()).LLM_API_KEY, key);
	});

	it("imports a proxy, with the path of its URL", async () => {
		await importFile("proxy.env");
		assert.match(await banner().innerText(), /LLM_API_KEY: a key for https:\/\/your-proxy\.com/);
		assert.equal((await panel.effective()).EMBEDDING_BASE_URL, "https://your-proxy.com/openai/v1");
		await panel.save();
		await settled(vscode, "mcpMem0.embedding.model", "text-embedding-3-large");
	});

	it("imports the mixed example, names what does not apply, and shows the rule for embeddings", async () => {
		await importFile("mixed.env");
		const said = await banner().innerText();
		assert.match(said, /For the standalone server only: TRANSPORT\./);
		assert.match(said, /The password in DATABASE_URL is not imported\./);
		assert.doesNotMatch(said, /4712/);
		await panel.frame
			.getByText("Texts go to http://db-server.local:8009/v1, the language model's endpoint")
			.waitFor();
		await panel.frame.getByLabel("Embeddings use").selectOption({ label: "The provider's default endpoint" });
		await panel.frame
			.getByText("Texts go to https://api.openai.com/v1, the provider's own endpoint.")
			.waitFor();
		await panel
			.around("EMBEDDING_API_KEY")
			.getByText(/is not sent there\./)
			.waitFor();
		// Memories of another embedding model are there by now, and the offer to embed them anew covers the button.
		await dismiss();
		await panel.button("Discard").click();
		await panel.frame.getByText("Everything is saved.").waitFor();
		await settled(vscode, "mcpMem0.llm.baseUrl", "https://your-proxy.com/openai/v1");
	});
});
