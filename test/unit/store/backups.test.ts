import assert from "node:assert/strict";
import { fork } from "node:child_process";
import { once } from "node:events";
import {
	closeSync,
	existsSync,
	mkdirSync,
	openSync,
	readdirSync,
	rmSync,
	statSync,
	symlinkSync,
	utimesSync,
	writeFileSync,
	writeSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import type { Backups } from "../../../src/store/backups.ts";
import { backupName, superseded } from "../../../src/store/sqlite/backups/backupFiles.ts";
import { migrations, schemaVersion } from "../../../src/store/sqlite/schema.ts";
import { databaseFile, openStore } from "../../../src/store/sqlite/sqliteStore.ts";
import { configuredBackups, openConfiguredStore } from "../../../src/store/stores.ts";
import { add, everything, failure, remove, rewrite, texts } from "../../support/fixtures/storeFixtures.ts";
import { type Actor, actor } from "../../support/fixtures/storeProcess.ts";
import { temporaryFolder } from "../../support/fixtures/temporaryFolder.ts";

const settings = { interval: 86_400_000, days: 7, weeks: 4, directory: undefined };
const hour = 3_600_000;
const restorer = fileURLToPath(new URL("../../support/fixtures/restorer.ts", import.meta.url));

function backupsOf(memoryDir: string, more: { readonly directory?: string } = {}): Backups {
	return configuredBackups({ memoryDir, backups: { ...settings, ...more } });
}

async function memoryOf(...saved: readonly string[]): Promise<string> {
	const folder = join(temporaryFolder(), "memory");
	await fill(folder, ...saved);
	return folder;
}

async function fill(folder: string, ...saved: readonly string[]): Promise<void> {
	const { store } = await openStore(folder);
	for (const text of saved) await add(store, text);
	await store.close();
}

async function textsOf(folder: string): Promise<readonly string[]> {
	const { store } = await openStore(folder);
	const found = await texts(store);
	await store.close();
	return found;
}

/** Overwrites a page in the middle. */
function damage(file: string): void {
	const handle = openSync(file, "r+");
	writeSync(handle, Buffer.alloc(8192, 0x55), 0, 8192, 8192 * 3);
	closeSync(handle);
}

describe("Backups", function () {
	this.timeout(60_000);

	it("are whole copies, which their owner alone can read, in the memory's folder and in another", async () => {
		const folder = await memoryOf("bees live in the oak", "the gate is green");
		const directory = join(temporaryFolder(), "elsewhere", "copies");
		const backups = backupsOf(folder, { directory });
		const made = await backups.create("asked");
		assert.ok(made);
		assert.equal(dirname(made.path), join(folder, "backups"));
		assert.deepEqual(readdirSync(directory), [made.name]);
		const { contents } = await backups.examine(made);
		assert.deepEqual([contents?.memories, contents?.users, contents?.schema], [2, 1, schemaVersion]);
		if (process.platform !== "win32")
			for (const [path, mode] of [
				[made.path, 0o600],
				[join(directory, made.name), 0o600],
				[dirname(made.path), 0o700],
			] as const)
				assert.equal(statSync(path).mode & 0o777, mode, path);
		rmSync(join(folder, "backups"), { recursive: true });
		assert.deepEqual(
			(await backups.list()).map(({ path }) => path),
			[join(directory, made.name)],
		);
	});

	it("are made although the second folder cannot be written, which is told", async () => {
		const folder = await memoryOf("one");
		const directory = join(temporaryFolder(), "a file");
		writeFileSync(directory, "");
		const told: string[] = [];
		const made = await backupsOf(folder, { directory }).create("asked", (remark) => told.push(remark));
		assert.ok(made && existsSync(made.path));
		assert.equal(told.length, 1);
		assert.ok(told[0]?.includes(directory), told[0]);
	});

	it("are refused where their folder is a link or a file; the memory is as it was", async () => {
		for (const plant of [
			(path: string) => symlinkSync(temporaryFolder(), path, "junction"),
			(path: string) => writeFileSync(path, ""),
		]) {
			const folder = await memoryOf("one");
			plant(join(folder, "backups"));
			await assert.rejects(backupsOf(folder).create("asked"), failure("not-writable", /backups/));
			assert.deepEqual(await textsOf(folder), ["one"]);
		}
	});

	it("do not follow links that lie in their folder", async () => {
		const folder = await memoryOf("one");
		const outside = join(temporaryFolder(), "outside");
		writeFileSync(outside, "untouched");
		mkdirSync(join(folder, "backups"));
		symlinkSync(outside, join(folder, "backups", backupName(Date.now() + hour, "daily")));
		const backups = backupsOf(folder);
		await backups.create("asked");
		assert.equal((await backups.list()).length, 1);
		rmSync(join(folder, "backups", ".lock"));
		symlinkSync(outside, join(folder, "backups", ".lock"));
		await assert.rejects(backups.create("asked"), failure("not-writable", /link/));
		assert.equal(statSync(outside).size, "untouched".length);
	});

	it("are made by one process at a time, and one serves all that want it by the clock", async () => {
		const folder = await memoryOf("one");
		const made = await Promise.all(Array.from({ length: 4 }, () => backupsOf(folder).create("daily")));
		assert.equal(new Set(made.map((each) => each?.path)).size, 1);
		const backups = backupsOf(folder);
		assert.equal(await backups.isDue(Date.now()), false);
		assert.equal(await backups.isDue(Date.now() + 25 * hour), true);
	});

	it("are not due, and none is made, without a database", async () => {
		const folder = join(temporaryFolder(), "none");
		assert.equal(await backupsOf(folder).isDue(Date.now()), false);
		assert.equal(await backupsOf(folder).create("daily"), undefined);
		assert.ok(!existsSync(folder));
	});

	it("keep the last of 7 days and 4 weeks, and those of the last hours", () => {
		const now = Date.UTC(2026, 10, 27, 12);
		const at = Array.from({ length: 24 * 60 }, (_, index) => now - index * hour);
		const all = at.map(
			(time) => ({ path: "", name: String(time), at: time, reason: "daily", bytes: 1 }) as const,
		);
		const old = new Set(superseded(all, settings, now));
		const kept = all
			.filter((each) => !old.has(each))
			.map((each) => new Date(each.at).toISOString().slice(0, 13));
		assert.deepEqual(kept.slice(0, 2), ["2026-11-27T12", "2026-11-27T11"]);
		assert.deepEqual(kept.slice(10), [
			"2026-11-26T23",
			"2026-11-25T23",
			"2026-11-24T23",
			"2026-11-23T23",
			"2026-11-22T23",
			"2026-11-21T23",
			"2026-11-15T23",
			"2026-11-08T23",
		]);
	});

	it("remove what is no longer kept, and what a killed process left, but nothing else", async () => {
		const folder = await memoryOf("one");
		const backups = backupsOf(folder);
		const first = await backups.create("asked");
		assert.ok(first);
		const old = join(backups.folder, backupName(Date.now() - 300 * 24 * hour, "daily"));
		for (let day = 300; day < 320; day += 1)
			writeFileSync(join(backups.folder, backupName(Date.now() - day * 24 * hour, "daily")), "");
		const left = join(backups.folder, ".partial-1.db");
		const mine = join(backups.folder, "notes.txt");
		for (const path of [left, mine]) {
			writeFileSync(path, "");
			utimesSync(path, 1, 1);
		}
		await backups.create("asked");
		assert.ok(existsSync(old));
		assert.ok(existsSync(first.path));
		assert.ok(!existsSync(left));
		assert.ok(existsSync(mine));
		assert.ok((await backups.list()).length < 12, `${(await backups.list()).length}`);
	});

	it("come before an update of the database", async () => {
		const folder = temporaryFolder();
		const old = new DatabaseSync(join(folder, databaseFile));
		old.exec(migrations[0] as string);
		old.exec(`PRAGMA user_version = 1;
			INSERT INTO memories (id, revision, text, fingerprint, user_id, scope, created_at, updated_at) VALUES ('m', 1, 'An old memory', 'x', 'ada', 'global', 1, 1);
			UPDATE counters SET value = 1;`);
		old.close();
		const config = { memoryDir: folder, backups: settings };
		const { store } = await openConfiguredStore(config, { chat: "", embedding: "" });
		const backups = backupsOf(folder);
		const [made, ...others] = await backups.list();
		assert.ok(made);
		assert.equal(others.length, 0);
		assert.equal(made.reason, "update");
		assert.equal((await backups.examine(made)).contents?.schema, 1);
		await add(store, "A new memory");
		await store.close();
		// It is brought up to date on its way back.
		const preview = await backups.preview(made.path);
		assert.deepEqual([preview.added, preview.removed], [0, 1]);
		await backups.restore(made.path);
		assert.deepEqual(await textsOf(folder), ["An old memory"]);
	});

	it("that are damaged are named and skipped", async () => {
		const folder = await memoryOf("one");
		const backups = backupsOf(folder);
		const good = await backups.create("asked");
		await sleep(5);
		const bad = await backups.create("asked");
		assert.ok(good && bad);
		damage(bad.path);
		writeFileSync(join(backups.folder, backupName(Date.now() + 1000, "daily")), "no database");
		const newest = await backups.newestGood();
		assert.equal(newest.good?.path, good.path);
		assert.deepEqual(
			newest.damaged.map(({ damage: said }) => said !== undefined),
			[true, true],
		);
		await assert.rejects(backups.preview(bad.path), failure("corrupt", /is damaged, and is not restored/));
		await assert.rejects(backups.restore(bad.path), failure("corrupt", /is damaged, and is not restored/));
		await assert.rejects(backups.restore(`${bad.path}.gone`), failure("failed", /There is no backup/));
		assert.deepEqual(await textsOf(folder), ["one"]);
	});
});

describe("A restore", function () {
	this.timeout(60_000);

	it("tells what it would change, changes it, and can be taken back", async () => {
		const folder = await memoryOf();
		const { store } = await openStore(folder);
		const kept = await add(store, "kept");
		const edited = await add(store, "as it was");
		const deleted = await add(store, "deleted later");
		const backups = backupsOf(folder);
		const made = await backups.create("asked");
		assert.ok(made);
		await rewrite(store, edited.memory.id, "edited");
		await remove(store, deleted.memory.id);
		await add(store, "added later");
		const { added, removed, changed, examples } = await backups.preview(made.path);
		assert.deepEqual([added, removed, changed], [1, 1, 1]);
		assert.deepEqual(examples, {
			added: ["deleted later"],
			removed: ["added later"],
			changed: ["as it was"],
		});
		assert.deepEqual(await texts(store), ["added later", "edited", "kept"]);
		const { before } = await backups.restore(made.path);
		assert.deepEqual(await texts(store), ["as it was", "deleted later", "kept"]);
		assert.equal((await store.memories.history(kept.memory.id, "ada")).length, 1);
		// What it counts, finds and says twice is that of the backup.
		assert.equal((await store.memories.list(everything, 1)).total, 3);
		assert.equal((await add(store, "deleted later")).event, "DUPLICATE");
		assert.ok(before);
		await backups.restore(before.path);
		assert.deepEqual(await texts(store), ["added later", "edited", "kept"]);
		await store.close();
	});

	it("makes no token valid again that was revoked, and brings users to a new database", async () => {
		const folder = await memoryOf("one");
		const { store } = await openStore(folder);
		await store.users.add({ name: "ada", admin: false, tokenHash: "aa", createdAt: 1 });
		const made = await backupsOf(folder).create("asked");
		await store.users.revoke("ada", 5);
		await backupsOf(folder).restore(made?.path ?? "");
		assert.equal((await store.users.list())[0]?.revokedAt, 5);
		await store.close();
		const elsewhere = join(temporaryFolder(), "new");
		await backupsOf(elsewhere).restore(made?.path ?? "");
		const { store: restored } = await openStore(elsewhere);
		assert.deepEqual((await restored.users.list())[0]?.tokenHash, "aa");
		await restored.close();
	});

	it("makes a memory where there is none", async () => {
		const folder = await memoryOf("one");
		const made = await backupsOf(folder).create("asked");
		const elsewhere = join(temporaryFolder(), "new");
		const { before } = await backupsOf(elsewhere).restore(made?.path ?? "");
		assert.equal(before, undefined);
		assert.deepEqual(await textsOf(elsewhere), ["one"]);
	});

	it("is seen at once by processes that have the memory open, which lose nothing that they write meanwhile", async () => {
		const folder = await memoryOf();
		const actors = await Promise.all([actor(folder), actor(folder)]);
		const [one, other] = actors as [Actor, Actor];
		const place = { space: 0, project: 0 };
		const ask = (by: Actor, text: string) =>
			by.does({ kind: "ask", text, space: 0, filter: everything, k: 1 }).then(([id]) => id);
		const [old] = await one.does({ kind: "add", text: "of the backup", ...place });
		const backups = backupsOf(folder);
		const made = await backups.create("asked");
		const [later] = await other.does({ kind: "add", text: "added later", ...place });
		for (const each of actors) assert.equal(await ask(each, "added later"), later);
		const acknowledged: string[] = [];
		let isOver = false;
		const writing = Promise.all(
			actors.map(async (each, number) => {
				for (let turn = 0; !isOver; turn += 1) {
					const text = `meanwhile ${number} ${turn}`;
					await each.does({ kind: "add", text, ...place });
					acknowledged.push(text);
				}
			}),
		);
		await sleep(50);
		const { before } = await backups.restore(made?.path ?? "");
		isOver = true;
		await writing;
		for (const each of actors) {
			assert.equal(await ask(each, "of the backup"), old);
			assert.notEqual(await ask(each, "added later"), later);
		}
		const [fresh] = await one.does({ kind: "add", text: "after the restore", ...place });
		assert.equal(await ask(other, "after the restore"), fresh);
		for (const { process: child } of actors) {
			child.kill();
			await once(child, "exit");
		}
		const now = await textsOf(folder);
		assert.ok(!now.includes("added later") && now.includes("of the backup"), now.join());
		await backups.restore(before?.path ?? "");
		const then = await textsOf(folder);
		assert.ok(then.includes("added later"));
		const gone = acknowledged.filter((text) => !now.includes(text) && !then.includes(text));
		assert.deepEqual(gone, []);
	});

	it("that is killed has happened or has not, and what was there is kept", async () => {
		const folder = await memoryOf("of the backup");
		const backups = backupsOf(folder);
		const made = await backups.create("asked");
		const later = Array.from({ length: 20 }, (_, index) => `later ${index}`);
		await fill(folder, ...later);
		for (let delay = 0; delay < 300; delay += 20) {
			const child = fork(restorer, [folder, made?.path ?? ""], { stdio: "ignore" });
			// From the first file that it writes on.
			const ended = once(child, "exit");
			while (
				child.exitCode === null &&
				!readdirSync(backups.folder).some((name) => name.startsWith(".partial"))
			)
				await sleep(2);
			await sleep(delay);
			child.kill("SIGKILL");
			await ended;
			const now = await textsOf(folder);
			if (now.length === 1) {
				const undo = (await backups.list()).find(({ reason }) => reason === "restore");
				await backups.restore(undo?.path ?? "");
			} else assert.equal(now.length, 21);
			assert.equal((await textsOf(folder)).length, 21);
		}
	});
});
