import assert from "node:assert/strict";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import type { MemoryStore } from "../../../src/store/memoryStore.ts";
import { migrations } from "../../../src/store/sqlite/schema.ts";
import { databaseFile, openStore } from "../../../src/store/sqlite/sqliteStore.ts";
import { draft, everything } from "../../support/fixtures/storeFixtures.ts";
import { temporaryFolder } from "../../support/fixtures/temporaryFolder.ts";

const text = "Ada lives in Paris and Bob in Rome";
const facts = [
	{
		text: "Ada lives in Paris",
		entities: [
			{ text: "Paris", type: "PROPER" },
			{ text: "Ada", type: "PROPER" },
		],
	},
	{ text: "Bob lives in Rome", entities: [{ text: "Rome", type: "PROPER" }] },
];

describe("A save on its way to facts", () => {
	let folder: string;
	let store: MemoryStore;
	beforeEach(async () => {
		folder = temporaryFolder();
		store = (await openStore(folder)).store;
	});
	afterEach(() => store.close());

	/** Stored word for word, and claimed by the store it was saved through. */
	async function save(id = "save", more = {}): Promise<void> {
		const { vector: _, ...saving } = draft(text, more);
		await store.journal.record({ ...saving, id }, true);
		await store.memories.add({ ...saving, saveId: id });
	}
	const texts = () =>
		store.memories
			.list(everything, 50)
			.memories.map((memory) => memory.text)
			.sort();

	it("becomes its facts in one step: the first takes over the memory, with its history", async () => {
		await save();
		const [before] = store.memories.list(everything, 1).memories;
		const results = await store.distillations.commit("save", facts, false);
		assert.deepEqual(
			results?.map(({ event }) => event),
			["ADD", "ADD"],
		);
		assert.equal(results?.[0]?.memory.id, before?.id);
		assert.deepEqual(texts(), ["Ada lives in Paris", "Bob lives in Rome"]);
		assert.deepEqual(
			store.memories.history(before?.id ?? "", "ada").map(({ event, newText }) => [event, newText]),
			[
				["ADD", text],
				["UPDATE", "Ada lives in Paris"],
			],
		);
		assert.equal(store.journal.text("save"), text);
		assert.equal(store.distillations.counts().pending, 0);
		assert.equal(await store.distillations.commit("save", facts, false), undefined);
	});

	it("keeps its text beside the facts where they are not all", async () => {
		await save();
		await store.distillations.commit("save", facts, true);
		assert.deepEqual(texts(), ["Ada lives in Paris", text, "Bob lives in Rome"].sort());
	});

	it("leaves nothing of its own where all facts are known", async () => {
		for (const fact of facts) await store.memories.add(draft(fact.text));
		await save();
		const results = await store.distillations.commit("save", facts, false);
		assert.deepEqual(
			results?.map(({ event }) => event),
			["DUPLICATE", "DUPLICATE"],
		);
		assert.deepEqual(texts(), ["Ada lives in Paris", "Bob lives in Rome"]);
	});

	it("is worked on by one at a time", async () => {
		await save();
		const { store: other } = await openStore(folder);
		assert.deepEqual(await other.distillations.claim(5), []);
		assert.equal(await other.distillations.commit("save", facts, false), undefined);
		await store.distillations.release(["save"]);
		assert.deepEqual(
			(await other.distillations.claim(5)).map(({ id }) => id),
			["save"],
		);
		assert.equal(await store.distillations.commit("save", facts, false), undefined);
		assert.equal((await other.distillations.commit("save", facts, false))?.length, 2);
		await other.close();
	});

	it("is taken over from a process that is gone", async () => {
		await save();
		const database = new DatabaseSync(join(folder, databaseFile));
		database
			.prepare("UPDATE journal SET claimed_by = replace(claimed_by, ?, ?)")
			.run(`:${process.pid}:`, ":999999999:");
		database.close();
		assert.deepEqual(
			(await store.distillations.claim(5)).map(({ id }) => id),
			["save"],
		);
	});

	it("is left alone once its memory was changed or deleted by somebody", async () => {
		await save();
		const [memory] = store.memories.list(everything, 1).memories;
		await store.memories.update(memory?.id ?? "", "ada", "Ada has moved");
		assert.equal(await store.distillations.commit("save", facts, false), undefined);
		assert.deepEqual(texts(), ["Ada has moved"]);
		await save("second");
		const [second] = store.memories.list(everything, 1).memories;
		await store.memories.delete(second?.id ?? "", "ada");
		assert.equal(await store.distillations.commit("second", facts, false), undefined);
		assert.deepEqual(texts(), ["Ada has moved"]);
	});

	it("waits as long as it is told to, and is due again at once for another model", async () => {
		await save();
		const why = { problem: "no JSON", model: "small", delay: 60_000, counts: true, giveUp: false };
		await store.distillations.postpone("save", why);
		assert.deepEqual(store.distillations.counts(), { pending: 1, givenUp: 0, problem: "no JSON" });
		assert.deepEqual(await store.distillations.claim(5), []);
		await store.distillations.wake("small");
		assert.deepEqual(await store.distillations.claim(5), []);
		await store.distillations.wake("large");
		assert.deepEqual(
			(await store.distillations.claim(5)).map(({ attempts }) => attempts),
			[0],
		);
		await store.distillations.postpone("save", { ...why, giveUp: true });
		assert.deepEqual(store.distillations.counts(), { pending: 0, givenUp: 1, problem: "no JSON" });
		assert.deepEqual(texts(), [text]);
	});

	it("is known again by its words, while its facts are there", async () => {
		await save();
		await store.distillations.commit("save", facts, false);
		const known = store.distillations.knownFrom(draft(`${text.toUpperCase()}!`));
		assert.deepEqual(
			known.map((memory) => memory.text),
			["Ada lives in Paris", "Bob lives in Rome"],
		);
		for (const { id } of known) await store.memories.delete(id, "ada");
		assert.deepEqual(store.distillations.knownFrom(draft(text)), []);
	});

	it("links the names in its facts; they go with the text they are in", async () => {
		await save();
		const [first] = (await store.distillations.commit("save", facts, false)) ?? [];
		assert.ok(first);
		const names = () => store.distillations.entities(first.memory).map((entity) => entity.text);
		assert.deepEqual(names().sort(), ["Ada", "Paris"]);
		const updated = await store.memories.update(first.memory.id, "ada", "Ada lives in Oslo");
		assert.deepEqual(names(), []);
		assert.deepEqual(
			store.distillations.unlinked(5).map(({ id }) => id),
			[first.memory.id],
		);
		assert.ok(updated);
		await store.distillations.link(updated, [{ text: "Oslo", type: "PROPER" }]);
		assert.deepEqual([names(), store.distillations.unlinked(5)], [["Oslo"], []]);
		await store.memories.delete(first.memory.id, "ada");
		const database = new DatabaseSync(join(folder, databaseFile));
		assert.deepEqual(
			database
				.prepare("SELECT name FROM entities ORDER BY name")
				.all()
				.map(({ name }) => name),
			["rome"],
		);
		database.close();
	});
});

