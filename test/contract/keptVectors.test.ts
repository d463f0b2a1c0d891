import assert from "node:assert/strict";
import { add, newMemory, remove, rewrite } from "../support/fixtures/storeFixtures.ts";
import { contract } from "./backends.ts";
import { space as local, vector } from "./vectors.ts";

const space = { ...local, origin: "http://models.example" };
const values = vector(1, 2, 3);

contract("Vectors of texts", (fixture) => {
	const known = async (text = "Ada likes tea", of = space) =>
		(await fixture.store.spaces.vectorsOf(of, [text]))[0];

	it("are those of memories, of exactly these words and this space, for every process", async () => {
		const other = await fixture.another();
		assert.equal(await known(), undefined);
		await add(other, "Ada likes tea", { userId: "bob", vector: { space, values } });
		assert.deepEqual(await known(), values);
		assert.equal(await known("ada likes tea."), undefined);
		for (const other of [{ model: "four" }, { origin: "http://other.example" }, { dimensions: 4 }])
			assert.equal(await known("Ada likes tea", { ...space, ...other }), undefined);
		const texts = ["none", "Ada likes tea", "none either"];
		assert.deepEqual(await fixture.store.spaces.vectorsOf(space, texts), [undefined, values, undefined]);
	});

	it("of the model on this machine are those that have the signs of their words", async () => {
		const { store } = fixture;
		const words = Uint8Array.from([1, 2, 3, 4]);
		await add(store, "Bob plays chess", { vector: { space: local, values } });
		await add(store, "Ada likes tea", {
			vector: { space: local, values: Object.assign(vector(1, 2, 3), { words }) },
		});
		assert.equal(await known("Bob plays chess", local), undefined);
		assert.deepEqual((await known("Ada likes tea", local))?.words, words);
	});

	it("are found among many without a look at all of them", async function () {
		this.timeout(30_000);
		const { store } = fixture;
		const texts = Array.from({ length: 10_000 }, (_, index) => `Ticket ${index} is closed`);
		await store.saves.addAll(texts.map((text) => newMemory(text, { vector: { space, values } })));
		const others = texts.map((text) => `${text} again`);
		const found = await store.spaces.vectorsOf(space, [...texts, ...others]);
		assert.equal(found.filter((each) => each !== undefined).length, texts.length);
	});

	it("stay when the memory is changed or deleted, until it may be erased", async () => {
		const { store } = fixture;
		const { memory } = await add(store, "Ada likes tea", { vector: { space, values } });
		const next = vector(3, 2, 1);
		await rewrite(store, memory.id, "Ada likes coffee", { vector: { space, values: next } });
		assert.deepEqual([await known(), await known("Ada likes coffee")], [values, next]);
		await remove(store, memory.id);
		await store.memories.purgeDeleted("ada", Date.now() - 1000);
		assert.deepEqual([await known(), await known("Ada likes coffee")], [values, next]);
		await store.memories.purgeDeleted("ada", Date.now() + 1000);
		assert.deepEqual([await known(), await known("Ada likes coffee")], [undefined, undefined]);
	});

	it("are erased by their age also where no memory is", async () => {
		await fixture.store.spaces.keep(space, [{ text: "Ada likes tea", values }]);
		assert.deepEqual(await known(), values);
		assert.equal(await fixture.store.memories.purgeDeleted("bob", Date.now() + 1000), 0);
		assert.equal(await known(), undefined);
	});

	it("are kept up to a number: the oldest go first", async function () {
		this.timeout(60_000);
		const { store } = fixture;
		await store.spaces.keep(space, [{ text: "oldest", values }]);
		// Kept at another time.
		await new Promise((done) => setTimeout(done, 5));
		const many = Array.from({ length: 9_999 }, (_, index) => ({ text: `text ${index}`, values }));
		await store.spaces.keep(space, many);
		assert.deepEqual(await known("oldest"), values);
		await store.spaces.keep(space, [{ text: "newest", values }]);
		assert.deepEqual([await known("oldest"), await known("newest")], [undefined, values]);
	});

	it("that a memory has are not kept beside it: they are gone when it has another text and they are old", async () => {
		const { store } = fixture;
		await store.spaces.keep(space, [{ text: "Ada likes tea", values }]);
		await add(store, "Ada likes tea", { vector: { space, values } });
		await store.memories.purgeDeleted("ada", Date.now() + 1000);
		assert.deepEqual(await known(), values);
	});
});
