import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StdioClientTransport } from "@modelcontextprotocol/sdk/client/stdio.js";
import type { Page } from "playwright-core";
import { pictureFolder, themes } from "./support/pictures.ts";
import { pickRows, quickInput, runCommand, until, type Vscode } from "./support/window.ts";
import { windowFixture } from "./support/windowFixture.ts";

const cursorText = `{
  // Of the whole team
  "mcpServers": {
    "github": {
      "url": "https://api.githubcopilot.com/mcp/"
    }
  }
}
`;
const agentsText = "# Rules\r\n\r\n- Tabs.\r\n";

interface Entry {
	readonly command: string;
	readonly args: string[];
	readonly env: Record<string, string>;
}

/** What an agent is told that starts the server as its configuration says. */
async function statusOf({ command, args, env }: Entry): Promise<Record<string, unknown>> {
	const client = new Client({ name: "test", version: "1" });
	await client.connect(new StdioClientTransport({ command, args, env, stderr: "ignore" }));
	try {
		const { structuredContent } = await client.callTool({ name: "memory_status", arguments: {} });
		return structuredContent as Record<string, unknown>;
	} finally {
		await client.close();
	}
}

describe("Connecting agents in a real VS Code window", function () {
	this.timeout(180_000);
	let vscode: Vscode;
	let page: Page;
	const inHome = (...path: string[]) => join(vscode.home, ...path);
	const cursor = () => inHome(".cursor", "mcp.json");
	const codex = () => inHome(".codex", "config.toml");
	const put = async (file: string, text: string) => {
		await mkdir(dirname(file), { recursive: true });
		await writeFile(file, text);
	};

	windowFixture({ files: () => ({ "AGENTS.md": agentsText }) }, async (window) => {
		({ vscode, page } = window);
		await put(cursor(), cursorText);
		await put(codex(), 'model = "o3"\napproval = = "never"\n');
		await mkdir(inHome(".copilot"));
	});

	const title = (text: string) => page.locator(".quick-input-title", { hasText: text });
	const row = (name: string) => pickRows(page).filter({ hasText: name });
	const toast = (text: string | RegExp) => page.locator(".notification-toast", { hasText: text });
	const tab = (name: string) => page.locator(".tab.active", { hasText: name });
	const inDiff = (text: string) =>
		page.locator(".monaco-diff-editor .editor.modified .view-line", { hasText: text }).first();
	/** Changes the box before an item, by keyboard. */
	const toggle = async (name: string) => {
		const focused = page.locator(".quick-input-list .monaco-list-row.focused", { hasText: name });
		await row(name).first().waitFor({ state: "attached" });
		await until(async () => {
			if ((await focused.count()) > 0) return true;
			await page.keyboard.press("ArrowDown");
			return undefined;
		});
		await page.keyboard.press("Space");
	};
	/** Answers the diff of that title: by Ctrl+Enter that it is to be written, else by Ctrl+Backspace. */
	const answer = async (name: string, write = true) => {
		await tab(name).waitFor();
		await page.locator(".monaco-diff-editor .monaco-editor.focused").waitFor();
		await page.keyboard.press(write ? "Control+Enter" : "Control+Backspace");
	};
	const clear = () => runCommand(page, "Notifications: Clear All Notifications");
	it("lists what is installed, with how it stands, and names the line of a file that it cannot read", async () => {
		await runCommand(page, "Mem0: Connect Agents…");
		await title("Connect agents (1/2)").waitFor();
		await row("Cursor")
			.filter({ hasText: "not connected" })
			.filter({ hasText: "~/.cursor/mcp.json" })
			.waitFor();
		await row("Copilot (Agent Host and CLI)").filter({ hasText: "not connected" }).waitFor();
		await row("Codex").filter({ hasText: "cannot be read" }).filter({ hasText: "line 2" }).waitFor();
		await quickInput(page).press("Escape");
		await title("Connect agents").waitFor({ state: "hidden" });
		assert.equal(await readFile(cursor(), "utf8"), cursorText);
	});

	it("shows each change before it is written, and writes those that are accepted, by keyboard alone", async () => {
		await runCommand(page, "Mem0: Connect Agents…");
		await title("(1/2)").waitFor();
		await row("Cursor").waitFor();
		await quickInput(page).press("Enter");
		await title("(2/2)").waitFor();
		await row("Skill and instructions").filter({ hasText: "Copilot (Agent Host and CLI), Cursor" }).waitFor();
		await quickInput(page).press("Enter");
		await tab("Copilot (Agent Host and CLI): mcp-config.json, a new file").waitFor();
		await inDiff("mcp-mem0").waitFor();
		assert.ok(!existsSync(inHome(".copilot", "mcp-config.json")), "nothing is written yet");
		await answer("Copilot (Agent Host and CLI): mcp-config.json, a new file");
		await tab("Copilot (Agent Host and CLI), instructions: SKILL.md, a new file").waitFor();
		assert.ok(existsSync(inHome(".copilot", "mcp-config.json")));
		await answer("Copilot (Agent Host and CLI), instructions: SKILL.md");
		await answer("mem0.instructions.md", false);
		await toast("4 of 5: Cursor, ~/.cursor/mcp.json").waitFor();
		await answer("Cursor: mcp.json");
		await answer("Cursor, instructions: SKILL.md");
		await toast(/Connected: Copilot \(Agent Host and CLI\), Cursor\. .* 1 change was not written/).waitFor();
		assert.ok(!existsSync(inHome(".copilot", "instructions")), "it was skipped");
		const text = await readFile(cursor(), "utf8");
		assert.ok(text.startsWith(cursorText.slice(0, cursorText.indexOf("\n    }\n  }"))));
		const { mcpServers } = JSON.parse(text.replace(/\/\/.*/, "")) as {
			mcpServers: Record<string, Entry>;
		};
		const own = mcpServers["mcp-mem0"];
		assert.ok(own && existsSync(own.command) && existsSync(own.args[0] ?? ""));
		const settings = await readFile(own.env.MCP_MEM0_ENV_FILE ?? "", "utf8");
		assert.match(settings, new RegExp(`^MEMORY_DIR=.*${vscode.memoryFolder}`, "m"));
		const status = await statusOf(own);
		assert.ok(String(status.database).startsWith(vscode.memoryFolder), "it is the memory of this window");
		await clear();
	});

	it("says of a broken file that it was left alone, and of one that changed while its diff was open", async () => {
		await put(inHome(".gemini", "settings.json"), "{}\n");
		await runCommand(page, "Mem0: Connect Agents…");
		await title("(1/2)").waitFor();
		await row("Gemini CLI").filter({ hasText: "not connected" }).waitFor();
		await toggle("Codex");
		await quickInput(page).press("Enter");
		await title("(2/2)").waitFor();
		await toggle("Skill and instructions");
		await quickInput(page).press("Enter");
		await tab("Gemini CLI: settings.json").waitFor();
		await writeFile(inHome(".gemini", "settings.json"), '{"theme": "dark"}\n');
		await answer("Gemini CLI: settings.json");
		const told = toast(/Codex: .*config\.toml, line 2: not valid TOML/).filter({
			hasText: /Gemini CLI: .*changed while you looked at the change\. It was left alone/,
		});
		await told.waitFor();
		assert.equal(await readFile(inHome(".gemini", "settings.json"), "utf8"), '{"theme": "dark"}\n');
		await clear();
	});

	it("puts hooks in only when asked, for clients that are connected already, too", async () => {
		await runCommand(page, "Mem0: Connect Agents…");
		await title("(1/2)").waitFor();
		await toggle("Gemini CLI");
		await toggle("Cursor");
		await quickInput(page).press("Enter");
		await title("(2/2)").waitFor();
		await row("Hooks").filter({ hasText: "For Cursor" }).waitFor();
		await toggle("Hooks");
		await quickInput(page).press("Enter");
		await answer("Cursor, hooks: hooks.json, a new file");
		await until(async () => existsSync(inHome(".cursor", "hooks.json")) || undefined);
		await clear();
	});

	it("puts a block into a file of the folder only when asked", async () => {
		await runCommand(page, "Mem0: Connect Agents…");
		await title("(1/2)").waitFor();
		await toggle("Gemini CLI");
		await quickInput(page).press("Enter");
		await title("(2/2)").waitFor();
		await toggle("AGENTS.md");
		await quickInput(page).press("Enter");
		await answer("AGENTS.md");
		const file = join(vscode.folder, "AGENTS.md");
		await until(async () => (await readFile(file, "utf8")).includes("<mcp-mem0>") || undefined);
		await clear();
	});

	for (const [name, [theme, mark]] of Object.entries(themes))
		it(`is readable in the ${name} theme`, async () => {
			await put(inHome(".gemini", "settings.json"), cursorText);
			await vscode.probe("setTheme", { theme });
			await vscode.probe("setSettings", { settings: { "diffEditor.wordWrap": "on" } });
			await page.locator(`.monaco-workbench.${mark}`).waitFor();
			await mkdir(pictureFolder, { recursive: true });
			await runCommand(page, "Mem0: Connect Agents…");
			await row("Gemini CLI").waitFor();
			await page.screenshot({
				animations: "disabled",
				path: join(pictureFolder, `connect-choose-${name}.png`),
			});
			await quickInput(page).press("Enter");
			await title("(2/2)").waitFor();
			await page.screenshot({
				animations: "disabled",
				path: join(pictureFolder, `connect-extras-${name}.png`),
			});
			await toggle("Skill and instructions");
			await quickInput(page).press("Enter");
			await tab("Gemini CLI: settings.json").waitFor();
			await inDiff("mcp-mem0").waitFor();
			await toast("1 of 1: Gemini CLI").waitFor();
			await page.screenshot({ animations: "disabled", path: join(pictureFolder, `connect-${name}.png`) });
			// Closing the diff is to skip it.
			await runCommand(page, "View: Close Editor");
			await toast("1 change was not written").waitFor();
			assert.equal(await readFile(inHome(".gemini", "settings.json"), "utf8"), cursorText);
			await clear();
		});

	it("disconnects the same way, and gives the bytes back", async () => {
		await runCommand(page, "Mem0: Disconnect Agents…");
		await title("Disconnect agents").waitFor();
		await row("AGENTS.md").waitFor();
		assert.equal(await row("Gemini CLI").count(), 0);
		for (const name of ["Copilot (Agent", "Cursor", "AGENTS.md"]) await toggle(name);
		await quickInput(page).press("Enter");
		for (const name of [
			"Copilot (Agent Host and CLI): mcp-config.json, to be removed",
			"Copilot (Agent Host and CLI), instructions: SKILL.md, to be removed",
			"Cursor, hooks: hooks.json, to be removed",
			"Cursor: mcp.json",
			"Cursor, instructions: SKILL.md, to be removed",
			"AGENTS.md: AGENTS.md",
		])
			await answer(name);
		await toast(/Disconnected: Copilot \(Agent Host and CLI\), Cursor, AGENTS\.md\./).waitFor();
		assert.equal(await readFile(cursor(), "utf8"), cursorText);
		assert.equal(await readFile(join(vscode.folder, "AGENTS.md"), "utf8"), agentsText);
		assert.deepEqual(
			[existsSync(inHome(".copilot", "skills")), existsSync(inHome(".cursor", "skills"))],
			[false, false],
		);
	});
});

