import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdir } from "node:fs/promises";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import type { Page } from "playwright-core";
import { temporaryFolder } from "../support/fixtures/temporaryFolder.ts";
import { CuttingProxy } from "../support/postgres/cuttingProxy.ts";
import { hasOwnServer, type OwnServer, ownServer } from "../support/postgres/ownServer.ts";
import { pictureFolder, themes } from "./support/pictures.ts";
import {
	chooseInMenu,
	pickRows,
	quickInput,
	runCommand,
	tidyAfterFailure,
	until,
	Vscode,
} from "./support/window.ts";

const run = promisify(execFile);
const remote = '[remote "origin"]\n\turl = git@github.com:acme/app.git\n';

/** Ada, an administrator, has a window on the database; Bob has the command line, in another clone of the project. */
describe("A window on a team's database", function () {
	this.timeout(180_000);
	let server: OwnServer;
	/** The way of the window to the database. */
	let proxy: CuttingProxy;
	let vscode: Vscode;
	let page: Page;
	const bobs = temporaryFolder();

	const as = async (name: string, ...words: readonly string[]) => {
		const { stdout } = await run(process.execPath, [resolve("dist/server.js"), ...words], {
			cwd: vscode.folder,
			env: {
				PATH: process.env.PATH,
				HOME: bobs,
				MEMORY_DIR: join(bobs, "memory"),
				DATABASE_URL: server.url,
				DEFAULT_USER_ID: name,
				TEAM_REVIEW: "true",
			},
		});
		return stdout;
	};
	const bob = (...words: readonly string[]) => as("bob", ...words);
	const json = async <T>(...words: readonly string[]) => JSON.parse(await bob(...words, "--json")) as T;

	before(async function () {
		if (!hasOwnServer) this.skip();
		server = await ownServer();
		proxy = await CuttingProxy.start(server.url);
		vscode = await Vscode.start(
			{ "notes.md": "# Notes\n", ".git/HEAD": "ref: refs/heads/main\n", ".git/config": remote },
			{
				settings: {
					"mcpMem0.database.url": proxy.url,
					"mcpMem0.userId": "ada",
				},
			},
		);
		await bob("user", "add", "ada", "--admin");
		await bob("user", "add", "bob");
		await bob("save", "Bob keeps his notes in a blue book");
		await bob("save", "Releases are signed with the blue key", "--scope", "project");
		page = await vscode.open();
		page.setDefaultTimeout(15_000);
		await vscode.probe("command", { id: "workbench.action.closeAuxiliaryBar" });
		await runCommand(page, "Mem0: Show Memories");
	});
	after(async () => {
		await vscode?.close();
		await proxy?.close();
		await server?.stop();
	});
	afterEach(async function () {
		if (page && this.currentTest?.state === "failed") await tidyAfterFailure(page, this.currentTest);
	});

	const row = (text: string | RegExp) => page.locator(".sidebar .monaco-list-row", { hasText: text }).first();
	const toast = (text: string | RegExp) => page.locator(".notification-toast", { hasText: text }).first();
	const status = () => page.locator(".statusbar-item", { hasText: "Mem0" });
	const save = async (text: string, where: string) => {
		await runCommand(page, "Mem0: Save Memory…");
		await page.locator(".quick-input-title", { hasText: "Save memory" }).waitFor();
		await quickInput(page).fill(text);
		await quickInput(page).press("Enter");
		await pickRows(page).filter({ hasText: where }).click();
		await toast(/Saved|Kept|kept/).waitFor();
	};
	const shown = async (name: string) => {
		await mkdir(pictureFolder, { recursive: true });
		for (const theme of ["light", "dark"] as const) {
			const [title, cls] = themes[theme];
			await vscode.probe("setTheme", { theme: title });
			await page
				.locator(`.monaco-workbench.${cls}`)
				.waitFor({ timeout: 2000 })
				.catch(() => undefined);
			await page.screenshot({
				animations: "disabled",
				path: join(pictureFolder, `team-${name}-${theme}.png`),
			});
		}
	};
	const clear = () => vscode.probe("command", { id: "notifications.clearAll" });

	it("shows an administrator what waits for a decision, and not what is private", async () => {
		await row("Waiting for review").waitFor();
		await row("Releases are signed").waitFor();
		await shown("review");
		assert.equal(await row("blue book").count(), 0);
		await row("Releases are signed").click();
		await shown("review-open");
		await vscode.probe("command", { id: "list.focusFirst" }).catch(() => undefined);
		await row("Releases are signed").click({ button: "right" });
		await page.screenshot({ animations: "disabled", path: join(pictureFolder, "team-menu.png") });
		await page.keyboard.press("Escape");
	});

	it("shares it when the administrator accepts", async () => {
		await row("Releases are signed").hover();
		await row("Releases are signed").locator('.action-label[aria-label*="Accept"]').click();
		await toast(/Accepted/).waitFor();
		await shown("accepted");
		await until(
			async () =>
				(await json<{ memories: { visibility?: string }[] }>("list", "--scope", "project")).memories.some(
					({ visibility }) => visibility === "project",
				) || undefined,
		);
		await clear();
	});

	it("shows author and visibility in row and hover", async () => {
		await row(/Releases are signed.*bob \(shared with the project\)/).waitFor();
		await row("Releases are signed").hover();
		await page.waitForTimeout(1500);
		await shown("hover");
	});

	it("keeps what is saved and edited while the database is away, says so, and delivers it", async () => {
		await save("Ada writes minutes in Danish", "This project");
		await clear();
		await row("minutes in Danish").dblclick();
		const text = page.locator(".editor-instance .view-line", { hasText: "minutes in Danish" }).first();
		await text.waitFor();
		proxy.way = "cut";
		await save("The staging server sleeps at night", "This project");
		await shown("away-toast");
		assert.doesNotMatch(
			(await toast("The team's memory is away: this is kept").innerText()) ?? "",
			/try again/,
		);
		await clear();
		await status().filter({ hasText: "1 to deliver, database away" }).waitFor();
		await row(/staging server.*waits to be delivered/).waitFor();
		await page.locator(".sidebar", { hasText: "only the ones that wait to be delivered" }).first().waitFor();
		await shown("away-row");
		await text.click();
		await page.keyboard.press("Control+End");
		await page.keyboard.type(" and English");
		await page.keyboard.press("Control+s");
		await status().filter({ hasText: "2 to deliver" }).waitFor();
		await shown("away-document");
		await status().click();
		await pickRows(page).first().waitFor();
		await shown("away-menu");
		await quickInput(page).press("Escape");
		// Otherwise the focus comes back to the status bar, whose hover then covers notifications.
		await vscode.probe("command", { id: "workbench.action.focusActiveEditorGroup" });
	});

	it("asks what shall be of a memory that was changed in both places", async () => {
		const { memories } = JSON.parse(await as("ada", "list", "--scope", "all", "--json")) as {
			memories: { id: string; text: string }[];
		};
		const id = memories.find(({ text }) => text.includes("minutes in Danish"))?.id ?? "";
		await as("ada", "edit", id, "--text", "Ada writes minutes in Swedish");
		proxy.way = "open";
		await status()
			.filter({ hasNotText: /database away|to deliver/ })
			.waitFor({ timeout: 60_000 });
		await row("Waiting for review").waitFor();
		await row("minutes in Danish").click();
		await page.locator(".editor-instance .view-line", { hasText: "and English" }).first().waitFor();
		await shown("conflict");
		const texts = await as("ada", "list", "--scope", "all");
		assert.match(texts, /staging server/);
		assert.match(texts, /Swedish/);
	});

	it("shares with everybody, and proposes a text to a colleague", async () => {
		await row("staging server").click({ button: "right" });
		await chooseInMenu(page, "Share");
		await pickRows(page).first().waitFor();
		await shown("share");
		await pickRows(page).filter({ hasText: "Everybody in the team" }).click();
		await toast("Everybody in the team finds").waitFor();
		await shown("shared");
		await clear();
		const found = await json<{ memories: { id: string; text: string }[] }>("search", "staging server");
		const [memory] = found.memories;
		assert.match(memory?.text ?? "", /staging server/);
		await bob("edit", memory?.id ?? "", "--text", "The staging server sleeps at noon");
		await row(/sleeps at noon/).waitFor();
		await row(/sleeps at noon/).click();
		await shown("proposal");
	});
});