describe("A lease", () => {
	it("is held by one at a time, renewed by its holder, and free when it is released or has run out", async () => {
		const folder = temporaryFolder();
		const { store: one } = await openStore(folder);
		const { store: two } = await openStore(folder);
		assert.equal(await one.leases.acquire("work", 60_000), true);
		assert.equal(await two.leases.acquire("work", 60_000), false);
		assert.equal(await one.leases.acquire("work", 60_000), true);
		await two.leases.release("work");
		assert.equal(await two.leases.acquire("work", 60_000), false);
		await one.leases.release("work");
		assert.equal(await two.leases.acquire("work", 1), true);
		await new Promise((done) => setTimeout(done, 20));
		assert.equal(await one.leases.acquire("work", 60_000), true);
		await one.close();
		await two.close();
	});
});

describe("A database of the first schema", () => {
	it("is brought up to date with all that it holds", async () => {
		const folder = temporaryFolder();
		const old = new DatabaseSync(join(folder, databaseFile));
		old.exec(migrations[0] as string);
		old.exec(`PRAGMA user_version = 1;
			INSERT INTO journal (id, text, user_id, scope, created_at, received_at, owner, done_at) VALUES ('j', 'An old memory', 'ada', 'global', 1, 1, 'host:1', 1);
			INSERT INTO memories (id, revision, text, fingerprint, user_id, scope, save_id, created_at, updated_at) VALUES ('m', 1, 'An old memory', 'x', 'ada', 'global', 'j', 1, 1);`);
		old.close();
		const { store } = await openStore(folder);
		assert.equal(store.memories.get("m", "ada")?.text, "An old memory");
		assert.equal(store.distillations.counts().pending, 0);
		await store.close();
	});
});
