import assert from "node:assert/strict";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { runCommand, type Vscode } from "./support/window.ts";
import { windowFixture } from "./support/windowFixture.ts";

describe("What VS Code's own agents get from the extension", function () {
	this.timeout(120_000);
	let vscode: Vscode;
	let page: Page;

	windowFixture({}, async (window) => {
		({ vscode, page } = window);
		await runCommand(page, "Chat: Open Customizations");
	});

	const section = (name: string) =>
		page.locator(".editor-instance .monaco-list-row", { hasText: name }).first();
	const shows = async (name: string, text: string) => {
		await section(name).click();
		await page
			.locator(".editor-instance")
			.getByText(text, { exact: true })
			.locator("visible=true")
			.first()
			.waitFor();
	};

	it("is one server, a skill, instructions, and a plugin with its hooks", async () => {
		await shows("Skills", "mem0-memory");
		await shows("Instructions", "Mem0");
		await shows("MCP Servers", "Mem0");
		assert.match(await section("MCP Servers").innerText(), /1$/);
		await shows("Plugins", "mem0");
		await section("Hooks").click();
		await page
			.locator(".editor-instance")
			.getByText("SessionStart")
			.locator("visible=true")
			.first()
			.waitFor();
	});

	it("is not said twice where Connect Agents has written the same into the home folder", async () => {
		for (const [folder, name] of [
			["instructions", "mem0.instructions.md"],
			["hooks", "mcp-mem0.json"],
		] as const) {
			await mkdir(join(vscode.home, ".copilot", folder), { recursive: true });
			const text =
				folder === "hooks" ? '{"version": 1, "hooks": {}}' : "---\nname: Mem0\napplyTo: '**'\n---\n\nMine.\n";
			await writeFile(join(vscode.home, ".copilot", folder, name), text);
		}
		await vscode.reload(page);
		await runCommand(page, "Chat: Open Customizations");
		await section("Skills").click();
		await page
			.locator(".editor-instance")
			.getByText("mem0-memory", { exact: true })
			.waitFor({ state: "detached" });
		await section("Plugins").click();
		await page.locator(".editor-instance").getByText("No plugins are installed").waitFor();
	});
});
