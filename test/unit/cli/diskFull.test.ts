import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, readdirSync, rmSync, statfsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { databaseFile } from "../../../src/store/sqlite/sqliteStore.ts";
import { place } from "../../support/fixtures/commandLine.ts";
import { temporaryFolder } from "../../support/fixtures/temporaryFolder.ts";

/** A disk of its own; undefined where this person may make none. */
function smallDisk(): { readonly folder: string; remove(): void } | undefined {
	const folder = temporaryFolder();
	try {
		execFileSync("mount", ["-t", "tmpfs", "-o", "size=12m", "tmpfs", folder], { stdio: "ignore" });
	} catch {
		// Only root may, and only on Linux.
		return undefined;
	}
	return { folder, remove: () => execFileSync("umount", ["-l", folder]) };
}

/** Leaves so many bytes. */
function fill(folder: string, left: number): void {
	const { bavail, bsize } = statfsSync(folder);
	writeFileSync(join(folder, "ballast"), Buffer.alloc(Math.max(0, bavail * bsize - left)));
}

const filesIn = (folder: string) =>
	readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((name) => /partial/.test(name));

describe("On a full disk", function () {
	this.timeout(240_000);
	const disk = smallDisk();
	after(() => disk?.remove());
	before(function () {
		if (!disk) this.skip();
	});

	it("a backup, a restore and an export say so, change nothing and leave no half of a file", async () => {
		const { folder } = disk as NonNullable<typeof disk>;
		const memory = join(folder, "memory");
		mkdirSync(memory);
		const { run, write, exported } = place({ MEMORY_DIR: memory, EMBEDDING_PROVIDER: "builtin" });
		const facts = Array.from({ length: 20 }, (_, index) => ({
			text: `Fact ${index}: ${"the bees live in the oak ".repeat(800)}`,
		}));
		write("facts.jsonl", facts);
		assert.equal((await run("import", "facts.jsonl")).code, 0);
		assert.equal((await run("backup")).code, 0);
		assert.equal((await run("save", "Saved after the backup")).code, 0);
		const before = (await exported()).map(({ text }) => text);
		fill(folder, 150_000);
		for (const [args, words] of [
			[["backup"], /No backup was made: no space is left for .*backups\. Free some space/],
			[
				["restore", "latest", "--yes"],
				/Nothing was restored: no space is left for .*backups\. Free some space/,
			],
			[["export", join(folder, "out.jsonl")], /No space is left for .*out\.jsonl: nothing was written/],
			[
				["export", join(folder, "out"), "--format", "markdown"],
				/No space is left for .*\.md: nothing was written/,
			],
		] as const) {
			const { code, stderr } = await run(...args);
			assert.equal(code, 1, `${args.join(" ")}: ${stderr}`);
			assert.match(stderr, words);
			assert.doesNotMatch(stderr, /unexpected|at .*\.js:/);
			assert.deepEqual(filesIn(folder), [], args.join(" "));
		}
		assert.deepEqual(readdirSync(folder).sort(), ["ballast", "memory"]);
		rmSync(join(folder, "ballast"));
		assert.deepEqual(
			(await exported()).map(({ text }) => text),
			before,
		);
		assert.equal((await run("backups")).code, 0);
		assert.ok(readdirSync(memory).includes(databaseFile));
		assert.equal((await run("restore", "latest", "--yes")).code, 0);
		assert.equal((await exported()).length, 20);
	});
});
