import assert from "node:assert/strict";
import { closeSync, copyFileSync, existsSync, openSync, renameSync, statSync, writeSync } from "node:fs";
import { join } from "node:path";
import { readConfig } from "../../../src/config/config.ts";
import { examine } from "../../../src/doctor/doctor.ts";
import { databaseFile } from "../../../src/store/sqlite/sqliteStore.ts";
import { place } from "../../support/fixtures/commandLine.ts";
import { temporaryFolder } from "../../support/fixtures/temporaryFolder.ts";

/** A memory of 200 texts. */
async function filled() {
	const memory = temporaryFolder();
	const { run, write, exported } = place({ MEMORY_DIR: memory, EMBEDDING_PROVIDER: "builtin" });
	write(
		"facts.jsonl",
		Array.from({ length: 200 }, (_, index) => ({ text: `Member ${index} keeps bees in town ${index}` })),
	);
	assert.equal((await run("import", "facts.jsonl")).code, 0);
	return { path: join(memory, databaseFile), run, exported, memory };
}

/** Overwrites some pages in the middle. */
function damage(file: string): void {
	const handle = openSync(file, "r+");
	const { size } = statSync(file);
	writeSync(handle, Buffer.alloc(16_384, 0x55), 0, 16_384, Math.floor(size / 16_384) * 8192);
	closeSync(handle);
}

describe("mcp-mem0 rescue", function () {
	this.timeout(60_000);

	it("copies what is readable in a file that an earlier version only set aside; the Doctor offers it until then", async () => {
		const { path, run, exported, memory } = await filled();
		const aside = `${path}.corrupt-2026-01-01T00-00-00-000Z`;
		renameSync(path, aside);
		damage(aside);
		assert.equal((await run("search", "bees")).code, 0);
		const { config } = readConfig({ MEMORY_DIR: memory });
		const found = async () => {
			const env = { MEMORY_DIR: config.memoryDir };
			const { findings } = await examine({ env, roles: ["storage"] });
			return findings.find(({ id }) => id === "storage.set-aside");
		};
		const finding = await found();
		assert.equal(finding?.status, "warning");
		assert.ok(finding.seen.includes(aside), finding.seen);
		assert.deepEqual(finding.fixes, [
			{ kind: "rescue", label: "Copy what is readable into the memory", files: [aside] },
		]);
		const { code, stderr } = await run("rescue");
		assert.equal(code, 0, stderr);
		assert.match(stderr, /\d+ memories and \d+ saved texts were still readable and were copied/);
		assert.ok((await exported()).length > 100, `${(await exported()).length} of 200`);
		assert.ok(existsSync(aside), "it is kept");
		assert.equal(await found(), undefined);
		assert.match((await run("rescue")).stderr, /There is no damaged database/);
	});

	it("copies from a file that is named, what the memory lacks and nothing twice", async () => {
		const { path, run, exported } = await filled();
		const old = join(temporaryFolder(), "old copy.db");
		copyFileSync(path, old);
		const before = statSync(old).size;
		assert.equal((await run("rescue", old)).code, 0);
		assert.equal((await exported()).length, 200);
		assert.equal(statSync(old).size, before, "it is not changed");
		const other = place({ MEMORY_DIR: temporaryFolder(), EMBEDDING_PROVIDER: "builtin" });
		assert.equal((await other.run("rescue", old)).code, 0);
		assert.equal((await other.exported()).length, 200);
	});

	it("says when there is no such file", async () => {
		const { code, stderr } = await place().run("rescue", "gone.db");
		assert.equal(code, 1);
		assert.match(stderr, /There is no file .*gone\.db/);
	});
});
