import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { appendFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { place } from "../../support/fixtures/commandLine.ts";
import { fillStore } from "../../support/fixtures/fullMemory.ts";
import { temporaryFolder } from "../../support/fixtures/temporaryFolder.ts";
import { TestSchema, testDatabaseUrl } from "../../support/postgres/testDatabase.ts";

const itOnServer = testDatabaseUrl ? it : it.skip;

describe("Backups of a memory in PostgreSQL", function () {
	this.timeout(120_000);

	const byId = (memories: Record<string, unknown>[]) =>
		memories.sort((a, b) => (String(a.id) < String(b.id) ? -1 : 1));

	async function filled(schema: TestSchema) {
		const store = await schema.open();
		await fillStore(store);
		await store.close();
	}

	function at(schema: TestSchema, more: Readonly<Record<string, string>> = {}) {
		return place({
			MEMORY_DIR: temporaryFolder(),
			EMBEDDING_PROVIDER: "builtin",
			DATABASE_URL: testDatabaseUrl as string,
			DATABASE_SCHEMA: schema.name,
			...more,
		});
	}

	itOnServer(
		"are lines of an export, read back and listed, which another database takes in (needs TEST_DATABASE_URL)",
		async () => {
			const [schema, other] = [new TestSchema(), new TestSchema()];
			try {
				await filled(schema);
				const second = temporaryFolder();
				const from = at(schema, { BACKUP_DIR: second });
				const { code, stdout, stderr } = await from.run("backup", "--json");
				assert.equal(code, 0, stderr);
				const { backup } = JSON.parse(stdout) as { backup: { file: string; memories: number } };
				assert.equal(backup.memories, (await from.exported()).length);
				if (process.platform !== "win32") assert.equal(statSync(backup.file).mode & 0o777, 0o600);
				assert.ok(statSync(join(second, backup.file.replace(/.*\//, ""))).size > 0);
				assert.match(stderr, /Backed up 9 memories of ada with their history; read back/);
				const listed = await from.run("backups");
				assert.deepEqual([listed.code, /9 memories/.test(listed.stdout)], [0, true]);
				const to = at(other);
				assert.equal((await to.run("import", backup.file)).code, 0);
				assert.deepEqual(byId(await to.exported()), byId(await from.exported()));
				const restored = await from.run("restore", "latest");
				assert.deepEqual([restored.code, /mcp-mem0 import FILE/.test(restored.stderr)], [1, true]);
				appendFileSync(backup.file, '{"id": "half');
				const damaged = await from.run("backups");
				assert.deepEqual([damaged.code, /DAMAGED/.test(damaged.stdout)], [1, true]);
			} finally {
				await schema.drop();
				await other.drop();
			}
		},
	);

	itOnServer(
		"name the commands that copy the whole database and bring it back, which do so (needs TEST_DATABASE_URL)",
		async function () {
			const schema = new TestSchema(`Odd.Name ${process.pid}`);
			try {
				await filled(schema);
				const from = at(schema);
				const { stdout } = await from.run("backup", "--json");
				const { dump, restore } = JSON.parse(stdout) as { dump: string; restore: string };
				const folder = temporaryFolder();
				const shell = (command: string) =>
					execFileSync("sh", ["-c", command], { cwd: folder, stdio: "pipe" });
				try {
					shell("pg_dump --version");
				} catch {
					return this.skip();
				}
				shell(dump);
				const before = await from.exported();
				await from.run("delete", String(before[0]?.id));
				assert.notEqual((await from.exported()).length, before.length);
				shell(restore);
				assert.deepEqual(await from.exported(), before);
				assert.match((await from.run("search", "Fridays")).stdout, /Ada deploys on Fridays/);
			} finally {
				await schema.drop();
			}
		},
	);
});
