import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { Page } from "playwright-core";
import { pickRows, quickInput, runCommand, until, type Vscode } from "./support/window.ts";
import { windowFixture } from "./support/windowFixture.ts";

const broken = {
	mcpServers: {
		github: { url: "https://api.githubcopilot.com/mcp/" },
		"mcp-mem0": { command: "node", args: ["/nowhere/mcp-mem0/launcher.mjs"], env: {} },
	},
};

describe("What the Doctor mends of agents' connections, in a real VS Code window", function () {
	this.timeout(120_000);
	let vscode: Vscode;
	let page: Page;
	const file = () => join(vscode.home, ".cursor", "mcp.json");

	windowFixture({}, async (window) => {
		({ vscode, page } = window);
		page.setDefaultTimeout(20_000);
		await mkdir(dirname(file()), { recursive: true });
		await writeFile(file(), `${JSON.stringify(broken, undefined, "\t")}\n`);
	});

	const report = () => page.frameLocator("iframe.webview.ready").frameLocator("iframe#active-frame");

	const title = (text: string) => page.locator(".quick-input-title", { hasText: text });

	it("connects an agent again whose launcher is gone, after the change was seen", async () => {
		await runCommand(page, "Mem0: Run All Diagnostics");
		await report()
			.getByText("/nowhere/mcp-mem0/launcher.mjs is missing.")
			.first()
			.waitFor({ timeout: 90_000 });
		await report().getByRole("link", { name: "Connect Cursor again" }).first().click();
		await title("(1/2)").waitFor();
		await pickRows(page).filter({ hasText: "Cursor" }).filter({ hasText: "out of date" }).waitFor();
		await quickInput(page).press("Enter");
		await title("(2/2)").waitFor();
		await quickInput(page).press("Enter");
		await page.locator(".tab.active", { hasText: "Cursor: mcp.json" }).waitFor();
		await page.locator(".monaco-diff-editor .monaco-editor.focused").waitFor();
		assert.match(await readFile(file(), "utf8"), /nowhere/, "nothing is written yet");
		await page.keyboard.press("Control+Enter");
		await page.locator(".tab.active", { hasText: "SKILL.md" }).waitFor();
		const second = page.locator(".notification-toast", { hasText: "2 of 2" });
		// The diff before it has the focus until it has closed.
		await until(async () => {
			if ((await second.count()) === 0) return true;
			await page.keyboard.press("Control+Backspace");
			return undefined;
		});
		const entry = await until(async () => {
			const { mcpServers } = JSON.parse(await readFile(file(), "utf8")) as typeof broken;
			return mcpServers["mcp-mem0"].args[0]?.includes("nowhere") ? undefined : mcpServers;
		});
		assert.ok(existsSync(entry["mcp-mem0"].args[0] ?? ""), "the launcher is there");
		assert.deepEqual(entry.github, broken.mcpServers.github);
	});

	it("has looked again by then, and finds it well", async () => {
		await runCommand(page, "Mem0: Run All Diagnostics");
		await report()
			.getByText("/nowhere/mcp-mem0/launcher.mjs is missing.")
			.first()
			.waitFor({ state: "detached", timeout: 90_000 });
		await report().getByText("Cursor", { exact: false }).first().waitFor();
		assert.equal(await report().getByRole("link", { name: "Connect Cursor again" }).count(), 0);
	});
});
