import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdir } from "node:fs/promises";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import type { Page } from "playwright-core";
import { teamServer } from "../support/fixtures/teamServer.ts";
import { temporaryFolder } from "../support/fixtures/temporaryFolder.ts";
import { Panel, settingsOf } from "./support/panel.ts";
import { pictureFolder, themes } from "./support/pictures.ts";
import {
	pickRows,
	quickInput,
	runCommand,
	tidyAfterFailure,
	typeIn,
	until,
	Vscode,
} from "./support/window.ts";

const run = promisify(execFile);
const remote = '[remote "origin"]\n\turl = git@github.com:acme/app.git\n';

/** Ada, an administrator, has a window; Bob has the command line, in another clone of the project. Both have a token only. */
describe("A window on a team's server", function () {
	this.timeout(180_000);
	let server: Awaited<ReturnType<typeof teamServer<"ada" | "bob">>>;
	let vscode: Vscode;
	let page: Page;
	let panel: Panel;
	let host: string;

	const as = async (name: "ada" | "bob", ...words: readonly string[]) => {
		const { stdout } = await run(process.execPath, [resolve("dist/server.js"), ...words], {
			cwd: vscode.folder,
			env: {
				PATH: process.env.PATH,
				HOME: temporaryFolder(),
				MEMORY_DIR: temporaryFolder(),
				TEAM_SERVER_URL: server.url,
				TEAM_SERVER_TOKEN: server.tokenOf(name),
			},
		});
		return stdout;
	};
	const found = async (name: "ada" | "bob", text: string) => {
		const { memories } = JSON.parse(await as(name, "list", "--scope", "all", "--json")) as {
			memories: { id: string; text: string; visibility?: string }[];
		};
		return memories.find((memory) => memory.text.includes(text));
	};

	before(async () => {
		server = await teamServer(["ada", "bob"], { admins: ["ada"], variables: { TEAM_REVIEW: "true" } });
		({ host } = new URL(server.url));
		vscode = await Vscode.start({
			"notes.md": "# Notes\n",
			".git/HEAD": "ref: refs/heads/main\n",
			".git/config": remote,
		});
		page = await vscode.open();
		page.setDefaultTimeout(20_000);
		await vscode.probe("command", { id: "workbench.action.closeAuxiliaryBar" });
		await mkdir(pictureFolder, { recursive: true });
	});
	after(async () => {
		await vscode?.close();
		await server?.stop();
	});
	afterEach(async function () {
		if (page && this.currentTest?.state === "failed") await tidyAfterFailure(page, this.currentTest);
	});

	const row = (text: string | RegExp) => page.locator(".sidebar .monaco-list-row", { hasText: text }).first();
	const toast = (text: string | RegExp) => page.locator(".notification-toast", { hasText: text }).first();
	const status = (text: string | RegExp) => page.locator(".statusbar-item", { hasText: text }).first();
	const clear = () => vscode.probe("command", { id: "notifications.clearAll" });
	const shown = async (name: string, only?: keyof typeof themes) => {
		for (const [theme, [title, mark]] of Object.entries(themes)) {
			if (only && theme !== only) continue;
			await vscode.probe("setTheme", { theme: title });
			await page.locator(`.monaco-workbench.${mark}`).waitFor();
			await page.screenshot({
				animations: "disabled",
				path: join(pictureFolder, `team-server-${name}-${theme}.png`),
			});
		}
	};
	const enterToken = async (token: string) => {
		const question = page.locator(".quick-input-title", { hasText: `Token for http://${host}` });
		await question.waitFor();
		assert.equal(await quickInput(page).getAttribute("type"), "password");
		await typeIn(page, token);
		await question.waitFor({ state: "hidden" });
	};
	const tokenInPanel = async (token: string) => {
		await panel
			.around("TEAM_SERVER_TOKEN")
			.getByRole("button", { name: /^(Enter|Replace) token…$/ })
			.click();
		await enterToken(token);
		await panel.around("TEAM_SERVER_TOKEN").getByText("will be stored when you save").waitFor();
	};
	const test = async () => {
		await panel.button("Test team's server").click();
		const summary = panel.section("database").locator(".test-summary");
		await summary.filter({ hasText: /passed|found something/, hasNotText: "edited since" }).waitFor();
		return panel.section("database").locator(".findings").innerText();
	};
	const accept = async (text: string | RegExp) => {
		// Rows that are read again while the mouse goes there take the click with them.
		await until(async () => {
			await row(text).hover({ timeout: 3000 });
			await row(text).locator('.action-label[aria-label*="Accept"]').click({ timeout: 3000 });
			await toast(/Accepted/).waitFor({ timeout: 5000 });
			return true;
		});
	};
	const beginSaving = async (text: string) => {
		await until(async () => {
			await runCommand(page, "Mem0: Save Memory…");
			await page.locator(".quick-input-title", { hasText: "Save memory" }).waitFor({ timeout: 3000 });
			await quickInput(page).fill(text, { timeout: 3000 });
			await quickInput(page).press("Enter", { timeout: 3000 });
			await pickRows(page).filter({ hasText: "This project" }).click({ timeout: 3000 });
			return true;
		});
	};

	it("takes URL and token in the settings panel, and tests them before they are saved", async () => {
		panel = await Panel.open(page);
		await panel.frame.getByLabel("Shared through").selectOption("server");
		await panel.around("TEAM_SERVER_URL").getByText("Enter the URL of your team's server").waitFor();
		await until(async () => {
			await panel.field("TEAM_SERVER_URL").fill(server.url);
			return (await panel.field("TEAM_SERVER_URL").inputValue()) === server.url || undefined;
		});
		await panel.around("TEAM_SERVER_TOKEN").getByText(`No token is stored for http://${host}`).waitFor();
		await tokenInPanel("not-the-token-of-anybody");
		assert.match(await test(), /token/i);
		assert.notDeepEqual(await panel.findings("database"), []);
		await tokenInPanel(`Bearer ${server.tokenOf("ada")} `);
		assert.match(await test(), /ada/);
		assert.deepEqual(await panel.section("database").locator(".findings li.failed").allInnerTexts(), []);
		assert.equal((await settingsOf(vscode))["mcpMem0.teamServer.url"], undefined);
		assert.doesNotMatch(await panel.frame.locator("body").innerText(), new RegExp(server.tokenOf("ada")));
		await panel.section("database").evaluate((section) => section.scrollIntoView({ block: "start" }));
		await shown("panel");
	});

	it("says where texts go from then on, and keeps the token out of the settings", async () => {
		await panel.save();
		await panel.frame.getByText(`the team's server ${server.url} keeps the memories`).waitFor();
		await status(`Mem0: 0, ${host}`).waitFor();
		assert.ok(!JSON.stringify(await settingsOf(vscode)).includes(server.tokenOf("ada")));
		await panel.frame.locator("h1").evaluate((heading) => heading.scrollIntoView());
		await shown("panel-top");
	});

	it("shows an administrator without a refresh what a colleague wants to share, with author and visibility", async () => {
		await runCommand(page, "Mem0: Show Memories");
		await as("bob", "save", "Releases are signed with the blue key", "--scope", "project");
		await as("bob", "save", "Bob keeps his notes in a blue book");
		await row("Waiting for review").waitFor();
		await row("Releases are signed").waitFor();
		assert.equal(await row("blue book").count(), 0);
		await accept("Releases are signed");
		await row(/Releases are signed.*bob \(shared with the project\)/).waitFor();
		await until(async () =>
			(await found("bob", "Releases are signed"))?.visibility === "project" ? true : undefined,
		);
		await clear();
	});

	it("saves there, finds there, and edits a document whose conflicts are shown", async () => {
		await beginSaving("Ada writes minutes in Danish");
		await toast("Saved “Ada writes minutes in Danish”").waitFor();
		await clear();
		const { id = "" } = (await found("ada", "minutes in Danish")) ?? {};
		await until(async () => {
			await runCommand(page, "Mem0: Search Memories");
			await quickInput(page).fill("In which language are the minutes?");
			await pickRows(page).filter({ hasText: "minutes in Danish" }).waitFor({ timeout: 5000 });
			return true;
		});
		await shown("search", "dark");
		await quickInput(page).press("Escape");
		await row("minutes in Danish").dblclick();
		const line = (text: string) => page.locator(".editor-instance .view-line", { hasText: text }).first();
		await line("minutes in Danish").click();
		await page.keyboard.press("End");
		await page.keyboard.type(" and English");
		await page.keyboard.press("Control+s");
		await until(async () => ((await found("ada", "Danish and English")) ? true : undefined));
		// Somebody else, on another machine, while the document has changes that are not saved.
		await page.keyboard.type(", always");
		await as("ada", "edit", id, "--text", "Ada writes minutes in Swedish");
		await page.keyboard.press("Control+s");
		await toast(/Failed to save|newer|changed by another/).waitFor();
		await shown("conflict", "dark");
		await line("English, always").waitFor();
		await page.keyboard.press("Escape");
		await clear();
		await vscode.probe("command", { id: "workbench.action.files.revert" });
		await line("minutes in Swedish").waitFor();
	});

	it("shows its author the text that a colleague proposes", async () => {
		await as(
			"ada",
			"save",
			"The staging server sleeps at night",
			"--scope",
			"project",
			"--visibility",
			"team",
		);
		const { id = "" } = (await until(() => found("bob", "staging server"))) ?? {};
		await as("bob", "edit", id, "--text", "The staging server sleeps at noon");
		await row(/sleeps at noon/).waitFor();
		await row(/sleeps at noon/).click();
		await shown("proposal");
		await row(/sleeps at noon/).hover();
		await row(/sleeps at noon/)
			.locator('.action-label[aria-label*="Accept"]')
			.click();
		await toast(/Accepted/).waitFor();
		assert.ok(await found("bob", "sleeps at noon"));
		await toast(/Accepted/)
			.getByRole("button", { name: "Undo" })
			.click();
		await until(async () => ((await found("bob", "sleeps at night")) ? true : undefined));
		await clear();
	});

	it("offers nothing that is done at the server, and says so to whoever asks for it", async () => {
		for (const [command, said] of [
			["mcpMem0.reembed", "embedded again there"],
			["mcpMem0.distill", "handed over there"],
			["mcpMem0.findSecrets", "looked for there"],
			["mcpMem0.restoreBackup", "Whoever runs that backs it up"],
		] as const) {
			// VS Code shows no more than three of them in a moment.
			await until(async () => {
				void vscode.probe("command", { id: command });
				await toast(said).waitFor({ timeout: 3000 });
				return true;
			});
			await clear();
		}
		await page.keyboard.press("F1");
		await quickInput(page).fill(">Mem0: ");
		await pickRows(page).filter({ hasText: "Save Memory" }).first().waitFor();
		for (const name of ["Re-embed Memories", "Find Secrets", "Restore a Backup", "Distill Waiting"])
			assert.equal(await pickRows(page).filter({ hasText: name }).count(), 0, name);
		await quickInput(page).press("Escape");
	});

	it("loses nothing that is typed while the server is away, and goes on without a reload when it is back", async () => {
		const line = page.locator(".editor-instance .view-line", { hasText: "minutes in Swedish" }).first();
		await row("minutes in Swedish").dblclick();
		await line.click();
		await server.stop();
		await status("server away").waitFor({ timeout: 60_000 });
		await page.keyboard.press("End");
		await page.keyboard.type(" and Norwegian");
		await page.keyboard.press("Control+s");
		await toast(/Failed to save/).waitFor();
		await clear();
		await beginSaving("Lunch is at noon");
		await toast("Saved “Lunch is at noon”").waitFor();
		await row(/Lunch is at noon.*waits to be delivered/).waitFor();
		await status("1 to deliver, server away").waitFor();
		await shown("away");
		await server.startAgain();
		await status(/Mem0: \d+, [\d.:]+$/).waitFor({ timeout: 60_000 });
		assert.ok(await found("ada", "Lunch is at noon"));
		await row("Lunch is at noon").waitFor();
		await row("minutes in Swedish").waitFor();
		await clear();
		await line.click();
		await page.keyboard.press("Control+s");
		await until(async () => ((await found("ada", "Swedish and Norwegian")) ? true : undefined));
	});

	it("asks for another token where the server refuses the one that there is, and goes on", async () => {
		await server.revoke("ada");
		await status("token needed").waitFor({ timeout: 60_000 });
		await page.locator(".sidebar", { hasText: "lets you in with a token" }).first().waitFor();
		await shown("refused");
		const token = await server.newToken("ada", "--admin");
		await runCommand(page, "Mem0: Tidy Up Memories…");
		await toast("refuses the token").getByRole("button", { name: "Enter Token…" }).click();
		await enterToken(token);
		await toast(/Examined|nothing new/)
			.or(page.locator(".statusbar-item", { hasText: /Examined/ }))
			.first()
			.waitFor();
		await status(/Mem0: \d+, [\d.:]+$/).waitFor();
		await row("Lunch is at noon").waitFor();
	});

	it("says in a window that begins so that the memory is in one place, and mends it in the panel", async () => {
		await vscode.probe("setSettings", {
			settings: { "mcpMem0.database.url": "postgres://ada@localhost:1/memory" },
		});
		await status("Mem0: unavailable").waitFor();
		await page.reload();
		await status("Mem0: unavailable").waitFor({ timeout: 60_000 });
		panel = await Panel.open(page);
		await panel.around("TEAM_SERVER_URL").getByText("the memory is in one place").waitFor();
		await panel.section("database").evaluate((section) => section.scrollIntoView({ block: "start" }));
		await shown("two-places", "light");
		await panel.frame.getByLabel("Shared through").selectOption("none");
		await panel.frame.getByLabel("Shared through").selectOption("server");
		await panel.save();
		// A browser has forgotten it with the window: the view asks for it.
		await status("token needed").waitFor();
		await runCommand(page, "Mem0: Show Memories");
		const enter = page.locator(".sidebar").getByRole("button", { name: "Enter Token…" });
		await enter.waitFor();
		await shown("no-token", "light");
		await enter.click();
		await enterToken(await server.newToken("ada", "--admin"));
		await status(/Mem0: \d+, [\d.:]+$/).waitFor();
	});

	it("shows host, person and models in its tooltip, and looks right in every theme", async () => {
		await clear();
		await row("Lunch is at noon").waitFor();
		await status(`Mem0: `).hover();
		await page
			.locator(".monaco-hover", { hasText: `${server.url}, as ada` })
			.first()
			.waitFor();
		await shown("view");
	});
});
