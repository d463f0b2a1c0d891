import assert from "node:assert/strict";
import type { Page } from "playwright-core";
import {
	chooseInMenu,
	openFile,
	pickRows,
	quickInput,
	runCommand,
	until,
	type Vscode,
} from "./support/window.ts";
import { windowFixture } from "./support/windowFixture.ts";

const notes = `# Notes

We deploy with make ship only.
`;

const alpha = { id: "example.com/team/alpha", name: "alpha" };

describe("MCP Mem0 in a real VS Code window", function () {
	this.timeout(180_000);
	let vscode: Vscode;
	let page: Page;

	windowFixture(
		{
			files: () => ({
				"notes.md": notes,
				".git/HEAD": "ref: refs/heads/main\n",
				".git/config": '[remote "origin"]\n\turl = https://someone:password@example.com/team/alpha.git\n',
			}),
			memories: [
				{ text: "Ada prefers tabs over spaces and short answers" },
				{ text: "Tests of alpha run with mocha, never with jest", scope: "project", project: alpha },
			],
			chat: true,
		},
		(window) => {
			({ vscode, page } = window);
		},
	);

	const status = () => page.locator(".statusbar-item", { hasText: "Mem0" });
	const count = async () => Number(/Mem0: (\d+)/.exec((await status().textContent()) ?? "")?.[1]);
	const counts = (number: number) =>
		status()
			.filter({ hasText: `Mem0: ${number}` })
			.waitFor();
	const notification = (text: string | RegExp) => page.locator(".notification-toast", { hasText: text });
	/** Rows with a score are results; those without are the newest memories, which go when the results come. */
	const search = async (query: string) => {
		await runCommand(page, "Mem0: Search Memories");
		await page.locator(".quick-input-title", { hasText: "Search memories" }).waitFor();
		await quickInput(page).fill(query);
	};
	const save = async (text: string, where: "Everywhere" | "This project") => {
		await runCommand(page, "Mem0: Save Memory…");
		await page.locator(".quick-input-title", { hasText: "Save memory" }).waitFor();
		await quickInput(page).fill(text);
		await quickInput(page).press("Enter");
		await pickRows(page).filter({ hasText: where }).click();
		await notification(/Saved “/).waitFor();
		await dismiss(page);
	};

	it("shows the number of memories in the status bar, in words for a screen reader", async () => {
		await counts(2);
		assert.match(
			(await status().locator("a").getAttribute("aria-label")) ?? "",
			/on this machine only: 2 memories\. Show menu/,
		);
	});

	it("saves what is typed, globally or for the project, and counts it", async () => {
		const before = await count();
		await save("Grace answers mail on Mondays", "Everywhere");
		await save("Alpha's pages are written in Danish", "This project");
		await counts(before + 2);
	});

	it("tells while one types what cannot be saved", async () => {
		await runCommand(page, "Mem0: Save Memory…");
		await page.locator(".quick-input-title", { hasText: "Save memory" }).waitFor();
		await quickInput(page).fill("   ");
		await page.getByText("The text is empty. Give the fact to remember").waitFor();
		await quickInput(page).fill("");
		await quickInput(page).press("Escape");
	});

	it("saves a selection from the editor's context menu", async () => {
		await openFile(page, "notes.md", "# Notes");
		const before = await count();
		const line = page.locator(".view-line", { hasText: "make ship" });
		await line.click();
		await page.keyboard.press("Home");
		await page.keyboard.press("Shift+End");
		await line.click({ button: "right", position: { x: 60, y: 8 } });
		await chooseInMenu(page, "Save Selection as Memory");
		await pickRows(page).filter({ hasText: "This project" }).click();
		await notification("We deploy with make ship").waitFor();
		await dismiss(page);
		await counts(before + 1);
	});

	it("searches as one types, with score, scope and age", async () => {
		await search("tabs or spaces");
		const first = pickRows(page).first();
		await first.filter({ hasText: /tabs over spaces.*\d+ % · global · (just now|\d+ min)/ }).waitFor();
		await quickInput(page).fill("which test runner");
		await first.filter({ hasText: /mocha.*\d+ % · alpha · / }).waitFor();
		await quickInput(page).fill("量子力学");
		await pickRows(page).first().filter({ hasText: "Search every project" }).waitFor();
		await quickInput(page).press("Escape");
	});

	it("copies a memory", async () => {
		await search("tabs or spaces");
		const row = pickRows(page).filter({ hasText: /tabs over spaces.*\d+ %/ });
		await row.hover();
		await row.getByRole("button", { name: "Copy" }).click();
		await until(async () =>
			(await vscode.probe("clipboard")) === "Ada prefers tabs over spaces and short answers"
				? true
				: undefined,
		);
	});

	it("deletes a memory, and brings it back with Undo", async () => {
		const before = await count();
		await search("tabs or spaces");
		const row = pickRows(page).filter({ hasText: /tabs over spaces.*\d+ %/ });
		await row.hover();
		await row.getByRole("button", { name: "Delete" }).click();
		await counts(before - 1);
		await quickInput(page).press("Escape");
		await notification("Deleted “Ada prefers tabs").getByRole("button", { name: "Undo" }).click();
		await counts(before);
		await search("tabs or spaces");
		await pickRows(page)
			.first()
			.filter({ hasText: /tabs over spaces.*\d+ %/ })
			.waitFor();
		await quickInput(page).press("Escape");
	});

	it("hands other clients a configuration that runs the server on the same memory", async () => {
		const before = await count();
		await runCommand(page, "Mem0: Copy MCP Configuration");
		await page.locator(".statusbar-item", { hasText: "Copied for another client" }).waitFor();
		const copied = JSON.parse(await vscode.probe<string>("clipboard")) as {
			mcpServers: { "mcp-mem0": { command: string; args: string[]; env: Record<string, string> } };
		};
		const { command, args, env } = copied.mcpServers["mcp-mem0"];
		assert.equal(command, "node");
		const { StdioClientTransport } = await import("@modelcontextprotocol/sdk/client/stdio.js");
		const { Client } = await import("@modelcontextprotocol/sdk/client/index.js");
		const client = new Client({ name: "other", version: "1" });
		await client.connect(
			new StdioClientTransport({
				command: process.execPath,
				args,
				env,
				cwd: vscode.folder,
				stderr: "ignore",
			}),
		);
		const result = await client.callTool({ name: "search_memories", arguments: { query: "tabs or spaces" } });
		assert.match(JSON.stringify(result), /Ada prefers tabs/);
		await client.callTool({ name: "save_memory", arguments: { text: "Written by another client" } });
		await client.close();
		await counts(before + 1);
	});

	it("shows its log, which says nothing of what is remembered", async () => {
		await runCommand(page, "Mem0: Show Log");
		const log = page.locator(".part.panel .view-lines");
		await log.filter({ hasText: /\[info\]/ }).waitFor();
		assert.doesNotMatch((await log.textContent()) ?? "", /tabs over spaces|make ship/);
		await runCommand(page, "View: Toggle Panel Visibility");
	});

	it("serves Copilot and agents, and does so again after the window is reloaded", async () => {
		const found = async () =>
			vscode.probe<string>("invoke", { tool: "search_memories", input: { query: "test runner of alpha" } });
		await vscode.startMcpServer();
		assert.match(await found(), /mocha/);
		const before = await count();
		await vscode.reload(page);
		await counts(before);
		await vscode.startMcpServer();
		assert.match(await found(), /mocha/);
		await approved(
			page,
			vscode.probe("invoke", { tool: "save_memory", input: { text: "Saved after a reload" } }),
		);
		await counts(before + 1);
	});

	it("leaves no bearer token in the browser's storage", async () => {
		const stored = await page.evaluate<string>(everythingStored);
		assert.match(
			stored,
			/Mem0/,
			"VS Code keeps the server's definition there; else this looked in the wrong place",
		);
		assert.doesNotMatch(stored, /Bearer\s+[\w-]{20,}/);
	});

	it("says what is wrong with its folder, loses no text, and goes on when it is mended", async () => {
		const before = await count();
		await vscode.probe("setMemoryFolder", { path: `${vscode.folder}/notes.md/memory` });
		await page.locator(".statusbar-item.error-kind", { hasText: "Mem0: unavailable" }).waitFor();
		await search("anything");
		await pickRows(page)
			.first()
			.filter({ hasText: /cannot be searched.*mcpMem0\.storage\.directory/ })
			.waitFor();
		await quickInput(page).press("Escape");

		await runCommand(page, "Mem0: Save Memory…");
		await page.locator(".quick-input-title", { hasText: "Save memory" }).waitFor();
		await quickInput(page).fill("Typed while the folder was broken");
		await quickInput(page).press("Enter");
		await pickRows(page).filter({ hasText: "Everywhere" }).click();
		await notification("cannot be used").first().waitFor();
		await vscode.probe("setMemoryFolder", { path: vscode.memoryFolder });
		await counts(before);
		await notification("cannot be used").getByRole("button", { name: "Try Again" }).click();
		await notification("Saved “Typed while").waitFor();
		await dismiss(page);
		await counts(before + 1);
	});

	it("shows a second window the same memories, and what it saves", async () => {
		const before = await count();
		const second = await vscode.open(page.context());
		await second.locator(".statusbar-item", { hasText: `Mem0: ${before}` }).waitFor();
		await vscode.startMcpServer();
		await approved(
			second,
			vscode.probe("invoke", { tool: "save_memory", input: { text: "Said in the second window" } }),
		);
		await counts(before + 1);
		await second.close();
	});
});

/** Runs in the browser: all that the page has stored, as text. */
const everythingStored = `(async () => {
	const settled = (request) => new Promise((resolve, reject) => {
		request.onsuccess = () => resolve(request.result);
		request.onerror = () => reject(request.error);
	});
	const parts = [JSON.stringify({ ...localStorage }), JSON.stringify({ ...sessionStorage })];
	for (const { name } of await indexedDB.databases()) {
		const database = await settled(indexedDB.open(name));
		for (const store of database.objectStoreNames) {
			const values = await settled(database.transaction(store).objectStore(store).getAll());
			for (const value of values) parts.push(value instanceof Uint8Array ? new TextDecoder().decode(value) : JSON.stringify(value) ?? "");
		}
	}
	return parts.join(" ");
})()`;

/** VS Code asks before a tool runs that does not only read. */
async function approved<T>(page: Page, running: Promise<T>): Promise<T> {
	await page
		.locator(".monaco-dialog-box", { hasText: "Run Save memory" })
		.getByRole("button", { name: "Yes" })
		.click();
	return running;
}

async function dismiss(page: Page): Promise<void> {
	await runCommand(page, "Notifications: Clear All Notifications");
}
