import assert from "node:assert/strict";
import { mkdir, readdir, readFile, stat, writeFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import type { Page } from "playwright-core";
import { run } from "../support/cache.ts";
import { randomSigns } from "../support/fixtures/secretSamples.ts";
import { pictureFolder } from "./support/pictures.ts";
import { addMemories, windowUser, withStore } from "./support/seedStore.ts";
import { pickRows, quickInput, runCommand, until, type Vscode } from "./support/window.ts";
import { windowFixture } from "./support/windowFixture.ts";

const signs = randomSigns(4711);
const secret = `${"ghp"}_${signs("word", 36)}`;

/** What other programs have left on this machine, below the home folder. */
const left = {
	".claude/projects/-home-ada-alpha/memory/MEMORY.md":
		"# Memory\n\n- [Tests](tests.md) — real database\n- The staging server is db2\n",
	".claude/projects/-home-ada-alpha/memory/tests.md":
		"---\nname: tests\ndescription: How to test\nmetadata:\n  type: feedback\n---\n\nIntegration tests hit a real database.\n",
	"basic-memory/coffee.md":
		"---\ntitle: Coffee\ntype: note\npermalink: coffee\n---\n\n- [method] Pour over is clearer than a press #brewing\n- [tip] Grind right before brewing\n",
};

describe("Memories go in and out, in a real VS Code window", function () {
	this.timeout(180_000);
	let vscode: Vscode;
	let page: Page;

	windowFixture(
		{ files: () => ({ "notes.md": "# Notes\n", "AGENTS.md": "# Rules\n\n- Use tabs\n- No empty catch\n" }) },
		async (window) => {
			({ vscode, page } = window);
			page.setDefaultTimeout(15_000);
			for (const [name, text] of Object.entries(left)) {
				const path = join(vscode.home, name);
				await mkdir(dirname(path), { recursive: true });
				await writeFile(path, text);
			}
			await mkdir(pictureFolder, { recursive: true });
			await runCommand(page, "Mem0: Show Memories");
		},
	);

	const dialog = (text: string | RegExp) => page.locator(".monaco-dialog-box", { hasText: text });
	const toast = (text: string | RegExp) => page.locator(".notification-toast", { hasText: text }).first();
	/** What says so for some seconds only. */
	const flashed = (text: string | RegExp) => page.locator(".statusbar-item", { hasText: text }).first();
	const row = (text: string | RegExp) => page.locator(".sidebar .monaco-list-row", { hasText: text }).first();
	const picture = (name: string) =>
		page.screenshot({
			path: join(pictureFolder, `transfer-${name}.png`),
			animations: "disabled",
		});
	const dismiss = () => runCommand(page, "Notifications: Clear All Notifications");
	const texts = () =>
		withStore(vscode.memoryFolder, async (store) => {
			const all = { userId: windowUser, global: true, projects: "all" } as const;
			const { memories } = await store.memories.list(all, 1000, { total: false });
			return memories.map(({ text }) => text).sort();
		});
	/** Answers VS Code's own file dialog of the browser. */
	const name = async (title: string, path: string, ready = "notes.md") => {
		await page.locator(".quick-input-title", { hasText: title }).waitFor();
		// Until the folder is listed, what is typed is overwritten by its name.
		await pickRows(page).filter({ hasText: ready }).waitFor();
		const input = quickInput(page);
		await input.fill(path);
		await input.press("Enter");
	};
	/** The view may take the focus back a moment after it was shown, which closes the palette. */
	const openSources = () =>
		until(async () => {
			await runCommand(page, "Mem0: Import Memories…");
			await page.locator(".quick-input-title", { hasText: "Import Memories" }).waitFor({ timeout: 5000 });
			return true;
		});
	const here = async (folder: string) => {
		await page.locator(".quick-input-title", { hasText: "Export all memories" }).waitFor();
		await pickRows(page).filter({ hasText: ".." }).waitFor();
		await quickInput(page).fill(`${folder}/`);
		await page.locator(".quick-input-action .monaco-button", { hasText: "Export Here" }).click();
	};
	/** Opens the list of sources, and checks some of them. */
	const chooseSources = async (...labels: readonly string[]) => {
		await openSources();
		for (const [index, label] of labels.entries()) {
			const source = pickRows(page).filter({ hasText: label });
			await until(async () => {
				await source.locator(".quick-input-list-label").first().click();
				await page
					.locator(".quick-input-count", { hasText: `${index + 1} Selected` })
					.waitFor({ timeout: 2000 });
				return true;
			});
		}
		await page.locator(".quick-input-action .monaco-button", { hasText: "OK" }).click();
	};

	it("offers what other programs keep on this machine, tells what would come in, and imports it", async () => {
		await openSources();
		for (const found of [
			"Instructions in workspace",
			"Claude Code’s memory",
			"basic-memory",
			"Files or folders…",
		])
			await pickRows(page).filter({ hasText: found }).waitFor();
		await picture("sources");
		await quickInput(page).press("Escape");
		await chooseSources("Claude Code’s memory", "basic-memory");
		const question = dialog("Import 4 memories?");
		await question.waitFor();
		const said = (await question.textContent()) ?? "";
		assert.match(said, /2 files of Claude Code's memory/);
		assert.match(said, /1 file of basic-memory's notes/);
		assert.match(said, /4 global/);
		await picture("preview");
		assert.deepEqual(await texts(), []);
		await question.getByRole("button", { name: "Import", exact: true }).click();
		await flashed("Imported 4 memories.").waitFor();
		assert.deepEqual(await texts(), [
			"Coffee: Grind right before brewing",
			"Coffee: Pour over is clearer than a press #brewing",
			"Integration tests hit a real database.",
			"The staging server is db2",
		]);
		await row("The staging server is db2").waitFor();
		await dismiss();
	});

	it("adds nothing when it runs again, and nothing when it is left", async () => {
		await chooseSources("basic-memory");
		await toast(/Nothing to import\..*2 known already/).waitFor();
		await dismiss();
		await chooseSources("Instructions in workspace");
		const question = dialog("Import 2 memories?");
		await question.getByRole("button", { name: "Cancel" }).click();
		assert.equal((await texts()).length, 4);
	});

	it("names what it skips by file and line, takes secrets out, and puts memories into the review queue", async () => {
		const file = join(vscode.folder, "facts.jsonl");
		const lines = [
			{ text: "Ada works from nine to five" },
			{ text: `The deploy token is ${secret}` },
			{ title: "no text" },
			{ text: "The staging server is db2" },
		];
		await writeFile(file, `${lines.map((line) => JSON.stringify(line)).join("\n")}\nbroken{\n`);
		await chooseSources("Files or folders…");
		await name("Import Memories", file);
		const question = dialog("Import 2 memories?");
		await question.waitFor();
		const said = (await question.textContent()) ?? "";
		for (const part of [
			/Line 3 skipped: it has no text/,
			/Line 5 skipped: it is not JSON/,
			/Secrets or private parts were taken out of 1 memory/,
			/1 known already, 2 lines skipped/,
		])
			assert.match(said, part);
		assert.ok(!said.includes(secret));
		await picture("skipped");
		await question.getByRole("button", { name: "To Review Queue" }).click();
		await toast(/To review: 2 memories/).waitFor();
		await row(/Waiting for review/).waitFor();
		await row(/‹redacted: GitHub token›/).waitFor();
		await picture("review");
		assert.equal((await texts()).length, 4);
		await dismiss();
	});

	it("shows the progress of a large import, which can be cancelled and run again", async () => {
		const file = join(vscode.folder, "many.jsonl");
		const lines = Array.from({ length: 4000 }, (_, index) =>
			JSON.stringify({ text: `Decision ${index}: the cache keeps ${index} entries` }),
		);
		await writeFile(file, `${lines.join("\n")}\n`);
		const start = async () => {
			await chooseSources("Files or folders…");
			await name("Import Memories", file);
		};
		await start();
		await dialog("Import 4000 memories?").getByRole("button", { name: "Import", exact: true }).click();
		const progress = toast(/Importing memories.*\d+ %, \d+ memories/);
		await progress.waitFor();
		await picture("progress");
		await progress.hover();
		await progress.getByRole("button", { name: "Cancel" }).click();
		await flashed(/Cancelled: run it again for the rest/).waitFor();
		const taken = (await texts()).length - 4;
		assert.ok(taken < 4000, `${taken}`);
		await dismiss();
		await start();
		await dialog(/Import \d+ memories\?/).waitFor();
		await picture("again");
		await page.locator(".monaco-dialog-box").getByRole("button", { name: "Cancel" }).click();
	});

	it("goes back to a backup after telling what would change, and takes that back", async () => {
		const cli = (...args: readonly string[]) =>
			run(process.execPath, [resolve("dist/server.js"), ...args], vscode.folder, {
				...process.env,
				MEMORY_DIR: vscode.memoryFolder,
			});
		await cli("backup");
		const before = await texts();
		await addMemories(vscode.memoryFolder, [{ text: "Saved after the backup" }]);
		await runCommand(page, "Mem0: Restore a Backup…");
		await page.locator(".quick-input-title", { hasText: "Restore a Backup" }).waitFor();
		await pickRows(page).filter({ hasText: "just now" }).first().waitFor();
		await picture("backups");
		await pickRows(page).first().click();
		const question = dialog("Restore the backup of");
		await question.waitFor();
		assert.match((await question.textContent()) ?? "", /1 memory would go away:\s*“Saved after the backup”/);
		await picture("restore");
		await question.getByRole("button", { name: "Restore", exact: true }).click();
		const restored = toast(/Restored \d+ memories/);
		await restored.waitFor();
		await picture("restored");
		assert.deepEqual(await texts(), before);
		await restored.getByRole("button", { name: "Undo" }).click();
		await until(async () => ((await texts()).includes("Saved after the backup") ? true : undefined));
		await dismiss();
	});

	it("finds secrets that were saved before, erases them for good, in backups too", async () => {
		const old = `${"ghp"}_${signs("word", 36)}`;
		await addMemories(vscode.memoryFolder, [
			{ text: `CI pushes with ${old}` },
			{ text: "Password policy: twelve signs" },
		]);
		await runCommand(page, "Mem0: Find Secrets in Memories");
		const question = dialog("Erase secrets for good?");
		await question.waitFor();
		const said = (await question.textContent()) ?? "";
		assert.match(said, /In 2 of \d+ texts: GitHub token \(2 times\)/);
		assert.ok(!said.includes(old));
		await picture("secrets");
		await question.getByRole("button", { name: "Erase", exact: true }).click();
		const erased = toast(/Erased the secrets of 2 texts/);
		await erased.waitFor({ timeout: 60_000 });
		await picture("erased");
		await erased.getByRole("button", { name: "Erase in Backups" }).click();
		await toast(/(?:No secret|Erased the secrets) in \d+/).waitFor({ timeout: 60_000 });
		await row(/CI pushes with ‹redacted: GitHub token›/).waitFor();
		for (const file of await readdir(vscode.memoryFolder, { recursive: true, withFileTypes: true }))
			if (file.isFile())
				assert.ok(!(await readFile(join(file.parentPath, file.name))).includes(old), file.name);
		await dismiss();
		await runCommand(page, "Mem0: Find Secrets in Memories");
		await flashed(/No secret in \d+ texts/).waitFor();
		await dismiss();
	});

	it("exports in every form, and asks before it replaces a file", async () => {
		const export_ = async (form: string) => {
			await runCommand(page, "Mem0: Export Memories…");
			await pickRows(page).filter({ hasText: form }).first().waitFor();
			if (form === "JSON lines") await picture("forms");
			await pickRows(page).filter({ hasText: form }).first().click();
		};
		const count = (await texts()).length;
		for (const [form, file, check] of [
			["JSON lines", "memories.jsonl", (text: string) => text.trim().split("\n").length === count],
			["server-memory", "graph.jsonl", (text: string) => /^\{"type":"entity"/.test(text)],
			["JSON as mem0", "mem0.json", (text: string) => JSON.parse(text).results.length === count],
		] as const) {
			const path = join(vscode.folder, file);
			await export_(form);
			await name("Export all memories", path, "..");
			await until(async () => ((await stat(path)).size > 0 ? true : undefined));
			assert.ok(check(await readFile(path, "utf8")), file);
			assert.equal((await stat(path)).mode & 0o777, 0o600);
		}
		await export_("JSON as mem0");
		await name("Export all memories", join(vscode.folder, "mem0.json"), "..");
		await page
			.getByText(/already exists/)
			.first()
			.waitFor();
		await picture("exists");
		for (let times = 0; times < 3; times++) await page.keyboard.press("Escape");
		const folder = join(vscode.folder, "out");
		await mkdir(folder);
		for (const form of ["Markdown, a file a project", "Markdown, a file a memory"]) {
			await export_(form);
			await here(folder);
		}
		await until(async () => ((await readdir(join(folder, "global"))).length >= count - 1 ? true : undefined));
		const byProject = await until(() => readFile(join(folder, "global.md"), "utf8"));
		assert.match(byProject, /^---\nmcp-mem0: project\n/m);
		await export_("Markdown, a file a project");
		await here(folder);
		const question = dialog("Replace what is in");
		await question.waitFor();
		await picture("replace");
		await question.getByRole("button", { name: "Cancel" }).click();
	});
});
