import assert from "node:assert/strict";
import type { Page } from "playwright-core";
import { windowUser, withStore } from "./support/seedStore.ts";
import { openFile, pickRows, quickInput, runCommand, until, type Vscode } from "./support/window.ts";
import { windowFixture } from "./support/windowFixture.ts";

const repository = (name: string) => ({
	[`${name}/notes.md`]: `# Notes of ${name}\n`,
	[`${name}/.git/HEAD`]: "ref: refs/heads/main\n",
	[`${name}/.git/config`]: `[remote "origin"]\n\turl = https://example.com/team/${name}.git\n`,
});

describe("A window with several folders", function () {
	this.timeout(120_000);
	let vscode: Vscode;
	let page: Page;

	windowFixture(
		{
			files: () => ({
				...repository("alpha"),
				...repository("beta"),
				"all.code-workspace": JSON.stringify({ folders: [{ path: "alpha" }, { path: "beta" }] }),
			}),
			opens: "all.code-workspace",
		},
		(window) => {
			({ vscode, page } = window);
			page.setDefaultTimeout(10_000);
		},
	);

	const row = (text: string | RegExp) => page.locator(".sidebar .monaco-list-row", { hasText: text }).first();
	const toast = (text: string) => page.locator(".notification-toast", { hasText: text });
	const projectOf = (text: string) =>
		withStore(vscode.memoryFolder, async (store) => {
			const { memories } = await store.memories.list(
				{ userId: windowUser, global: true, projects: "all" },
				50,
			);
			return memories.find((memory) => memory.text === text)?.project?.id;
		});
	const type = async (text: string) => {
		await runCommand(page, "Mem0: Save Memory…");
		await page.locator(".quick-input-title", { hasText: "Save memory" }).waitFor();
		await quickInput(page).fill(text);
		await quickInput(page).press("Enter");
		await pickRows(page).filter({ hasText: "Everywhere" }).waitFor();
	};
	const openNotes = (folder: string) => openFile(page, `${folder}/notes.md`, `Notes of ${folder}`);

	it("names every folder's project where a save asks, and the save goes where it says", async () => {
		await openNotes("alpha");
		await type("Alpha or beta");
		const offered = await pickRows(page).allInnerTexts();
		assert.equal(offered.length, 3, offered.join("\n"));
		await pickRows(page).filter({ hasText: "This project: alpha" }).waitFor();
		await pickRows(page).filter({ hasText: "Project beta" }).filter({ hasText: "team/beta" }).click();
		await toast("Saved “Alpha or beta” in project beta.").waitFor();
		assert.equal(await projectOf("Alpha or beta"), "example.com/team/beta");
	});

	it("offers the last choice first, after a reload, too", async () => {
		await vscode.reload(page);
		await openNotes("alpha");
		await type("Beta once more");
		await pickRows(page).first().filter({ hasText: "Project beta" }).waitFor();
		await quickInput(page).press("Enter");
		await toast("in project beta").waitFor();
		assert.equal(await projectOf("Beta once more"), "example.com/team/beta");
	});

	it("has the project of the editor's folder as “This project” in the view", async () => {
		await runCommand(page, "Mem0: Show Memories");
		await page.locator(".sidebar .monaco-list:focus .monaco-list-row.focused").waitFor();
		await openNotes("beta");
		await row(/This project.*beta · 2/).waitFor();
		await openNotes("alpha");
		await row(/This project.*alpha · 0/).waitFor();
		await until(async () => ((await row(/Other projects.*2/).count()) > 0 ? true : undefined));
	});
});
