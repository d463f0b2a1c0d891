import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { openStore } from "../../../src/store/sqlite/sqliteStore.ts";
import { serverFile } from "../../support/fixtures/builtFiles.ts";
import { place } from "../../support/fixtures/commandLine.ts";
import { fillStore } from "../../support/fixtures/fullMemory.ts";
import { newMemory } from "../../support/fixtures/storeFixtures.ts";
import { temporaryFolder } from "../../support/fixtures/temporaryFolder.ts";
import { TestSchema, testDatabaseUrl } from "../../support/postgres/testDatabase.ts";

/** A folder with a memory, and more memories of Ada. */
async function filled(more = 0) {
	const folder = temporaryFolder();
	const { store } = await openStore(folder);
	await fillStore(store);
	for (let from = 0; from < more; from += 1000)
		await store.saves.addAll(
			Array.from({ length: Math.min(1000, more - from) }, (_, n) => newMemory(`fact number ${from + n}`)),
		);
	await store.close();
	return folder;
}

const itOnServer = testDatabaseUrl ? it : it.skip;

describe("mcp-mem0 migrate", function () {
	this.timeout(120_000);

	it("copies a memory into another folder, compares both, and says what to configure", async () => {
		const folder = await filled();
		const target = join(temporaryFolder(), "there");
		const from = place({ MEMORY_DIR: folder, EMBEDDING_PROVIDER: "builtin" });
		const trial = await from.run("migrate", "--to", target, "--dry-run");
		assert.equal(trial.code, 0, trial.stderr);
		assert.match(trial.stderr, /Would copy 10 memories of 2 users and 1 deleted ones? that can be restored/);
		assert.equal(existsSync(target), false);
		const done = await from.run("migrate", "--to", target);
		assert.equal(done.code, 0, done.stderr);
		assert.match(done.stderr, /11 memories with history and vectors: added 11, updated 0/);
		assert.match(done.stderr, /Copied and compared 10 memories of 2 users/);
		assert.match(done.stderr, new RegExp(`Nothing was removed from .*MEMORY_DIR=${target}`));
		assert.deepEqual(
			await place({ MEMORY_DIR: target, EMBEDDING_PROVIDER: "builtin" }).exported(),
			await from.exported(),
		);
		const again = await from.run("migrate", "--to", target, "--json");
		assert.match(again.stderr, /has everything already/);
		const said = JSON.parse(again.stdout) as { isComplete: boolean; rows: { memories: { added: number } } };
		assert.deepEqual([said.isComplete, said.rows.memories.added], [true, 0]);
		const trialAgain = await from.run("migrate", "--to", target, "--dry-run");
		assert.match(trialAgain.stderr, /with history and vectors: would add 0/);
	});

	it("refuses what is no place, the place where the memory is, and a memory that is not there", async () => {
		const folder = await filled();
		const { run } = place({ MEMORY_DIR: folder, EMBEDDING_PROVIDER: "builtin" });
		const same = await run("migrate", "--to", folder);
		assert.deepEqual([same.code, /is in .* already/.test(same.stderr)], [64, true]);
		for (const args of [
			["migrate"],
			["migrate", "--to", "mysql://ada:secret-word@db/x"],
			["migrate", "postgres://ada:secret-word@db/x"],
			["migrate", "--to", "postgres://:secret-word@db/x"],
		]) {
			const { code, stderr } = await run(...args);
			assert.equal(code, 64, stderr);
			assert.doesNotMatch(stderr, /secret-word/);
		}
		const away = await run("migrate", "--to", "postgres://ada:secret-word@127.0.0.1:1/x");
		assert.equal(away.code, 1);
		assert.doesNotMatch(away.stderr, /secret-word/);
		const empty = place({ MEMORY_DIR: temporaryFolder(), EMBEDDING_PROVIDER: "builtin" });
		const nothing = await empty.run("migrate", "--to", temporaryFolder());
		assert.deepEqual([nothing.code, /There is no memory in/.test(nothing.stderr)], [1, true]);
	});

	it("goes on after it was killed", async () => {
		const folder = await filled(3000);
		const target = temporaryFolder();
		const from = place({ MEMORY_DIR: folder, EMBEDDING_PROVIDER: "builtin" });
		for (const ms of [300, 500, 700]) {
			const child = spawn(process.execPath, [serverFile, "migrate", "--to", target], {
				cwd: from.folder,
				env: from.env,
				stdio: "ignore",
			});
			await sleep(ms);
			child.kill("SIGKILL");
			await new Promise((done) => (child.exitCode === null ? child.once("exit", done) : done(0)));
		}
		const done = await from.run("migrate", "--to", target);
		assert.equal(done.code, 0, done.stderr);
		const there = place({ MEMORY_DIR: target, EMBEDDING_PROVIDER: "builtin" });
		assert.deepEqual(await there.exported(), await from.exported());
	});

	itOnServer("copies a memory to a server and back (needs TEST_DATABASE_URL)", async () => {
		const folder = await filled(500);
		const schema = new TestSchema();
		const url = new URL(testDatabaseUrl as string);
		// The test server asks for none.
		url.password = "secret-word";
		const variables = { EMBEDDING_PROVIDER: "builtin", DATABASE_SCHEMA: schema.name };
		try {
			const from = place({ ...variables, MEMORY_DIR: folder });
			const trial = await from.run("migrate", "--to", url.href, "--dry-run");
			assert.match(trial.stderr, /Would copy 510 memories/);
			const done = await from.run("migrate", "--to", url.href, "--json");
			assert.equal(done.code, 0, done.stderr);
			assert.match(done.stderr, /set DATABASE_URL=postgres:\/\/\w+@127/);
			assert.doesNotMatch(done.stdout + done.stderr, /secret-word/);
			const team = place({ ...variables, MEMORY_DIR: temporaryFolder(), DATABASE_URL: url.href });
			assert.deepEqual(await team.exported(), await from.exported());
			const target = temporaryFolder();
			const back = await team.run("migrate", "--to", target);
			assert.equal(back.code, 0, back.stderr);
			assert.match(back.stderr, /take DATABASE_URL out of the configuration .*mcpMem0\.storage\.directory/);
			const home = place({ MEMORY_DIR: target, EMBEDDING_PROVIDER: "builtin" });
			assert.deepEqual(await home.exported(), await from.exported());
			assert.match((await team.run("search", "Fridays")).stdout, /Ada deploys on Fridays/);
			const same = await team.run("migrate", "--to", url.href);
			assert.equal(same.code, 64);
		} finally {
			await schema.drop();
		}
	});
});
