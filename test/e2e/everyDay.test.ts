import assert from "node:assert/strict";
import type { Page } from "playwright-core";
import { tryMe, tryMeFile } from "../support/vscode/tryMe.ts";
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

const beta = { id: "example.com/team/beta", name: "beta" };

describe("Saving and searching every day, in a real VS Code window", function () {
	this.timeout(180_000);
	let vscode: Vscode;
	let page: Page;

	windowFixture(
		{
			files: () => ({ "try-me.md": tryMeFile }),
			memories: [
				{ text: "coffee" },
				{ text: "Ada drinks her coffee black, without sugar" },
				{ text: "The coffee machine on the third floor is broken" },
				{ text: "Grace prefers tea over coffee in the afternoon" },
				{ text: "Coffee coffee coffee is what the sign at the door of the kitchen says" },
				{ text: "Beta's tests run with ava", scope: "project", project: beta },
			],
		},
		(window) => {
			({ vscode, page } = window);
		},
	);

	const input = () => quickInput(page);
	const title = (text: string) => page.locator(".quick-input-title", { hasText: text });
	const toast = (text: string | RegExp) => page.locator(".notification-toast", { hasText: text });
	const statusBar = (text: string | RegExp) => page.locator(".statusbar-item", { hasText: text });
	const separator = (text: string) => page.locator(".quick-input-list-separator:visible", { hasText: text });
	const active = () => vscode.probe<string | undefined>("activeText");
	const dismiss = () => runCommand(page, "Notifications: Clear All Notifications");
	const startSaving = async () => {
		await runCommand(page, "Mem0: Save Memory…");
		await title("Save memory").waitFor();
	};
	/** An editor that closes takes the focus, and with it the command palette that is opened meanwhile. */
	const closeEditor = async () => {
		const before = await active();
		await runCommand(page, "View: Revert and Close Editor");
		await until(async () => (await active()) !== before || undefined);
	};
	const search = async (query: string) => {
		await runCommand(page, "Mem0: Search Memories");
		await title("Search memories").waitFor();
		await input().fill(query);
	};
	const openTryMe = () => openFile(page, "try-me.md", "make ship");
	/** The line that try-me.md asks to select, by keyboard. */
	const selectLine = async () => {
		await page.keyboard.press("Control+G");
		await input().fill(":5");
		await input().press("Enter");
		await page.locator(".monaco-editor.focused").waitFor();
		await page.keyboard.press("Home");
		await page.keyboard.press("Shift+End");
	};

	it("counts what this window sees, and tells of other projects in words", async () => {
		await statusBar("Mem0: 5").waitFor();
	});

	it("does as try-me.md says", async () => {
		await openTryMe();
		await selectLine();
		await page
			.locator(".view-line", { hasText: "make ship" })
			.click({ button: "right", position: { x: 60, y: 8 } });
		await chooseInMenu(page, "Save Selection as Memory");
		await pickRows(page).filter({ hasText: "Everywhere" }).click();
		await toast(/Saved “We deploy with make ship.*from try-me\.md:5\./).waitFor();
		await dismiss();
		await search(tryMe.question);
		const first = pickRows(page).first();
		await first.filter({ hasText: /make ship.*\d+ % · global · .* · try-me\.md:5/ }).waitFor();
		await page.screenshot({ animations: "disabled", path: "out/everyDay-tryMe.png" });
		await input().press("Escape");
	});

	it("keeps what was typed when the focus moves, and as a draft when it is left with Escape", async () => {
		await openTryMe();
		await startSaving();
		await input().fill("Ada's birthday is in");
		await page.locator(".view-line", { hasText: "make ship" }).click();
		assert.ok(await input().isVisible(), "the focus went elsewhere, and the input stays");
		await input().click();
		await page.keyboard.press("End");
		await page.keyboard.type(" May");
		await input().press("Escape");
		await statusBar("goes on with what you wrote").waitFor();
		await startSaving();
		assert.equal(await input().inputValue(), "Ada's birthday is in May");
		await page.screenshot({ animations: "disabled", path: "out/everyDay-draft.png" });
		await input().press("Enter");
		await title("Save memory").waitFor();
		await pickRows(page).filter({ hasText: "Everywhere" }).waitFor();
		await page.locator(".view-line", { hasText: "make ship" }).click();
		assert.ok(await pickRows(page).filter({ hasText: "Everywhere" }).isVisible());
		await input().click();
		await input().press("Escape");
		await vscode.reload(page);
		await startSaving();
		assert.equal(await input().inputValue(), "Ada's birthday is in May", "after a reload, too");
		await input().press("Enter");
		await pickRows(page).filter({ hasText: "Everywhere" }).click();
		await toast("Saved “Ada's birthday is in May”").waitFor();
		await dismiss();
		await startSaving();
		assert.equal(await input().inputValue(), "");
		await input().press("Escape");
	});

	it("keeps a question that is being typed in the search when the focus moves", async () => {
		await openTryMe();
		await search("How do we rel");
		// Below the list, which lies over the editor's text.
		const box = await page.locator(".monaco-editor[role=code]").first().boundingBox();
		assert.ok(box);
		await page.mouse.click(box.x + box.width / 2, box.y + box.height - 30);
		await page.locator(".monaco-editor.focused").waitFor();
		await input().click();
		await page.keyboard.press("End");
		await page.keyboard.type("ease?");
		assert.equal(await input().inputValue(), "How do we release?");
		await pickRows(page).first().filter({ hasText: "make ship" }).waitFor();
		await input().press("Escape");
		await input().waitFor({ state: "hidden" });
	});

	it("remembers where the last one went, by the name of the project", async () => {
		await startSaving();
		await input().fill("This folder is a sample");
		await input().press("Enter");
		await pickRows(page).filter({ hasText: "This project: workspace" }).click();
		await toast("Saved “This folder is a sample” in project workspace.").waitFor();
		await dismiss();
		await startSaving();
		await input().fill("It will be deleted");
		await input().press("Enter");
		await pickRows(page).first().filter({ hasText: "This project: workspace" }).waitFor();
		await input().press("Enter");
		await toast("in project workspace").waitFor();
		await dismiss();
	});

	it("goes on in an editor with Shift+Enter, and with several lines that are pasted", async () => {
		await startSaving();
		await input().fill("The first line");
		await input().press("Shift+Enter");
		// The document ends with a line break of its own.
		await until(async () => /The first line\n\n/.test((await active()) ?? "") || undefined);
		await page.keyboard.type("The second line");
		await until(async () => /The first line\nThe second line/.test((await active()) ?? "") || undefined);
		await page.screenshot({ animations: "disabled", path: "out/everyDay-lines.png" });
		await closeEditor();
		await startSaving();
		assert.equal(await input().inputValue(), "");
		await page.evaluate<void>(
			`navigator.clipboard.writeText(${JSON.stringify("one of the lines\nanother line\nthe last")})`,
		);
		await page.keyboard.press("Control+V");
		await until(
			async () => /one of the lines\nanother line\nthe last/.test((await active()) ?? "") || undefined,
		);
		await closeEditor();
	});

	it("shows results in the ranking's order, though the query stands in their labels", async () => {
		for (const query of ["coffee", "coffee machine", "the coffee"]) {
			await search(query);
			await pickRows(page)
				.filter({ hasText: /coffee.*\d+ %/i })
				.first()
				.waitFor();
			await until(async () => ((await pickRows(page).count()) > 3 ? true : undefined));
			const texts = await pickRows(page).allInnerTexts();
			const scores = texts.flatMap((text) => Number(/(\d+) %/.exec(text)?.[1] ?? Number.NaN));
			const shown = scores.filter((score) => !Number.isNaN(score));
			assert.ok(shown.length >= 4, texts.join("\n"));
			assert.deepEqual(
				shown,
				shown.toSorted((a, b) => b - a),
				query,
			);
			await page.screenshot({ animations: "disabled", path: `out/everyDay-order.png` });
			await input().press("Escape");
		}
	});

	it("opens a memory with Enter, and changes no selection; inserts at the cursor, not over it", async () => {
		await openTryMe();
		const before = (await active()) ?? "";
		await selectLine();
		await search("who drinks coffee black");
		await pickRows(page)
			.first()
			.filter({ hasText: /Ada drinks.*\d+ %/ })
			.waitFor();
		await input().press("Enter");
		await until(async () => /^---[\s\S]*Ada drinks her coffee/.test((await active()) ?? "") || undefined);
		await openTryMe();
		assert.equal(await active(), before);
		await selectLine();
		await search("who drinks coffee black");
		const row = pickRows(page).filter({ hasText: /Ada drinks.*\d+ %/ });
		await row.hover();
		await page.screenshot({ animations: "disabled", path: "out/everyDay-buttons.png" });
		await row.getByRole("button", { name: "Insert at cursor" }).click();
		await until(async () => (/Ada drinks/.test((await active()) ?? "") ? true : undefined));
		const after = (await active()) ?? "";
		assert.equal(after.replace("Ada drinks her coffee black, without sugar", ""), before);
		await runCommand(page, "File: Revert File");
	});

	it("offers what can be done where nothing answers, as rows that do it", async () => {
		await search("量子力学");
		await separator("No memory clearly answers “量子力学”").waitFor();
		await page.screenshot({ animations: "disabled", path: "out/everyDay-empty.png" });
		await pickRows(page).filter({ hasText: "Search every project" }).click();
		await title("Search memories: every project").waitFor();
		await pickRows(page).filter({ hasText: "Save “量子力学” as a memory" }).click();
		await pickRows(page).filter({ hasText: "Everywhere" }).click();
		await toast("Saved “量子力学”").waitFor();
	});

	it("says of an Undo that comes too late that there is nothing to undo, without an id", async () => {
		await search("量子力学");
		const row = pickRows(page).filter({ hasText: /量子力学.*\d+ %/ });
		await row.hover();
		await row.getByRole("button", { name: "Delete" }).click();
		await toast("Deleted “量子力学”").waitFor();
		await input().press("Escape");
		await toast("Saved “量子力学”").getByRole("button", { name: "Undo" }).click();
		await toast("There is nothing to undo: “量子力学” is gone already.").waitFor();
		await dismiss();
	});

	it("opens a menu in groups from the status bar", async () => {
		await statusBar(/Mem0: \d+/).click();
		await pickRows(page).filter({ hasText: "Connect Agents…" }).waitFor();
		for (const group of ["Memories", "Agents", "Endpoints"]) await separator(group).waitFor();
		assert.equal(await pickRows(page).filter({ hasText: "Set API Key" }).count(), 0);
		await page.screenshot({ animations: "disabled", path: "out/everyDay-menu.png" });
		await input().press("Escape");
	});
});
