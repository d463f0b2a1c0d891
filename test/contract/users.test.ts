import assert from "node:assert/strict";
import { add, newMemory, remove, restore, rewrite, texts } from "../support/fixtures/storeFixtures.ts";
import { contract } from "./backends.ts";
import { space, vector } from "./vectors.ts";

const bob = { userId: "bob" };
const work = { problem: "away", model: "small", delay: 0, counts: false, giveUp: false };

contract("Users of one store", (fixture) => {
	const saveFor = async (userId: string, id: string) => {
		const { store } = fixture;
		await store.saves.store({ ...newMemory(`${userId} saves ${id}`, { userId }), id }, { distil: true });
		await store.distillation.release([id]);
	};

	it("get only their own saves to distil, to finish and to wake", async () => {
		const { store } = fixture;
		await saveFor("ada", "of-ada");
		await saveFor("bob", "of-bob");
		assert.equal((await store.distillation.state("ada")).pending, 1);
		assert.equal((await store.distillation.state("nobody")).pending, 0);
		const claimed = await store.distillation.claim("ada", 10);
		assert.deepEqual(
			claimed.map(({ id }) => id),
			["of-ada"],
		);
		await store.distillation.postpone("of-ada", { ...work, delay: 60_000 });
		await store.distillation.wake("bob", "large");
		assert.deepEqual(await store.distillation.claim("ada", 10), []);
		await store.saves.record({ ...newMemory("cut off", bob), id: "cut-off" });
		await fixture.place.killSavers();
		assert.deepEqual(await store.distillation.abandoned("ada"), []);
		assert.equal((await store.distillation.abandoned("bob")).length, 1);
	});

	it("get only their own texts to embed, and decide for themselves what is moved into a space", async () => {
		const { store } = fixture;
		const newer = { ...space, model: "newer" };
		for (const userId of ["ada", "bob"])
			await add(store, `old of ${userId}`, { userId, vector: { space, values: vector(1, 0, 0) } });
		await store.spaces.adopt("ada", newer, true);
		await store.spaces.adopt("bob", newer);
		const missing = async (userId: string) =>
			(await store.spaces.missing(userId, newer, 10)).map(({ text }) => text);
		assert.deepEqual(await missing("ada"), ["old of ada"]);
		assert.deepEqual(await missing("bob"), []);
		const unmoved = { inUse: true, missing: 0, outside: 1, older: 1 };
		assert.deepEqual(await store.spaces.progress("bob", newer), unmoved);
		await store.spaces.leaveRest("ada", newer);
		await add(store, "new of bob", bob);
		assert.deepEqual([await missing("ada"), await missing("bob")], [[], ["new of bob"]]);
		assert.deepEqual(await store.spaces.missing("ada", undefined, 10), []);
	});

	it("erase only their own deleted memories", async () => {
		const { store } = fixture;
		const mine = (await add(store, "ada's")).memory;
		const other = (await add(store, "bob's", bob)).memory;
		await remove(store, mine.id);
		await remove(store, other.id, "bob");
		assert.equal(await store.memories.purgeDeleted("ada", Date.now() + 1), 1);
		assert.equal((await restore(store, other.id, "bob"))?.text, "bob's");
	});

	it("find names only in their own memories", async () => {
		const { store } = fixture;
		const memory = (await add(store, "bob's", bob)).memory;
		await rewrite(store, memory.id, "Ada lives in Oslo", { userId: "bob" });
		assert.deepEqual(await store.distillation.unlinked("ada", 5), []);
		assert.equal((await store.distillation.unlinked("bob", 5)).length, 1);
	});
});

contract("What was saved while another endpoint was configured", (fixture) => {
	const here = { chat: "http://here.example", embedding: "http://here.example" };
	const there = { chat: "https://there.example", embedding: "https://there.example" };

	it("is not distilled here, is told, and is distilled when that is wanted", async () => {
		const one = await fixture.another(there);
		await one.saves.store({ ...newMemory("a private text"), id: "save" }, { distil: true });
		await one.distillation.release(["save"]);
		const two = await fixture.another(here);
		await two.distillation.wake("ada", "large");
		assert.deepEqual(await two.distillation.claim("ada", 10), []);
		const held = { pending: 0, givenUp: 0, heldBack: 1, heldBackFor: [there.chat] };
		assert.deepEqual(await two.distillation.state("ada"), held);
		assert.equal((await one.distillation.state("ada")).pending, 1);
		assert.deepEqual(await texts(two), ["a private text"]);
		assert.equal(await two.distillation.takeOver("bob"), 0);
		assert.equal(await two.distillation.takeOver("ada"), 1);
		assert.equal((await two.distillation.claim("ada", 10)).length, 1);
		assert.equal((await one.distillation.state("ada")).heldBack, 1);
	});

	it("is not embedded here until everything is wanted; what stays on this machine embeds all", async () => {
		const one = await fixture.another(there);
		const two = await fixture.another(here);
		const local = await fixture.another({ chat: "", embedding: "" });
		await two.spaces.adopt("ada", space);
		await local.spaces.adopt("ada", { ...space, model: "local" });
		await add(one, "a private text");
		await add(two, "a text for here");
		const missing = async (store: typeof one, model = space.model) =>
			(await store.spaces.missing("ada", { ...space, model }, 10)).map(({ text }) => text);
		assert.deepEqual(await missing(two), ["a text for here"]);
		assert.equal((await two.spaces.progress("ada", space)).older, 1);
		assert.deepEqual(await missing(local, "local"), ["a text for here", "a private text"]);
		assert.deepEqual(
			(await two.spaces.missing("ada", undefined, 10)).map(({ text }) => text),
			["a text for here"],
		);
		await two.spaces.adopt("ada", space, true);
		assert.deepEqual(await missing(two), ["a text for here", "a private text"]);
	});

	it("goes to the endpoint that is configured first where there was none", async () => {
		const one = await fixture.another({ chat: undefined, embedding: undefined });
		await one.saves.store({ ...newMemory("saved before"), id: "save" }, { distil: true });
		await one.distillation.release(["save"]);
		const two = await fixture.another(here);
		assert.equal((await two.distillation.claim("ada", 10)).length, 1);
		assert.equal((await two.spaces.missing("ada", undefined, 10)).length, 0);
		await two.distillation.release(["save"]);
		assert.equal((await two.spaces.missing("ada", undefined, 10)).length, 1);
	});
});