describe("Connecting agents in a folder that is not trusted", function () {
	this.timeout(120_000);
	let page: Page;

	windowFixture(
		{ files: () => ({ "AGENTS.md": agentsText }), workspaceTrust: true },
		async ({ vscode, page: opened }) => {
			page = opened;
			await mkdir(join(vscode.home, ".gemini"));
		},
	);

	it("leaves the folder's files out, and says so", async () => {
		await page
			.locator(".monaco-dialog-box")
			.getByRole("button", { name: /^No,/ })
			.click({ timeout: 5000 })
			.catch(() => undefined);
		await runCommand(page, "Mem0: Connect Agents…");
		await page.locator(".quick-input-title", { hasText: "(1/2)" }).waitFor();
		await pickRows(page).filter({ hasText: "Gemini CLI" }).filter({ hasText: "not connected" }).waitFor();
		const input = quickInput(page);
		assert.match((await input.getAttribute("placeholder")) ?? "", /folder is not trusted/);
		await quickInput(page).press("Enter");
		await page.locator(".quick-input-title", { hasText: "(2/2)" }).waitFor();
		await pickRows(page).filter({ hasText: "Skill and instructions" }).waitFor();
		assert.equal(await pickRows(page).filter({ hasText: "AGENTS.md" }).count(), 0);
	});
});
