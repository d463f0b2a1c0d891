import assert from "node:assert/strict";
import type { KeptText } from "../../src/store/transfers.ts";
import { add, everything, memoriesWith, newMemory } from "../support/fixtures/storeFixtures.ts";
import { contract } from "./backends.ts";
import { space, vector } from "./vectors.ts";

contract("Kept texts", (fixture) => {
	async function kept(limit = 100, userId = "ada"): Promise<KeptText[]> {
		const all: KeptText[] = [];
		let next: string | undefined;
		do {
			const page = await fixture.store.memories.keptTexts(userId, limit, next);
			all.push(...page.texts);
			next = page.next;
		} while (next !== undefined);
		return all;
	}
	const shown = (texts: readonly KeptText[]) => texts.map(({ where, text }) => `${where}: ${text}`).sort();

	it("are those of memories, metadata, history and journal, deleted ones too, on pages of any size", async () => {
		const { store } = fixture;
		const { memory } = await add(store, "one", { metadata: { a: 1 } });
		await store.memories.change("ada", [{ id: memory.id, text: "two" }]);
		await store.saves.store({ ...newMemory("saved", { metadata: { b: 2 } }), id: "s" });
		const { memory: gone } = await add(store, "gone");
		await store.memories.delete([gone.id], "ada");
		await add(store, "of another user", { userId: "bob" });
		const expected = [
			"history: gone",
			"history: gone",
			"history: one",
			"history: one",
			"history: saved",
			"history: two",
			"memory: saved",
			"memory: two",
			'metadata: {"a":1}',
			'metadata: {"b":2}',
			'metadata: {"b":2}',
			"save: saved",
		];
		for (const limit of [1, 2, 3, 100]) assert.deepEqual(shown(await kept(limit)), expected, `${limit}`);
		assert.deepEqual(shown(await kept(10, "bob")), ["history: of another user", "memory: of another user"]);
	});

	it("are replaced everywhere, as if the new ones had always been there", async () => {
		const { store } = fixture;
		const entry = { ...newMemory("the key is zanzibar", { metadata: { k: "zanzibar" } }), id: "s" };
		const { results } = await store.saves.store(entry, { vector: { space, values: vector(1, 0, 0) } });
		const id = results[0]?.memory.id ?? "";
		await store.memories.change("ada", [{ id: id, text: "the key was zanzibar" }]);
		await store.memories.change("ada", [
			{ id: id, text: "the key is zanzibar", vector: { space, values: vector(0, 1, 0) } },
		]);
		const { memory: gone } = await add(store, "the key was zanzibar");
		await store.memories.delete([gone.id], "ada");
		await add(store, "the key is zanzibar", { userId: "bob" });
		const replacements = new Map([
			["the key is zanzibar", "the key is hidden"],
			["the key was zanzibar", "the key was hidden"],
			['{"k":"zanzibar"}', '{"k":"hidden"}'],
		]);
		assert.equal(await store.memories.replaceKeptTexts("ada", replacements), true);
		assert.deepEqual(
			(await kept()).filter(({ text }) => text.includes("zanzibar")),
			[],
		);
		const memory = await store.memories.get(id, "ada");
		assert.equal(memory?.text, "the key is hidden");
		assert.deepEqual(memory.metadata, { k: "hidden" });
		assert.equal(await store.saves.savedText("s", "ada"), "the key is hidden");
		assert.equal((await store.memories.history(id, "ada")).length, 3);
		assert.equal((await memoriesWith(store, ["zanzibar"], everything)).length, 0);
		assert.equal((await memoriesWith(store, ["hidden"], everything)).length, 1);
		assert.equal((await store.memories.restore([gone.id], "ada"))[0]?.text, "the key was hidden");
		assert.equal((await kept(10, "bob"))[0]?.text, "the key is zanzibar");
		// Neither the memory nor a later one of the old words has the old text's vector.
		assert.equal((await store.spaces.progress("ada", space)).missing, 2);
	});
});
