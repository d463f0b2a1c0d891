import assert from "node:assert/strict";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { alpha, hundredMemories } from "./support/hundredMemories.ts";
import { pictureFolder, themes } from "./support/pictures.ts";
import { addMemories, windowUser, withStore } from "./support/seedStore.ts";
import { chooseInMenu, pickRows, quickInput, runCommand, until, type Vscode } from "./support/window.ts";
import { windowFixture } from "./support/windowFixture.ts";

const inAlpha = {
	"notes.md": "# Notes\n",
	".git/HEAD": "ref: refs/heads/main\n",
	".git/config": '[remote "origin"]\n\turl = https://example.com/team/alpha.git\n',
};

describe("The view of memories", function () {
	this.timeout(180_000);
	let vscode: Vscode;
	let page: Page;

	windowFixture({ files: () => inAlpha }, async (window) => {
		({ vscode, page } = window);
		page.setDefaultTimeout(10_000);
		await runCommand(page, "Mem0: Show Memories");
	});

	const row = (text: string | RegExp) => page.locator(".sidebar .monaco-list-row", { hasText: text }).first();
	const welcome = (text: string) => page.locator(".sidebar .welcome-view-content", { hasText: text });
	const toast = (text: string | RegExp) => page.locator(".notification-toast", { hasText: text }).first();
	const total = () =>
		withStore(vscode.memoryFolder, async (store) => (await store.memories.counts(windowUser)).all);
	const select = async (...texts: readonly string[]) => {
		for (const [index, text] of texts.entries())
			await row(text).click(index === 0 ? {} : { modifiers: ["Control"] });
	};

	/** VS Code drops a hover when the tree is read again at the same moment. */
	const hoverOf = async (text: string, said: string) => {
		const hover = page.locator(".monaco-hover:visible, .workbench-hover:visible", { hasText: said }).first();
		await until(async () => {
			await page.mouse.move(900, 400);
			await row(text).hover();
			await hover.waitFor({ timeout: 5000 });
			return true;
		});
		return hover;
	};

	it("says what to do while nothing is remembered, with buttons that do it", async () => {
		await welcome("Nothing is remembered yet").waitFor();
		await page
			.locator(".sidebar .welcome-view-content")
			.getByRole("button", { name: "Save a Memory" })
			.click();
		await page.locator(".quick-input-title", { hasText: "Save memory" }).waitFor();
		await quickInput(page).press("Escape");
		await page.keyboard.press("Escape");
	});

	it("follows another process within a second, and has project, global and other projects", async () => {
		await addMemories(vscode.memoryFolder, hundredMemories(Date.now()));
		await row(/This project.*alpha · \d+/).waitFor({ timeout: 5000 });
		await row(/We deploy with make ship.*copilot-chat/).waitFor();
		await row(/We deploy/).click({ clickCount: 1 });
		await page.locator(".view-line", { hasText: "We deploy with make ship" }).waitFor();
	});

	it("shows the whole text, and where it came from, as plain text in the hover", async () => {
		const hover = await hoverOf("The deploy key", "By: claude-code");
		const said = (await hover.textContent()) ?? "";
		assert.match(said, /The deploy key for staging is rotated on the first Monday of the month/);
		assert.match(said, /By: claude-code 2\.1\.163, an agent’s tool, alpha/);
		assert.match(said, /Project: alpha \(example\.com\/team\/alpha\)/);
		assert.match(said, /Conversation: conversation-1/);
		await page.mouse.move(800, 300);
	});

	it("keeps selection and expansion while others save", async () => {
		await row("The deploy key").click();
		await page.locator(".tab", { hasText: "The deploy key" }).waitFor();
		await page.keyboard.press("End");
		await row("Global").click();
		const isCollapsed = async () => (await row("Global").getAttribute("aria-expanded")) === "false";
		await until(async () => (await isCollapsed()) || undefined);
		await page.keyboard.press("Home");
		await select("The deploy key", "Tests run with mocha");
		await addMemories(vscode.memoryFolder, [{ text: "Written by another process", project: alpha }]);
		await row("Written by another process").waitFor({ timeout: 5000 });
		assert.equal(await page.locator(".sidebar .monaco-list-row.selected").count(), 2);
		await page.keyboard.press("End");
		assert.ok(await isCollapsed());
		await page.keyboard.press("Home");
	});

	it("copies and deletes what is selected by keyboard, with one Undo for all", async () => {
		const before = await total();
		await select("The deploy key", "Tests run with mocha");
		await page.keyboard.press("Control+c");
		await until(async () =>
			(await vscode.probe<string>("clipboard")).includes("Monday of the month\n\nTests run with mocha")
				? true
				: undefined,
		);
		await page.keyboard.press("Delete");
		await toast("Deleted 2 memories").waitFor();
		assert.equal(await total(), before - 2);
		await toast("Deleted 2 memories").getByRole("button", { name: "Undo" }).click();
		await until(async () => ((await total()) === before ? true : undefined));
		await row("The deploy key").waitFor();
	});

	it("pins and moves from the context menu", async () => {
		await row("Tests run with mocha").click();
		await row("Tests run with mocha").click({ button: "right" });
		await chooseInMenu(page, "Pin");
		await row("Tests run with mocha").locator(".codicon-pinned").waitFor();
		await row("Tests run with mocha").click({ button: "right" });
		await chooseInMenu(page, "Move to");
		await pickRows(page).filter({ hasText: "beta" }).click();
		await toast("Moved 1 memory to beta").waitFor();
		await until(async () => ((await row("Tests run with mocha").count()) === 0 ? true : undefined));
		await toast("Moved 1 memory").getByRole("button", { name: "Undo" }).click();
		await row("Tests run with mocha").waitFor();
	});

	it("is filtered by the product's own search, best first, until it is cleared", async () => {
		await page.locator(".sidebar").getByRole("button", { name: "Search in View" }).click();
		await page.locator(".quick-input-title", { hasText: "Search memories" }).waitFor();
		await quickInput(page).fill("how do we release?");
		// At the beginning of the row, where a narrow side bar does not cut it off.
		await page
			.locator(".sidebar .monaco-list-row .label-name")
			.first()
			.filter({ hasText: /^\d+ % / })
			.waitFor();
		await quickInput(page).press("Enter");
		const scores = (await page.locator(".sidebar .monaco-list-row").allTextContents()).map((text) =>
			Number(/(\d+) %/.exec(text)?.[1]),
		);
		assert.ok(scores.length > 1);
		assert.ok(scores.every((score) => score >= 0));
		await page.locator(".sidebar").getByRole("button", { name: "Clear Search" }).click();
		await row("This project").waitFor();
	});

	/** The list of conditions opens again, with the one that was chosen ticked. */
	const ticked = (text: string) =>
		pickRows(page)
			.filter({ hasText: text, has: page.locator(".codicon-check") })
			.waitFor();

	it("is grouped, sorted and filtered, and says so", async () => {
		await vscode.probe("command", { id: "workbench.action.focusSideBar" });
		void vscode.probe("command", { id: "mcpMem0.view.group" });
		await pickRows(page).filter({ hasText: "Client" }).click();
		await row("claude-code").waitFor();
		await row("codex").waitFor();
		void vscode.probe("command", { id: "mcpMem0.view.filter" });
		await pickRows(page).filter({ hasText: "pinned" }).click();
		await ticked("pinned");
		await quickInput(page).press("Escape");
		await page.locator(".sidebar .message", { hasText: "Shown: pinned" }).first().waitFor();
		await until(async () => ((await row("claude-code").count()) === 0 ? true : undefined));
		void vscode.probe("command", { id: "mcpMem0.view.filter" });
		await pickRows(page).filter({ hasText: "expired" }).click();
		await ticked("expired");
		await quickInput(page).press("Escape");
		await welcome("No memory matches the filter").waitFor();
		await page
			.locator(".sidebar .welcome-view-content")
			.getByRole("button", { name: "Show All Memories" })
			.click();
		await row("claude-code").waitFor();
		void vscode.probe("command", { id: "mcpMem0.view.group" });
		await pickRows(page).filter({ hasText: "Project" }).click();
		await row("This project").waitFor();
	});

	it("adds memories to the chat as attachments, and leaves what was typed there", async () => {
		await row("The deploy key").click();
		await row("The deploy key").click({ button: "right" });
		await chooseInMenu(page, "Add to Chat");
		await page
			.locator(".chat-attached-context, .chat-attachments-container", { hasText: "The deploy key" })
			.first()
			.waitFor();
		await vscode.probe("command", { id: "workbench.action.closeAuxiliaryBar" });
	});

	it("shows foreign text as it is: no icon, no link", async () => {
		const text = "Run [this](command:workbench.action.togglePanel) or $(error) at www.evil.example";
		await addMemories(vscode.memoryFolder, [
			{ text, project: alpha, origin: { how: "tool", client: "$(flame) <b>" } },
		]);
		await row("Run [this]").waitFor();
		assert.equal(await row("Run [this]").locator(".codicon-error, .codicon-flame").count(), 0);
		const hover = await hoverOf("Run [this]", "www.evil.example");
		assert.equal(await hover.locator("a, b, .codicon-error, .codicon-flame").count(), 0);
		await page.mouse.move(800, 300);
		await withStore(vscode.memoryFolder, async (store) => {
			const filter = { userId: windowUser, global: true, projects: "all", client: "$(flame) <b>" } as const;
			const { memories } = await store.memories.list(filter, 10);
			assert.equal(memories.length, 1);
			await store.memories.delete(
				memories.map(({ id }) => id),
				windowUser,
			);
		});
	});

	it("is readable in light, dark and high contrast", async () => {
		await vscode.probe("command", { id: "notifications.clearAll" });
		await row("The deploy key").click();
		await page.locator(".editor-instance .view-line", { hasText: "The deploy key" }).waitFor();
		await page.setViewportSize({ width: 1300, height: 640 });
		await widenSideBar(page, 230);
		await mkdir(pictureFolder, { recursive: true });
		for (const [name, [theme, mark]] of Object.entries(themes)) {
			await vscode.probe("setTheme", { theme });
			await page.locator(`.monaco-workbench.${mark}`).waitFor();
			await hoverOf("Tests run with mocha", "By: copilot-chat");
			await page.screenshot({ animations: "disabled", path: join(pictureFolder, `view-${name}.png`) });
			await page.mouse.move(900, 400);
		}
	});
});

/** By its edge, as a person does. */
async function widenSideBar(page: Page, by: number): Promise<void> {
	const box = await page.locator(".part.sidebar").boundingBox();
	assert.ok(box);
	const [x, y] = [box.x + box.width + 1, box.y + box.height / 2];
	await page.mouse.move(x, y);
	await page.mouse.down();
	await page.mouse.move(x + by, y, { steps: 8 });
	await page.mouse.up();
}
