import assert from "node:assert/strict";
import type { JournalEntry } from "../../src/store/types.ts";
import { projectA, projectB } from "../support/fixtures/projects.ts";
import { add, count, everything, newMemory, rewrite, texts } from "../support/fixtures/storeFixtures.ts";
import { contract } from "./backends.ts";
import { space, vector } from "./vectors.ts";

const entry = (id: string, text: string, more: Partial<JournalEntry> = {}): JournalEntry => ({
	...newMemory(text),
	id,
	...more,
});

contract("Saves", (fixture) => {
	it("keep the text word for word, whatever happens to the memory", async () => {
		const { store } = fixture;
		const { results } = await store.saves.store(entry("save", "Tabs, not spaces."));
		const [result] = results;
		assert.equal(result?.event, "ADD");
		assert.equal(result.memory.saveId, "save");
		await rewrite(store, result.memory.id, "Spaces, not tabs.");
		assert.equal(await store.saves.savedText("save", "ada"), "Tabs, not spaces.");
		assert.equal(await store.saves.savedText("another", "ada"), undefined);
	});

	it("are duplicates only where the same words are already visible", async () => {
		const { store } = fixture;
		const text = "We deploy with make ship";
		const inProject = (project: typeof projectA) => ({ scope: "project", project }) as const;
		const save = async (id: string, more: Partial<JournalEntry> = {}) => {
			const { results } = await store.saves.store(entry(id, text, more));
			assert.equal(results.length, 1);
			return results[0];
		};
		const first = await save("1", inProject(projectA));
		assert.equal(first?.event, "ADD");
		const again = await save("2", inProject(projectA));
		assert.deepEqual([again?.event, again?.memory.id], ["DUPLICATE", first.memory.id]);
		assert.equal((await save("3", inProject(projectB)))?.event, "ADD");
		assert.equal((await save("4", { userId: "bob" }))?.event, "ADD");
		assert.equal((await save("5"))?.event, "ADD");
		assert.equal((await save("6", inProject(projectB)))?.event, "DUPLICATE");
		assert.equal(await count(store), 3);
	});

	it("learn of a duplicate before a model computes a vector", async () => {
		const { store } = fixture;
		assert.equal(await store.saves.record(entry("1", "said once")), undefined);
		const { results } = await store.saves.store(entry("1", "said once"));
		const known = await store.saves.record(entry("2", "Said once!"));
		assert.deepEqual(known?.id, results[0]?.memory.id);
	});

	it("are stored once, however many processes try", async () => {
		const { store } = fixture;
		const saved = entry("save", "only once");
		await store.saves.record(saved);
		const other = await fixture.another();
		const stored = await Promise.all([store.saves.store(saved), other.saves.store(saved)]);
		assert.deepEqual(stored.map(({ results }) => results[0]?.event).sort(), ["ADD", "DUPLICATE"]);
		assert.deepEqual(await texts(store), ["only once"]);
	});

	it("are found by the next process if they were interrupted before their text became a memory", async () => {
		const { store } = fixture;
		await store.saves.record(entry("save", "cut off"));
		assert.deepEqual(await store.distillation.abandoned("ada"), []);
		await fixture.place.killSavers();
		const [abandoned] = await store.distillation.abandoned("ada");
		assert.equal(abandoned?.text, "cut off");
		await store.saves.store(abandoned);
		assert.deepEqual(await store.distillation.abandoned("ada"), []);
		assert.deepEqual(await texts(store), ["cut off"]);
	});

	it("store many at once, in order, without duplicates", async () => {
		const { store } = fixture;
		const results = await store.saves.addAll(["one", "two", "One."].map((text) => newMemory(text)));
		assert.deepEqual(
			results.map(({ event }) => event),
			["ADD", "ADD", "DUPLICATE"],
		);
		assert.equal(results[2]?.memory.id, results[0]?.memory.id);
	});

	it("are read back with their pending work", async () => {
		const { store } = fixture;
		await store.spaces.adopt("ada", space);
		const plain = (await add(store, "with a vector", { vector: { space, values: vector(1, 0, 0) } })).memory;
		const bare = (await add(store, "without one")).memory;
		const { results } = await store.saves.store(entry("save", "to be distilled"), { distil: true });
		const distilled = results[0]?.memory;
		assert.ok(distilled);
		const nobody = { id: "unknown", userId: "ada" };
		const others = { id: plain.id, userId: "bob" };
		const back = await store.saves.readBack([plain, bare, distilled, nobody, others], space);
		assert.deepEqual(
			back.map(({ memory, ...work }) => ({ text: memory?.text, ...work })),
			[
				{ text: "with a vector", distilling: false, awaitsVector: false },
				{ text: "without one", distilling: false, awaitsVector: true },
				{ text: "to be distilled", distilling: true, awaitsVector: true },
				{ text: undefined, distilling: false, awaitsVector: false },
				{ text: undefined, distilling: false, awaitsVector: false },
			],
		);
		assert.equal((await store.memories.list(everything, 10)).total, 3);
	});

	it("give the memory the id that they are asked for, unless another has or had it", async () => {
		const { store } = fixture;
		const wanted = "0b8e5d52-5a0f-8b4e-9a67-3d1f2c4b5a69";
		const [first] = (await store.saves.store(entry("one", "first"), { memoryId: wanted })).results;
		assert.deepEqual([first?.event, first?.memory.id], ["ADD", wanted]);
		const again = (await store.saves.store(entry("one", "first"), { memoryId: wanted })).results;
		assert.deepEqual([again.length, again[0]?.memory.id, await count(store)], [1, wanted, 1]);
		await store.memories.delete([wanted], "ada");
		const [second] = (await store.saves.store(entry("two", "second"), { memoryId: wanted })).results;
		assert.equal(second?.event, "ADD");
		assert.notEqual(second.memory.id, wanted);
	});

	it("refuse a vector that does not have the width of its space, and then store nothing", async () => {
		const { store } = fixture;
		await assert.rejects(
			add(store, "wide", { vector: { space, values: vector(1, 2) } }),
			/2 numbers.*3 dimensions/,
		);
		assert.equal(await count(store), 0);
	});
});
