import assert from "node:assert/strict";
import { once } from "node:events";
import { copyFileSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { databaseFile, openStore } from "../../../src/store/sqlite/sqliteStore.ts";
import { add, count, everything, memoriesWith, texts } from "../../support/fixtures/storeFixtures.ts";
import { type Actor, actor } from "../../support/fixtures/storeProcess.ts";
import { temporaryFolder } from "../../support/fixtures/temporaryFolder.ts";

describe("A database file that is taken away while processes use it", function () {
	this.timeout(40_000);
	let folder: string;
	let path: string;
	let actors: Actor[];
	let acknowledged: string[];

	before(function () {
		// Windows lets nobody rename or remove an open file.
		if (process.platform === "win32") this.skip();
	});

	beforeEach(async () => {
		folder = join(temporaryFolder(), "memory");
		mkdirSync(folder);
		path = join(folder, databaseFile);
		acknowledged = [];
		actors = await Promise.all([actor(folder), actor(folder), actor(folder)]);
	});

	afterEach(() => killAll());

	async function killAll(): Promise<void> {
		for (const { process } of actors.splice(0)) {
			const ended = once(process, "exit");
			process.kill("SIGKILL");
			await ended;
		}
	}

	/** Each process saves some texts, all at once. */
	async function save(name: string, savers: readonly Actor[] = actors): Promise<void> {
		await Promise.all(
			savers.map(async (each, number) => {
				for (let turn = 0; turn < 5; turn += 1) {
					const text = `${name} ${number} ${turn}`;
					await each.does({ kind: "add", text, space: 0, project: 0 });
					acknowledged.push(text);
				}
			}),
		);
	}

	/** After a kill of all, everything that was acknowledged is in the file of that name, and it is told. */
	async function nothingIsLost(): Promise<void> {
		const told = await Promise.all(actors.map((each) => each.does({ kind: "notices" })));
		for (const notices of told) assert.match(notices.join(), /removed, renamed or replaced|set aside/);
		await killAll();
		const { store } = await openStore(folder);
		const found = await texts(store);
		assert.deepEqual(
			acknowledged.filter((text) => !found.includes(text)),
			[],
		);
		assert.equal(new Set(found).size, found.length);
		assert.ok((await memoriesWith(store, ["harbor"], everything)).length > 0);
		assert.ok((await store.notices.list()).length > 0);
		await store.close();
	}

	it("keeps what was saved when the file is removed", async () => {
		await save("harbor");
		rmSync(path);
		await save("after");
		await nothingIsLost();
	});

	it("keeps it when the whole folder is removed or renamed", async () => {
		await save("harbor");
		renameSync(folder, `${folder}-old`);
		await save("renamed");
		rmSync(folder, { recursive: true });
		await save("removed");
		await nothingIsLost();
	});

	it("keeps it when an older copy takes the file's place, and a process starts then", async () => {
		await save("harbor");
		const { store } = await openStore(folder);
		await store.close();
		copyFileSync(path, `${path}.copy`);
		await save("later");
		const [id] = (await actors[0]?.does({ kind: "add", text: "to be deleted", space: 0, project: 0 })) ?? [];
		await actors[1]?.does({ kind: "delete", id: id ?? "" });
		renameSync(`${path}.copy`, path);
		actors.push(await actor(folder));
		await save("after");
		await nothingIsLost();
		const { store: next } = await openStore(folder);
		assert.ok(!(await texts(next)).includes("to be deleted"));
		await next.close();
	});

	it("keeps it when the file is damaged: all let go of it, one sets it aside and rescues it", async () => {
		await save("harbor");
		const { store } = await openStore(folder);
		for (let number = 0; number < 300; number += 1)
			await add(store, `filler ${number} ${"text ".repeat(100)}`);
		await killAll();
		await store.close();
		const bytes = readFileSync(path);
		bytes.fill(0x5a, bytes.length - 8192 * 4);
		writeFileSync(path, bytes);
		actors = await Promise.all([actor(folder), actor(folder), actor(folder)]);
		await save("unaware");
		// As SQLite's first report of the damage leaves it.
		writeFileSync(`${path}.suspect`, "");
		await save("aware");
		await nothingIsLost();
		const { store: fresh } = await openStore(folder);
		assert.ok((await count(fresh)) > 200);
		await fresh.close();
	});
});
