import assert from "node:assert/strict";
import {
	chmodSync,
	existsSync,
	mkdirSync,
	readdirSync,
	readFileSync,
	renameSync,
	writeFileSync,
} from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { schemaVersion } from "../../../src/store/sqlite/schema.ts";
import { databaseFile, openStore } from "../../../src/store/sqlite/sqliteStore.ts";
import {
	add,
	count,
	everything,
	failure,
	memoriesWith,
	newMemory,
	remove,
	texts,
} from "../../support/fixtures/storeFixtures.ts";
import { temporaryFolder } from "../../support/fixtures/temporaryFolder.ts";

/** The numbers of the pages with the rows of a table, in their order. */
function leavesOf(path: string, table: string): readonly number[] {
	const database = new DatabaseSync(path, { readOnly: true });
	try {
		const sql = "SELECT pageno FROM dbstat WHERE name = ? AND pagetype = 'leaf' ORDER BY path";
		return database
			.prepare(sql)
			.all(table)
			.map(({ pageno }) => Number(pageno));
	} finally {
		database.close();
	}
}

describe("Opening a database", () => {
	it("refuses one made by a newer version, and leaves it as it is", async () => {
		const folder = temporaryFolder();
		await (await openStore(folder)).store.close();
		const path = join(folder, databaseFile);
		const newer = new DatabaseSync(path);
		newer.exec(`PRAGMA user_version = ${schemaVersion + 7}`);
		newer.close();
		await assert.rejects(
			openStore(folder),
			failure("newer-schema", /newer version/, new RegExp(`schema ${schemaVersion + 7}`), /Update MCP Mem0/),
		);
		const unchanged = new DatabaseSync(path);
		assert.deepEqual(
			{ ...unchanged.prepare("PRAGMA user_version").get() },
			{ user_version: schemaVersion + 7 },
		);
		unchanged.close();
	});

	it("refuses to write when a newer version has changed it meanwhile", async () => {
		const folder = temporaryFolder();
		const { store } = await openStore(folder);
		const newer = new DatabaseSync(join(folder, databaseFile));
		newer.exec(`PRAGMA user_version = ${schemaVersion + 1}`);
		await assert.rejects(add(store, "x"), failure("newer-schema"));
		newer.close();
		await store.close();
	});

	it("sets a file that is no database aside, byte for byte, and says where", async () => {
		const folder = temporaryFolder();
		const rubbish = "this is not a database, but it may be precious\n".repeat(200);
		writeFileSync(join(folder, databaseFile), rubbish);
		const { store } = await openStore(folder);
		assert.equal((await add(store, "goes on")).event, "ADD");
		const aside = readdirSync(folder).find((name) => name.includes(".corrupt-"));
		assert.ok(aside);
		assert.equal(readFileSync(join(folder, aside), "utf8"), rubbish);
		assert.ok((await store.notices.list())[0]?.includes(aside));
		await store.close();
	});

	it("sets it aside once when two meet it at the same time, and both go on with one new database", async () => {
		const folder = temporaryFolder();
		writeFileSync(join(folder, databaseFile), "this is not a database\n".repeat(500));
		const [one, two] = await Promise.all([openStore(folder), openStore(folder)]);
		const { memory } = await add(one.store, "shared after all");
		assert.equal((await two.store.memories.get(memory.id, "ada"))?.text, "shared after all");
		assert.equal(readdirSync(folder).filter((name) => /\.corrupt-[^.]*$/.test(name)).length, 1);
		await one.store.close();
		await two.store.close();
	});

	it("finds damage inside a database when it reads, sets the file aside, rescues what is readable, and says so", async () => {
		const folder = temporaryFolder();
		const path = join(folder, databaseFile);
		const { store } = await openStore(folder);
		const space = { provider: "test", origin: "", model: "three", dimensions: 3 };
		for (let number = 0; number < 20; number += 1)
			await store.saves.addAll(
				Array.from({ length: 100 }, (_, index) =>
					newMemory(`memory number ${number * 100 + index} ${"text ".repeat(50)}`, {
						vector: { space, values: Float32Array.from([1, 0, 0]) },
					}),
				),
			);
		const [first] = (await store.memories.list(everything, 1)).memories;
		await remove(store, first?.id ?? "");
		await store.close();
		// Two holes among the newer memories, behind the schema and the roots of tables and indexes, so that it opens all the same.
		const pages = leavesOf(path, "memories");
		const bytes = readFileSync(path);
		for (const page of [...pages.slice(60, 64), ...pages.slice(90, 92)])
			bytes.fill(0x5a, 8192 * (page - 1), 8192 * page);
		writeFileSync(path, bytes);
		const damaged = await openStore(folder);
		assert.ok((await texts(damaged.store)).length > 500);
		assert.equal((await add(damaged.store, "saved after the damage")).event, "ADD");
		const rescued = await count(damaged.store);
		assert.ok(rescued > 1500 && rescued < 2000, `${rescued} of 1999`);
		assert.ok((await texts(damaged.store)).includes("saved after the damage"));
		const { memories } = await damaged.store.memories.list(everything, 1000);
		assert.ok((await memoriesWith(damaged.store, ["number"], everything)).length > 0);
		assert.ok((await damaged.store.spaces.missing("ada", space, 1000)).length < memories.length / 2);
		assert.match((await damaged.store.notices.list()).join(), /set aside, not deleted.* 1\d\d\d memories/);
		await damaged.store.close();
		assert.ok(readdirSync(folder).some((name) => name.includes(".corrupt-")));
		const { store: next } = await openStore(folder);
		assert.equal((await next.notices.list()).length, 1);
		await next.notices.seen();
		assert.deepEqual(await next.notices.list(), []);
		await next.close();
	});

	it("rescues what a process that was killed has left unread", async () => {
		const folder = temporaryFolder();
		const path = join(folder, databaseFile);
		const { store } = await openStore(folder);
		await add(store, "to be rescued");
		await store.close();
		renameSync(path, `${path}.corrupt-2026`);
		writeFileSync(`${path}.corrupt-2026.unread`, `${hostname()}:999999999:x`);
		const { store: next } = await openStore(folder);
		assert.deepEqual(await texts(next), ["to be rescued"]);
		assert.equal(existsSync(`${path}.corrupt-2026.unread`), false);
		assert.equal((await next.notices.list()).length, 1);
		await next.close();
	});

	it("says that a folder cannot be written, and what to do", async function () {
		if (process.platform === "win32") this.skip();
		const folder = temporaryFolder();
		const locked = join(folder, "locked");
		mkdirSync(locked);
		chmodSync(folder, 0o755);
		chmodSync(locked, 0o555);
		// Root may write anywhere, so the test is somebody else for a moment.
		const root = process.geteuid?.() === 0;
		if (root) process.seteuid?.(65534);
		try {
			await assert.rejects(
				openStore(join(locked, "memory")),
				failure("not-writable", /locked.memory.*cannot be used \(.*permission denied/, /set MEMORY_DIR/),
			);
		} finally {
			if (root) process.seteuid?.(0);
		}
		assert.equal(existsSync(join(locked, "memory")), false);
	});

	it("says that a database cannot be written, and what to do", async function () {
		if (process.platform === "win32") this.skip();
		const folder = temporaryFolder();
		await (await openStore(folder)).store.close();
		const root = process.geteuid?.() === 0;
		chmodSync(folder, 0o555);
		chmodSync(join(folder, databaseFile), 0o444);
		if (root) process.seteuid?.(65534);
		try {
			await assert.rejects(openStore(folder), failure("not-writable", /cannot be written/, /set MEMORY_DIR/));
		} finally {
			if (root) process.seteuid?.(0);
			chmodSync(folder, 0o755);
		}
	});

	it("says that a path leads through a file", async () => {
		const folder = temporaryFolder();
		writeFileSync(join(folder, "file"), "");
		await assert.rejects(
			openStore(join(folder, "file", "memory")),
			failure("not-writable", /set MEMORY_DIR/),
		);
	});
});
