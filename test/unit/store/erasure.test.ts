import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { chmodSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { openStore } from "../../../src/store/sqlite/sqliteStore.ts";
import { add, count, newMemory, remove, rewrite } from "../../support/fixtures/storeFixtures.ts";
import { temporaryFolder } from "../../support/fixtures/temporaryFolder.ts";

const space = { provider: "test", origin: "", model: "three", dimensions: 3 };

/** Files of the folder in which the text stands. */
function filesWith(folder: string, text: string | Buffer): string[] {
	return readdirSync(folder).filter((name) => readFileSync(join(folder, name)).includes(text));
}

describe("What is erased for good", () => {
	it("is in no file any more: neither text, words, journal, history, name nor vector", async () => {
		const folder = temporaryFolder();
		const { store } = await openStore(folder);
		await store.saves.addAll(Array.from({ length: 3000 }, (_, index) => newMemory(`memory number ${index}`)));
		const secret = "The zanzibarkey opens Quxlington";
		const values = Object.assign(Float32Array.from([0.6, 0.8, 0]), { words: Uint8Array.from([1, 2, 3, 5]) });
		const entry = { ...newMemory(secret, { metadata: { place: "plumtown" } }), id: "save" };
		await store.saves.store(entry, { distil: true, vector: { space, values } });
		const facts = [{ text: `${secret}.`, entities: [{ text: "Quxlington", type: "PROPER" }] }];
		const [result] = (await store.distillation.commit("save", facts)) ?? [];
		assert.ok(result);
		const { id } = result.memory;
		await rewrite(store, id, "The zanzibarkey is lost in plumtown", { vector: { space, values } });
		assert.notDeepEqual(filesWith(folder, "zanzibarkey"), []);
		await remove(store, id);
		assert.equal(await store.memories.purgeDeleted("ada", Date.now() + 1), 1);
		for (const trace of ["zanzibarkey", "zanzibarkei", "Quxlington", "quxlington", "plumtown"])
			assert.deepEqual(filesWith(folder, trace), [], trace);
		const vector = Buffer.from(values.buffer, 0, 8);
		for (const name of readdirSync(folder))
			assert.ok(!readFileSync(join(folder, name)).includes(vector), `the vector is in ${name}`);
		assert.equal(await count(store), 3000);
		await store.close();
	});

	it("leaves neither its vectors nor their hashes, which were kept in case that the text came back", async () => {
		const folder = temporaryFolder();
		const { store } = await openStore(folder);
		const remote = { ...space, origin: "http://models.example" };
		const values = Float32Array.from([0.48, 0.6, 0.64]);
		const { memory } = await add(store, "The glimworp is hidden", { vector: { space: remote, values } });
		await store.spaces.keep(remote, [{ text: "The glimworp", values: Float32Array.from([0.64, 0.48, 0.6]) }]);
		await rewrite(store, memory.id, "The glimworp is found");
		await remove(store, memory.id);
		const traces = ["The glimworp is hidden", "The glimworp"].map((text) =>
			createHash("sha256").update(text).digest(),
		);
		traces.push(Buffer.from(values.buffer), Buffer.from(Float32Array.from([0.64, 0.48, 0.6]).buffer));
		const found = () => traces.map((trace) => filesWith(folder, trace).length > 0);
		assert.deepEqual(found(), [true, true, true, true]);
		await store.memories.purgeDeleted("ada", Date.now() + 1000);
		assert.deepEqual(found(), [false, false, false, false]);
		await store.close();
	});

	it("is not in the save that told of it, though other facts of the save are kept", async () => {
		const folder = temporaryFolder();
		const { store } = await openStore(folder);
		const facts = ["Ada likes tea", "Her pinzugard is 4711"].map((text) => ({ text, entities: [] }));
		const told = [
			["first", "Ada likes tea. Her pinzugard is 4711."],
			// Its facts are known already.
			["second", "Her pinzugard is 4711, and Ada likes tea."],
		] as const;
		const kept: string[] = [];
		for (const [id, text] of told) {
			await store.saves.store({ ...newMemory(text), id }, { distil: true });
			kept.push(...((await store.distillation.commit(id, facts)) ?? []).map(({ memory }) => memory.id));
		}
		const [tea = "", pin = ""] = kept;
		await remove(store, pin);
		// The fact, and the second text, which was one of both.
		assert.equal(await store.memories.purgeDeleted("ada", Date.now() + 1), 2);
		assert.deepEqual(filesWith(folder, "pinzugard"), []);
		const [first, second] = await store.memories.history(tea, "ada");
		assert.deepEqual(
			[first?.newText, second?.oldText, second?.newText],
			[undefined, undefined, "Ada likes tea"],
		);
		await store.close();
	});

	it("is in no file either once another process no longer reads", async () => {
		const folder = temporaryFolder();
		const { store } = await openStore(folder, { busyTimeout: 100 });
		const { memory } = await add(store, "The glimworp is hidden");
		await remove(store, memory.id);
		const reader = new DatabaseSync(join(folder, "memory.db"));
		reader.exec("BEGIN");
		reader.prepare("SELECT count(*) FROM memories").get();
		assert.equal(await store.memories.purgeDeleted("ada", Date.now() + 1), 1);
		assert.notDeepEqual(filesWith(folder, "glimworp"), []);
		reader.exec("COMMIT");
		// The next look for deleted memories finds none, and ends the work.
		assert.equal(await store.memories.purgeDeleted("ada", Date.now() + 1), 0);
		assert.deepEqual(filesWith(folder, "glimworp"), []);
		reader.close();
		await store.close();
	});
});

describe("The files of the memory", () => {
	const mode = (path: string) => (statSync(path).mode & 0o777).toString(8);

	before(function () {
		if (process.platform === "win32") this.skip();
	});

	it("are readable by their owner alone, whatever the umask", async () => {
		const umask = process.umask(0);
		try {
			const folder = join(temporaryFolder(), "deep", "memory");
			const { store, notice } = await openStore(folder);
			await add(store, "private");
			assert.deepEqual(
				readdirSync(folder).map((name) => mode(join(folder, name))),
				["600", "600", "600", "600"],
			);
			assert.equal(mode(folder), "700");
			assert.equal(notice, undefined);
			await store.close();
		} finally {
			process.umask(umask);
		}
	});

	it("lose wider rights that they have, and that is said", async () => {
		const folder = join(temporaryFolder(), "memory");
		await (await openStore(folder)).store.close();
		chmodSync(folder, 0o755);
		chmodSync(join(folder, "memory.db"), 0o644);
		const { store, notice } = await openStore(folder);
		assert.deepEqual([mode(folder), mode(join(folder, "memory.db"))], ["700", "600"]);
		assert.match(
			notice ?? "",
			/Other users of this machine could read .*memory\.db, .*memory\. They cannot any more/,
		);
		await store.close();
		const again = await openStore(folder);
		assert.equal(again.notice, undefined);
		await again.store.close();
	});

	it("leave alone a folder in which there is something else", async () => {
		const folder = join(temporaryFolder(), "shared");
		mkdirSync(folder);
		writeFileSync(join(folder, "notes.txt"), "of somebody");
		chmodSync(folder, 0o755);
		const { store } = await openStore(folder);
		assert.deepEqual([mode(folder), mode(join(folder, "memory.db"))], ["755", "600"]);
		await store.close();
	});
});
