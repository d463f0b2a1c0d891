import assert from "node:assert/strict";
import { chmodSync, writeFileSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import pg from "pg";
import type { Page } from "playwright-core";
import { temporaryFolder } from "../support/fixtures/temporaryFolder.ts";
import { hasOwnServer, type OwnServer, ownServer } from "../support/postgres/ownServer.ts";
import { Panel, settingsOf, startSaving } from "./support/panel.ts";
import { pictureFolder, themes } from "./support/pictures.ts";
import { pickRows, quickInput, runCommand, until, type Vscode } from "./support/window.ts";
import { windowFixture } from "./support/windowFixture.ts";

const here = "The staging server is db2";
const there = "Releases are signed with the team's key";
const password = "s3cret/4711";

/** A server that lets the tester in, and Ada with her password. */
async function serverWithPassword(): Promise<OwnServer> {
	const folder = temporaryFolder();
	chmodSync(folder, 0o755);
	const rules = join(folder, "pg_hba.conf");
	writeFileSync(rules, "host all tester all trust\nhost all all all scram-sha-256\n");
	chmodSync(rules, 0o644);
	const server = await ownServer([`hba_file=${rules}`]);
	await query(server.url, `CREATE ROLE ada LOGIN PASSWORD '${password}'`);
	await query(server.url, "CREATE DATABASE memory OWNER ada");
	await query(server.url.replace(/postgres$/, "memory"), "CREATE EXTENSION vector");
	return server;
}

async function query(url: string, text: string): Promise<readonly Readonly<Record<string, unknown>>[]> {
	const client = new pg.Client({ connectionString: url });
	await client.connect();
	try {
		return (await client.query(text)).rows;
	} finally {
		await client.end();
	}
}

(hasOwnServer ? describe : describe.skip)("The team database, in a real VS Code window", function () {
	this.timeout(240_000);
	let server: OwnServer;
	let vscode: Vscode;
	let page: Page;
	let panel: Panel;
	let url: string;

	before(async () => {
		server = await serverWithPassword();
		const { port } = new URL(server.url);
		url = `postgres://ada@127.0.0.1:${port}/memory`;
	});
	after(() => server?.stop());
	windowFixture({ memories: [{ text: here }] }, async (window) => {
		({ vscode, page } = window);
		page.setDefaultTimeout(20_000);
		await mkdir(pictureFolder, { recursive: true });
		await vscode.probe("command", { id: "workbench.action.closeSidebar" });
		panel = await Panel.open(page);
	});

	const enterPassword = async (text: string) => {
		await panel
			.around("DATABASE_PASSWORD")
			.getByRole("button", { name: /^(Enter|Replace) password…$/ })
			.click();
		const question = page.locator(".quick-input-title", { hasText: "Password of ada@127.0.0.1" });
		await question.waitFor();
		const input = quickInput(page);
		assert.equal(await input.getAttribute("type"), "password");
		await input.fill(text);
		await input.press("Enter");
		await question.waitFor({ state: "hidden" });
		await panel.around("DATABASE_PASSWORD").getByText("will be stored when you save").waitFor();
	};
	const texts = async () =>
		(
			await query(server.url.replace(/postgres$/, "memory"), "SELECT text FROM mcp_mem0.memories ORDER BY 1")
		).map(({ text }) => text);

	it("is none at first; a preset says what is left to the person", async () => {
		const choice = panel.frame.getByLabel("Shared through");
		assert.equal(await choice.inputValue(), "none");
		await choice.selectOption("supabase");
		await panel.around("DATABASE_URL").getByText("Replace PROJECT and REGION").waitFor();
		assert.equal(await panel.button("Test database").getAttribute("aria-disabled"), "true");
	});

	it("tests what is typed before it is saved, and says what is wrong", async () => {
		await panel.frame.getByLabel("Shared through").selectOption("local");
		await until(async () => (await panel.field("DATABASE_URL").inputValue()).includes("@localhost:5432/"));
		// A webview that gets the focus at this moment loses what is selected, and the text is appended.
		await until(async () => {
			await panel.field("DATABASE_URL").fill("");
			await panel.field("DATABASE_URL").fill(url);
			return (await panel.field("DATABASE_URL").inputValue()) === url;
		});
		await enterPassword("wrong");
		await panel.test("database");
		assert.match((await panel.findings("database")).join("\n"), /Database user and password/);
		await enterPassword(password);
		await panel.test("database");
		const failed = panel.section("database").locator(".findings li.failed");
		assert.deepEqual(await failed.allInnerTexts(), []);
		assert.equal((await settingsOf(vscode))["mcpMem0.database.url"], undefined);
	});

	it("is used once it is saved: a memory is saved there and found there", async () => {
		await panel.save();
		await panel.frame.getByText("Memories are kept in the database memory at 127.0.0.1").waitFor();
		await startSaving(page, there);
		await until(async () => (await texts()).includes(there));
		// The panel may take the focus back a moment later, which closes the list.
		await until(async () => {
			await runCommand(page, "Mem0: Search Memories");
			await page.locator(".quick-input-title", { hasText: "Search memories" }).waitFor({ timeout: 5000 });
			await quickInput(page).fill("signed releases");
			await pickRows(page).filter({ hasText: there }).waitFor({ timeout: 5000 });
			return true;
		});
		await quickInput(page).press("Escape");
		assert.ok(!JSON.stringify(await settingsOf(vscode)).includes("4711"));
	});

	it("gets the memories of this machine after a question that names host and count", async () => {
		assert.ok(!(await texts()).includes(here));
		await panel.button("Copy My Memories There…").click();
		const dialog = page.locator(".monaco-dialog-box", { hasText: /Copy 1 memory to ada@127\.0\.0\.1:\d+\?/ });
		await dialog.waitFor();
		await page.screenshot({
			path: join(pictureFolder, "database-copy.png"),
			animations: "disabled",
		});
		await dialog.getByRole("button", { name: "Copy", exact: true }).click();
		await page
			.locator(".notification-toast", { hasText: "has everything that was here: 1 memory" })
			.waitFor();
		assert.ok((await texts()).includes(here));
		await runCommand(page, "Notifications: Clear All Notifications");
	});

	it("takes the password out of a URL that is pasted, at once", async () => {
		const field = panel.field("DATABASE_URL");
		await field.fill(url.replace("ada@", "ada:pasted%2F9@"));
		assert.equal(await field.inputValue(), url);
		await panel.around("DATABASE_PASSWORD").getByText("will be stored when you save").waitFor();
		await field.fill("");
		await field.pressSequentially(url.replace("ada@", "ada:typed@"));
		await field.press("Tab");
		await until(async () => (await field.inputValue()) === url);
		assert.doesNotMatch(await panel.frame.locator("body").innerText(), /pasted|typed/);
		await panel.button("Discard").click();
		await panel.around("DATABASE_PASSWORD").getByText("A password is stored for ada@127.0.0.1").waitFor();
	});

	for (const [name, [theme, mark]] of Object.entries(themes))
		it(`looks right in the ${name} theme`, async () => {
			await vscode.probe("setTheme", { theme });
			await page.locator(`.monaco-workbench.${mark}`).waitFor();
			if (name === "light") await panel.test("database");
			await panel.section("database").evaluate((section) => section.scrollIntoView({ block: "start" }));
			await page.screenshot({
				path: join(pictureFolder, `database-${name}.png`),
				animations: "disabled",
			});
		});
});
