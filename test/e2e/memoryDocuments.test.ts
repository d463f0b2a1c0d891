import assert from "node:assert/strict";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { Page } from "playwright-core";
import type { StoredMemory } from "../../src/store/types.ts";
import { alpha } from "./support/hundredMemories.ts";
import { pictureFolder, themes } from "./support/pictures.ts";
import { addMemories, windowUser, withStore } from "./support/seedStore.ts";
import { pickRows, quickInput, runCommand, until, type Vscode } from "./support/window.ts";
import { windowFixture } from "./support/windowFixture.ts";

describe("A memory as a document", function () {
	this.timeout(120_000);
	let vscode: Vscode;
	let page: Page;
	let deploys: StoredMemory;

	windowFixture({}, async (window) => {
		({ vscode, page } = window);
		page.setDefaultTimeout(10_000);
		[deploys] = (await addMemories(vscode.memoryFolder, [
			{
				text: "We deploy with make ship",
				createdAt: Date.now() - 86_400_000,
				origin: { how: "tool", client: "codex" },
			},
			{ text: "Beta is written in Go", project: alpha },
		])) as [StoredMemory];
		await runCommand(page, "Mem0: Show Memories");
		await row("We deploy").waitFor();
	});

	const row = (text: string | RegExp) => page.locator(".sidebar .monaco-list-row", { hasText: text }).first();
	const line = (text: string) => page.locator(".editor-instance .view-line", { hasText: text }).first();
	const toast = (text: string | RegExp) => page.locator(".notification-toast", { hasText: text }).first();
	const stored = () =>
		withStore(vscode.memoryFolder, async (store) => {
			const memory = await store.memories.get(deploys.id, windowUser);
			assert.ok(memory);
			return memory;
		});
	const changed = (text: string) =>
		withStore(vscode.memoryFolder, (store) => store.memories.change(windowUser, [{ id: deploys.id, text }]));
	const command = (id: string, ...args: readonly unknown[]) => vscode.probe("command", { id, args });
	/** Writes the whole document anew. */
	const type = async (text: string) => {
		await line("scope").click();
		await page.keyboard.press("Control+a");
		await page.keyboard.insertText(text);
	};
	const save = () => page.keyboard.press("Control+s");

	it("opens with its scope, pin and expiry above the text", async () => {
		await row("We deploy").click();
		for (const text of ["scope: global", "pinned: false", "expires: never", "We deploy with make ship"])
			await line(text).waitFor();
	});

	it("updates the memory when it is saved", async () => {
		await type(
			"---\nscope: project\nproject: alpha\npinned: true\nexpires: 2037-01-31\nmetadata: { ticket: OPS-12 }\n---\n\nWe deploy with make release",
		);
		await save();
		await until(async () => ((await stored()).text === "We deploy with make release" ? true : undefined));
		const { project, pinned, expiresAt, metadata } = await stored();
		assert.deepEqual([project, pinned, metadata], [alpha, true, { ticket: "OPS-12" }]);
		assert.equal(expiresAt, Date.parse("2037-01-31T23:59:59.999Z"));
	});

	it("marks what is wrong at its line, and does not save it", async () => {
		await type("---\nscope: global\npinned: perhaps\n---\n\nAnother text");
		await until(async () => {
			const problems = await vscode.probe<{ line: number; message: string }[]>("diagnostics", {
				scheme: "mem0",
			});
			return (
				problems.some((problem) => problem.line === 2 && /true or false/.test(problem.message)) || undefined
			);
		});
		await save();
		await toast("pinned is true or false, not “perhaps”").waitFor();
		assert.equal((await stored()).text, "We deploy with make release");
		await command("workbench.action.files.revert");
		await line("make release").waitFor();
	});

	it("shows a change of another process", async () => {
		await changed("We deploy with make publish");
		await line("We deploy with make publish").waitFor();
	});

	it("meets such a change with VS Code's own conflict, also of the same length", async () => {
		await type("---\nscope: global\n---\n\nWe deploy by hand");
		await changed("We deploy with make PUBLISH");
		await save();
		await toast("The content of the file is newer").waitFor();
		assert.equal((await stored()).text, "We deploy with make PUBLISH");
		await command("notifications.clearAll");
		await command("workbench.action.files.revert");
		await line("make PUBLISH").waitFor();
	});

	it("shows any two versions in a diff, and restores one", async () => {
		void runCommand(page, "Mem0: Show History");
		await page.locator(".quick-input-title", { hasText: "Show history" }).waitFor();
		await pickRows(page).filter({ hasText: "version 1" }).click();
		await page.locator(".quick-input-widget").getByRole("button", { name: "OK" }).click();
		await page.locator(".monaco-diff-editor .original .view-line", { hasText: "make ship" }).waitFor();
		await page.locator(".monaco-diff-editor .modified .view-line", { hasText: "make PUBLISH" }).waitFor();
		await mkdir(pictureFolder, { recursive: true });
		await page.setViewportSize({ width: 1300, height: 420 });
		for (const [name, [theme, mark]] of Object.entries(themes)) {
			await vscode.probe("setTheme", { theme });
			await page.locator(`.monaco-workbench.${mark}`).waitFor();
			await page.screenshot({ animations: "disabled", path: join(pictureFolder, `history-${name}.png`) });
		}
		await page.setViewportSize({ width: 1100, height: 700 });
		await page.getByRole("button", { name: "Restore This Version" }).click();
		await until(async () => ((await stored()).text === "We deploy with make ship" ? true : undefined));
		await toast("Restored version 1").getByRole("button", { name: "Undo" }).click();
		await until(async () => ((await stored()).text === "We deploy with make PUBLISH" ? true : undefined));
		await command("workbench.action.closeAllEditors");
	});

	it("is new until its first save makes a memory of it", async () => {
		await runCommand(page, "Mem0: New Memory in Editor");
		await line("scope: global").waitFor();
		await page.keyboard.insertText("A long text\n\nof several lines");
		await save();
		await page.locator(".tab", { hasText: "A long text of several lines.md" }).waitFor();
		await until(async () =>
			(await page.locator(".tab", { hasText: "New memory" }).count()) === 0 ? true : undefined,
		);
		const found = await withStore(vscode.memoryFolder, (store) =>
			store.memories.list({ userId: windowUser, global: true, projects: [] }, 1),
		);
		assert.equal(found.memories[0]?.text, "A long text\n\nof several lines");
		await command("workbench.action.closeAllEditors");
	});

	it("is no memory when VS Code saves it by itself, and is not lost then", async () => {
		await vscode.probe("setSettings", {
			settings: { "files.autoSave": "afterDelay", "files.autoSaveDelay": 100 },
		});
		await runCommand(page, "Mem0: New Memory in Editor");
		await line("scope: global").waitFor();
		await page.keyboard.insertText("Half a sent");
		await page.locator(".tab:not(.dirty)", { hasText: "New memory" }).waitFor();
		await command("workbench.action.closeAllEditors");
		await vscode.probe("setSettings", { settings: { "files.autoSave": "off", "files.autoSaveDelay": null } });
		const texts = await withStore(vscode.memoryFolder, async (store) =>
			(await store.memories.list({ userId: windowUser, global: true, projects: "all" }, 50)).memories.map(
				({ text }) => text,
			),
		);
		assert.ok(!texts.some((text) => text.includes("Half")));
		await runCommand(page, "Mem0: New Memory in Editor");
		await line("Half a sent").waitFor();
		await page.keyboard.insertText("ence is no memory");
		await save();
		await page.locator(".tab", { hasText: "Half a sentence is no memory.md" }).waitFor();
		await command("workbench.action.closeAllEditors");
	});

	it("says where a memory came from", async () => {
		await row("A long text").click();
		await line("of several lines").waitFor();
		await runCommand(page, "Mem0: Where From");
		await line(", a command in VS Code").waitFor();
	});

	it("is what the palette's commands are about, whatever is selected in the view", async () => {
		await row("A long text").click();
		// Not the document that tells where it came from, which has its lines, too.
		await line("scope: global").waitFor();
		await command("mcpMem0.memory.open", { kind: "memory", memory: deploys });
		await line("We deploy with").click();
		await runCommand(page, "Mem0: Delete");
		await toast("Deleted “We deploy").getByRole("button", { name: "Undo" }).click();
		await until(async () => ((await stored()).text === "We deploy with make PUBLISH" ? true : undefined));
	});

	it("keeps what is typed when the memory is deleted meanwhile, and takes it when it is restored", async () => {
		await line("We deploy with").click();
		await page.keyboard.press("End");
		await page.keyboard.type(" at once");
		await withStore(vscode.memoryFolder, (store) => store.memories.delete([deploys.id], windowUser));
		const struck = page.locator(".tab .strikethrough", { hasText: "We deploy" });
		await struck.waitFor();
		await save();
		await toast(/The memory was deleted\. Restore it under “Recently deleted”/).waitFor();
		await command("notifications.clearAll");
		await withStore(vscode.memoryFolder, (store) => store.memories.restore([deploys.id], windowUser));
		await struck.waitFor({ state: "detached" });
		await save();
		await until(async () =>
			(await stored()).text === "We deploy with make PUBLISH at once" ? true : undefined,
		);
	});

	it("takes no bytes of another extension that are no text", async () => {
		const uri = `mem0:/${deploys.id}/memory.md`;
		await assert.rejects(vscode.probe("writeFile", { uri, bytes: "fffe80c328" }), /a text in UTF-8/);
		assert.equal((await stored()).text, "We deploy with make PUBLISH at once");
	});

	it("compares the version on which Enter is pressed, without a tick", async () => {
		void runCommand(page, "Mem0: Show History");
		await page.locator(".quick-input-title", { hasText: "Show history" }).waitFor();
		await quickInput(page).press("ArrowDown");
		await quickInput(page).press("Enter");
		await page.locator(".monaco-diff-editor").waitFor();
	});
});
