import assert from "node:assert/strict";
import { mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { alpha, hundredMemories } from "./support/hundredMemories.ts";
import { pictureFolder } from "./support/pictures.ts";
import { addMemories, windowUser, withStore } from "./support/seedStore.ts";
import { openFile, pickRows, quickInput, runCommand, until, type Vscode } from "./support/window.ts";
import { windowFixture } from "./support/windowFixture.ts";

const year = 365 * 86_400_000;
const inAlpha = {
	"notes.md": "# Notes\n",
	".git/HEAD": "ref: refs/heads/main\n",
	".git/config": '[remote "origin"]\n\turl = https://example.com/team/alpha.git\n',
};

describe("The view of memories, by keyboard alone", function () {
	this.timeout(180_000);
	let vscode: Vscode;
	let page: Page;

	windowFixture({ files: () => inAlpha }, async (window) => {
		({ vscode, page } = window);
		page.setDefaultTimeout(10_000);
		await addMemories(vscode.memoryFolder, [
			...hundredMemories(Date.now()),
			...Array.from({ length: 120 }, (_, n) => ({
				text: `Old note ${n}`,
				project: alpha,
				createdAt: Date.now() - year - n * 60_000,
			})),
		]);
		await runCommand(page, "Mem0: Show Memories");
		await row(/This project.*alpha · \d+/).waitFor();
	});

	const row = (text: string | RegExp) => page.locator(".sidebar .monaco-list-row", { hasText: text }).first();
	const toast = (text: string | RegExp) => page.locator(".notification-toast", { hasText: text }).first();
	const active = () => vscode.probe<string | undefined>("activeText");
	const list = () => page.locator(".sidebar .monaco-list:focus");
	const memories = () =>
		withStore(vscode.memoryFolder, async (store) => {
			const filter = { userId: windowUser, global: true, projects: "all" } as const;
			return (await store.memories.list(filter, 500)).memories;
		});
	const isThere = async (text: string) => (await memories()).some((memory) => memory.text.startsWith(text));
	const indexOf = async (which: string | ReturnType<typeof row>) => {
		const found = typeof which === "string" ? page.locator(which) : which;
		return (await found.count()) > 0 ? Number(await found.getAttribute("data-index")) : undefined;
	};
	/** Page by page from the first row on, then row by row. */
	const goTo = async (text: string | RegExp) => {
		await runCommand(page, "Mem0: Show Memories");
		await list().waitFor();
		await page.keyboard.press("Home");
		await until(async () => {
			const [here, there] = [await indexOf(".sidebar .monaco-list-row.focused"), await indexOf(row(text))];
			if (here !== undefined && here === there) return true;
			if (there === undefined || here === undefined) await page.keyboard.press("PageDown");
			else await page.keyboard.press(there > here ? "ArrowDown" : "ArrowUp");
			return undefined;
		}, 60_000);
	};
	/** The deploy key, and the row below it. */
	const selectTwo = async () => {
		await goTo("This project");
		await page.keyboard.press("Escape");
		await goTo("The deploy key");
		await page.keyboard.press("Control+Shift+Enter");
		await page.keyboard.press("Shift+ArrowDown");
		await page.locator(".sidebar .monaco-list-row.selected").nth(1).waitFor();
	};
	/** In the toast, by keyboard too. */
	const undo = async () => {
		await runCommand(page, "Notifications: Focus Notification Toast");
		const button = toast("Deleted").getByRole("button", { name: "Undo" });
		await until(async () => {
			if (await button.evaluate((element) => element.matches(":focus"))) return true;
			await page.keyboard.press("Tab");
			return undefined;
		});
		await page.keyboard.press("Enter");
	};

	it("opens a memory with Enter, which goes to its document", async () => {
		await goTo("The deploy key");
		await page.keyboard.press("Enter");
		await until(async () => /deploy key for staging/.test((await active()) ?? "") || undefined);
		await page.locator(".editor-instance .monaco-editor.focused").waitFor();
	});

	it("keeps the focus after a click, on a row whose document is open, too", async () => {
		for (const _ of [1, 2]) {
			await row("The deploy key").click();
			await page
				.locator(".sidebar .monaco-list:focus .monaco-list-row.focused", { hasText: "The deploy key" })
				.waitFor();
			// Longer than a double click takes.
			await page.waitForTimeout(1200);
			assert.equal(await list().count(), 1, "the tree has the focus");
		}
		await row("Tests run with mocha").dblclick();
		await page.locator(".editor-instance .monaco-editor.focused").waitFor();
	});

	it("acts on the row with the focus, though another one is selected", async () => {
		await row("Tests run with mocha").click();
		await goTo("Deploys are announced");
		await page.keyboard.press("Delete");
		await toast("Deleted “Deploys are announced").waitFor();
		assert.ok(await isThere("Tests run with mocha"));
		await undo();
		await until(async () => (await isThere("Deploys are announced")) || undefined);
		await row("Deploys are announced").waitFor();
	});

	it("deletes several that are selected, and takes it back", async () => {
		await selectTwo();
		await page.keyboard.press("Delete");
		await toast("Deleted 2 memories").waitFor();
		assert.ok(!(await isThere("The deploy key")));
		await undo();
		await until(async () => (await isThere("The deploy key")) || undefined);
		await row("The deploy key").waitFor();
	});

	it("pins and unpins with the same key", async () => {
		await goTo("The API returns money");
		await page.keyboard.press("Alt+p");
		await row("The API returns money").locator(".codicon-pinned").waitFor();
		await page.keyboard.press("Alt+p");
		await row("The API returns money").locator(".codicon-pinned").waitFor({ state: "detached" });
		const [memory] = (await memories()).filter(({ text }) => text.startsWith("The API returns"));
		assert.ok(!memory?.pinned);
	});

	it("inserts at the cursor of the editor", async () => {
		await openFile(page, "notes.md", "Notes");
		await page.locator(".monaco-editor.focused").waitFor();
		await page.keyboard.press("Control+End");
		await goTo("The API returns money");
		await page.keyboard.press("Control+i");
		await until(
			async () => (await active()) === "# Notes\nThe API returns money as integers in cents" || undefined,
		);
		await runCommand(page, "File: Revert File");
	});

	it("exports what is selected, in a form that can be imported again", async () => {
		await selectTwo();
		await page.keyboard.press("Control+e");
		await page.locator(".quick-input-title", { hasText: "Export 2 memories" }).waitFor();
		await pickRows(page).filter({ hasText: "JSON lines" }).first().waitFor();
		await quickInput(page).press("Enter");
		// Until the folder is listed, what is typed is overwritten by its name.
		await pickRows(page).filter({ hasText: ".git" }).waitFor();
		const input = quickInput(page);
		await input.fill(join(vscode.folder, "two.jsonl"));
		await input.press("Enter");
		await page.locator(".statusbar-item", { hasText: "Exported 2 memories" }).waitFor();
		const lines = (await readFile(join(vscode.folder, "two.jsonl"), "utf8")).trimEnd().split("\n");
		const records = lines.map(
			(line) => JSON.parse(line) as { readonly text: string; readonly project: object },
		);
		assert.equal(records.length, 2);
		assert.match(records[0]?.text ?? "", /^The deploy key/);
		assert.deepEqual(records[0]?.project, alpha);
	});

	it("shows more of a long group, and stays where it was", async () => {
		const [{ count } = { count: 0 }] = await withStore(vscode.memoryFolder, async (store) =>
			(await store.memories.groups(windowUser, "project", 10)).groups.filter(({ key }) => key === alpha.id),
		);
		await goTo(`Show more (${count - 100} left)`);
		await page.keyboard.press("Enter");
		await page
			.locator(".sidebar .monaco-list-row", { hasText: /Show more/ })
			.first()
			.waitFor({ state: "detached" });
		await goTo("Old note 119");
	});

	it("takes what is typed into Save Memory as a draft when Escape leaves it", async () => {
		await goTo("This project");
		await runCommand(page, "Mem0: Save Memory…");
		await page.locator(".quick-input-title", { hasText: "Save memory" }).waitFor();
		await quickInput(page).fill("Half a thought");
		await quickInput(page).press("Escape");
		await runCommand(page, "Mem0: Save Memory…");
		await page.locator(".quick-input-title", { hasText: "Save memory" }).waitFor();
		assert.equal(await quickInput(page).inputValue(), "Half a thought");
		await quickInput(page).press("Escape");
	});

	const sizes = { "320 px": [320, 640], "200 %": [640, 400] } as const;
	for (const [name, [width, height]] of Object.entries(sizes))
		it(`can be read at ${name}, and in a light high contrast`, async () => {
			await vscode.probe("command", { id: "notifications.clearAll" });
			await vscode.probe("setTheme", { theme: "Default High Contrast Light" });
			await page.locator(".monaco-workbench.hc-light").waitFor();
			await goTo("The deploy key");
			await page.setViewportSize({ width, height });
			const label = row("The deploy key").locator(".label-name");
			const box = await label.boundingBox();
			assert.ok(box && box.x >= 0 && box.width > 80 && box.x < width, JSON.stringify(box));
			await mkdir(pictureFolder, { recursive: true });
			await page.screenshot({ animations: "disabled", path: join(pictureFolder, `view-${width}.png`) });
		});
});
