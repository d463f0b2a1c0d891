import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { readConfig } from "../../../src/config/config.ts";
import { examine } from "../../../src/doctor/doctor.ts";
import { place } from "../../support/fixtures/commandLine.ts";
import { temporaryFolder } from "../../support/fixtures/temporaryFolder.ts";

function backedUp(more: Readonly<Record<string, string>> = {}) {
	const memory = temporaryFolder();
	const variables = { MEMORY_DIR: memory, EMBEDDING_PROVIDER: "builtin", SECRETS: "keep", ...more };
	const { run, write, exported } = place(variables);
	const folder = join(memory, "backups");
	const files = () => (existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith(".db")) : []);
	const imported = async (...texts: string[]) => {
		write(
			"facts.jsonl",
			texts.map((text) => ({ text })),
		);
		assert.equal((await run("import", "facts.jsonl")).code, 0);
	};
	const texts = async () => (await exported()).map(({ text }) => text).sort();
	/** What the Doctor says of the backups. */
	const finding = async () => {
		const { findings } = await examine({ env: variables, roles: ["storage"] });
		return findings.find(({ id }) => id === "storage.backups");
	};
	return { memory, folder, files, run, imported, texts, finding };
}

describe("mcp-mem0 backup, backups and restore", function () {
	this.timeout(60_000);

	it("make, list and restore one, by name, date or latest, after telling what changes", async () => {
		const { run, imported, texts, files, folder } = backedUp();
		assert.equal((await run("backup")).code, 1);
		await imported("bees live in the oak");
		const made = await run("backup");
		assert.equal(made.code, 0, made.stderr);
		assert.match(made.stderr, /Backed up 1 memory, \d+ KB; verified/);
		const file = made.stdout.trim();
		assert.ok(existsSync(file));
		await imported("the gate is green");
		assert.deepEqual(
			files().map((name) => name.replace(/.*Z-/, "")),
			["asked.db", "import.db"],
		);
		const listed = await run("backups", "--json");
		const { backups } = JSON.parse(listed.stdout) as { backups: { file: string; memories: number }[] };
		assert.deepEqual(
			backups.map(({ memories }) => memories),
			[1, 1],
		);
		const today = new Date().toLocaleDateString("sv");
		for (const meant of ["latest", today, file, file.slice(folder.length + 1)]) {
			const preview = await run("restore", meant, "--dry-run");
			assert.equal(preview.code, 0, preview.stderr);
			assert.match(preview.stderr, /1 memory would go away:\n {2}“the gate is green”/);
		}
		const unasked = await run("restore", "latest");
		assert.equal(unasked.code, 1);
		assert.match(unasked.stderr, /Nothing was restored\. Run it again with --yes/);
		assert.deepEqual(await texts(), ["bees live in the oak", "the gate is green"]);
		const restored = await run("restore", "latest", "--yes", "--json");
		assert.equal(restored.code, 0, restored.stderr);
		assert.deepEqual(await texts(), ["bees live in the oak"]);
		const { undo } = JSON.parse(restored.stdout) as { undo: string };
		// Twice the same is the same: what a restore kept is no `latest`.
		assert.equal((await run("restore", "latest", "--yes")).code, 0);
		assert.deepEqual(await texts(), ["bees live in the oak"]);
		assert.equal((await run("restore", undo, "--yes")).code, 0);
		assert.deepEqual(await texts(), ["bees live in the oak", "the gate is green"]);
	});

	it("skip and name damaged ones, as the Doctor does", async () => {
		const { run, imported, finding, folder, files } = backedUp();
		await imported("one");
		assert.equal((await finding())?.status, "ok");
		await run("backup");
		const good = join(folder, files()[0] ?? "");
		assert.ok((await finding())?.seen.includes(good));
		await run("backup");
		const bad = join(folder, files()[1] ?? "");
		truncateSync(bad, 20_000);
		const restored = await run("restore", "latest", "--yes");
		assert.equal(restored.code, 0, restored.stderr);
		assert.ok(restored.stderr.includes(`${bad} is damaged, and is skipped`), restored.stderr);
		assert.ok(restored.stderr.includes(good));
		const listed = await run("backups");
		assert.equal(listed.code, 1);
		assert.match(listed.stdout, /DAMAGED: /);
		const found = await finding();
		assert.equal(found?.status, "ok", "that of the restore is newer");
		truncateSync(join(folder, files()[2] ?? ""), 0);
		const warned = await finding();
		assert.equal(warned?.status, "warning");
		assert.ok(warned?.seen.includes(good) && warned.seen.includes(bad), warned?.seen);
	});

	it("say what is not there or cannot be meant", async () => {
		const { run, imported } = backedUp();
		await imported("one");
		for (const [args, said] of [
			[["restore", "latest"], /There are no backups in /],
			[["restore", "gone.db"], /There is no backup gone\.db/],
			[["restore", "2026-02-30"], /is no date/],
			[["restore", "1999-01-01"], /There are no backups/],
			[["restore", "package.json/x"], /There is no backup/],
		] as const) {
			const { code, stderr } = await run(...args);
			assert.equal(code, 1);
			assert.match(stderr, said);
		}
		writeFileSync(join(temporaryFolder(), "other.db"), "");
		await run("backup");
		assert.match(
			(await run("restore", "1999-01-01")).stderr,
			/No backup is as old as that; the oldest is memory-/,
		);
		assert.equal((await run("restore", "latest", "2026-01-01")).code, 64);
	});

	it("are told of where the second folder cannot be written", async () => {
		const directory = join(temporaryFolder(), "file");
		writeFileSync(directory, "");
		const { run, imported, finding } = backedUp({ BACKUP_DIR: directory });
		await imported("one");
		const made = await run("backup");
		assert.equal(made.code, 1);
		assert.ok(made.stderr.includes(directory));
		const found = await finding();
		assert.equal(found?.status, "warning");
		assert.ok(found?.cause?.includes(directory), found?.cause);
	});

	it("leave no secret in backups where that is asked for", async () => {
		const directory = temporaryFolder();
		const token = `ghp_${"aB3dE5gH7jK9mN1pQ2rS4tU6vW8xY0zA1bC2"}`;
		const { run, imported, folder, files, texts } = backedUp({ BACKUP_DIR: directory });
		await imported(`The token is ${token}`, "and this is kept");
		assert.equal((await run("backup")).code, 0);
		const erased = await run("secrets", "--erase");
		assert.equal(erased.code, 0, erased.stderr);
		assert.match(
			erased.stderr,
			/Backups may still have them\. To erase them there too: mcp-mem0 secrets --erase --backups/,
		);
		const [name = ""] = files();
		const holds = () => [folder, directory].map((each) => readFileSync(join(each, name)).includes(token));
		assert.deepEqual(holds(), [true, true]);
		const cleaned = await run("secrets", "--erase", "--backups");
		assert.equal(cleaned.code, 0, cleaned.stderr);
		assert.match(cleaned.stderr, /Erased the secrets in 1 of 1 backup\./);
		assert.deepEqual(holds(), [false, false]);
		assert.equal((await run("restore", name, "--yes")).code, 0);
		assert.equal((await texts()).length, 2);
		assert.deepEqual(
			readdirSync(folder).filter((each) => each.startsWith(".partial")),
			[],
		);
	});

	it("are configured as the table of variables says", () => {
		const { config } = readConfig({
			BACKUP_INTERVAL: "0",
			BACKUP_DAYS: "3",
			BACKUP_WEEKS: "0",
			BACKUP_DIR: "/b",
		});
		assert.deepEqual(
			{ ...config.backups, directory: undefined },
			{ interval: 0, days: 3, weeks: 0, directory: undefined },
		);
		assert.equal(readConfig({}).config.backups.interval, 86_400_000);
	});
});
