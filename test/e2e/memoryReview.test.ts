import assert from "node:assert/strict";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { Page } from "playwright-core";
import type { NewCandidate } from "../../src/store/candidates.ts";
import { alpha } from "./support/hundredMemories.ts";
import { pictureFolder, themes } from "./support/pictures.ts";
import { addMemories, windowUser, withStore } from "./support/seedStore.ts";
import { pickRows, runCommand, until, type Vscode } from "./support/window.ts";
import { windowFixture } from "./support/windowFixture.ts";

const day = 86_400_000;
const captured = (text: string): NewCandidate => ({
	kind: "capture",
	key: text,
	text,
	userId: windowUser,
	scope: "global",
	createdAt: Date.now() - day,
	origin: { how: "capture", client: "claude-code" },
	excerpt: `user: please note: ${text}`,
	why: "The user said it twice.",
});

describe("The review queue", function () {
	this.timeout(120_000);
	let vscode: Vscode;
	let page: Page;

	windowFixture({}, async (window) => {
		({ vscode, page } = window);
		page.setDefaultTimeout(10_000);
		await addMemories(vscode.memoryFolder, [
			{ text: "Ada prefers tabs over spaces", createdAt: Date.now() - 9 * day },
			{ text: "The project uses tabs for indentation", createdAt: Date.now() - 300 * day },
			{ text: "The project uses spaces for indentation", createdAt: Date.now() - 2 * day },
			{ text: "We deploy with make ship, from the main branch only", project: alpha },
			{ text: "We deploy from the main branch only, with make ship", project: alpha },
		]);
		await withStore(vscode.memoryFolder, (store) =>
			store.candidates.add(
				[
					"Ada reads mail on Mondays",
					"Grace owns the release",
					"Lunch was good today",
					"Ada really likes tabs",
					"Deploys are announced",
				].map(captured),
			),
		);
		await runCommand(page, "Mem0: Show Memories");
		await row("Waiting for review").waitFor();
	});

	const row = (text: string | RegExp) => page.locator(".sidebar .monaco-list-row", { hasText: text }).first();
	const line = (text: string) => page.locator(".editor-instance .view-line", { hasText: text }).first();
	const toast = (text: string | RegExp) => page.locator(".notification-toast", { hasText: text }).first();
	const waiting = () => withStore(vscode.memoryFolder, (store) => store.candidates.count(windowUser));
	const texts = () =>
		withStore(vscode.memoryFolder, async (store) =>
			(await store.memories.list({ userId: windowUser, global: true, projects: "all" }, 50)).memories.map(
				({ text }) => text,
			),
		);
	/** The rows move until the tree has been read again. */
	const comes = async (count: number) => {
		await until(async () => ((await waiting()) === count ? true : undefined));
		await row(`Waiting for review${count}`).waitFor();
	};

	it("has the keyboard in the view when it opens, on what waits", async () => {
		await page
			.locator(".sidebar .monaco-list:focus .monaco-list-row.focused", { hasText: "Waiting" })
			.waitFor();
	});

	it("says on the icon how many wait, and nothing of it is found", async () => {
		await page
			.locator('.activitybar .action-item:has([aria-label*="Mem0"]) .badge-content', { hasText: "5" })
			.waitFor();
		const found = await vscode.probe<string>("command", { id: "mcpMem0.showMemories" }).then(texts);
		assert.ok(!found.includes("Grace owns the release"));
	});

	it("shows the passage and the reason", async () => {
		await row("Ada reads mail").click();
		await line("Why: The user said it twice").waitFor();
		await line("user: please note: Ada reads mail on Mondays").waitFor();
	});

	it("accepts and rejects by keyboard, several at once, and takes it back", async () => {
		await row("Ada reads mail").click();
		await row("Grace owns").click({ modifiers: ["Control"] });
		await page.keyboard.press("Control+Enter");
		await toast("Accepted 2").waitFor();
		assert.ok((await texts()).includes("Grace owns the release"));
		await comes(3);
		await toast("Accepted 2").getByRole("button", { name: "Undo" }).click();
		await comes(5);
		assert.ok(!(await texts()).includes("Grace owns the release"));
		await row("Lunch was good").click();
		await page.keyboard.press("Delete");
		await toast("Rejected “Lunch was good today”").waitFor();
		await comes(4);
	});

	it("lets one be edited before it becomes a memory", async () => {
		await row("Grace owns").click();
		await page.keyboard.press("F2");
		await line("pinned: false").waitFor();
		await page.keyboard.type(" of this quarter");
		await page.keyboard.press("Control+s");
		await until(async () =>
			(await texts()).includes("Grace owns the release of this quarter") ? true : undefined,
		);
		await comes(3);
	});

	it("merges one into a memory that says something similar", async () => {
		await row("Ada really likes").click();
		await page.keyboard.press("Alt+Enter");
		await pickRows(page).filter({ hasText: "Ada prefers tabs" }).click();
		await toast("Merged into").waitFor();
		assert.ok((await texts()).includes("Ada prefers tabs over spaces\nAda really likes tabs"));
		await comes(2);
	});

	it("gets proposals to tidy up, shown side by side with the reason, and does nothing by itself", async () => {
		const before = await texts();
		await runCommand(page, "Mem0: Tidy Up Memories…");
		await toast(/Proposals that wait for your review: 2/).waitFor();
		assert.deepEqual(await texts(), before);
		await row("contradicts an older one").click();
		await page.locator(".monaco-diff-editor .original .view-line", { hasText: "uses tabs" }).waitFor();
		await page.locator(".monaco-diff-editor .modified .view-line", { hasText: "uses spaces" }).waitFor();
		await page.locator(".tab", { hasText: "says otherwise" }).waitFor();
		await mkdir(pictureFolder, { recursive: true });
		await page.setViewportSize({ width: 1400, height: 520 });
		await vscode.probe("command", { id: "notifications.clearAll" });
		for (const [name, [theme, mark]] of Object.entries(themes)) {
			await vscode.probe("setTheme", { theme });
			await page.locator(`.monaco-workbench.${mark}`).waitFor();
			await page.screenshot({ animations: "disabled", path: join(pictureFolder, `review-${name}.png`) });
		}
		await row("contradicts").click();
		await page.keyboard.press("Control+Enter");
		await until(async () =>
			(await texts()).includes("The project uses tabs for indentation") ? undefined : true,
		);
		await comes(3);
	});
});
