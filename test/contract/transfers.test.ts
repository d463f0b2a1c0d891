import assert from "node:assert/strict";
import { add, newMemory } from "../support/fixtures/storeFixtures.ts";
import { contract } from "./backends.ts";

contract("Transfers", (fixture) => {
	const was = {
		...newMemory("kept as it was", { createdAt: 1000, pinned: true }),
		id: "the-id",
		updatedAt: 3000,
		supersededBy: "another-id",
		history: [
			{ event: "ADD", newText: "kept", at: 1000 },
			{ event: "UPDATE", oldText: "kept", newText: "kept as it was", at: 3000 },
		],
	} as const;

	it("keep ids, times, successors and history", async () => {
		const { store } = fixture;
		assert.deepEqual(await store.transfers.add([was]), ["ADD"]);
		const memory = await store.memories.get("the-id", "ada");
		assert.deepEqual(
			[memory?.createdAt, memory?.updatedAt, memory?.supersededBy, memory?.pinned],
			[1000, 3000, "another-id", true],
		);
		assert.deepEqual(await store.memories.history("the-id", "ada"), was.history);
	});

	it("find what is there by its id or by what it says, and write nothing when asked", async () => {
		const { store } = fixture;
		await add(store, "We deploy on Thursdays");
		const same = newMemory("we deploy on Thursdays.");
		assert.deepEqual(await store.transfers.known([was, same]), [false, true]);
		assert.equal(await store.memories.get("the-id", "ada"), undefined);
		assert.deepEqual(await store.transfers.add([was, same]), ["ADD", "DUPLICATE"]);
		assert.deepEqual(await store.transfers.known([was, same]), [true, true]);
		assert.deepEqual(await store.transfers.add([same, was], { exactly: true }), ["ADD", "DUPLICATE"]);
	});

	it("give another id where somebody else has it", async () => {
		const { store } = fixture;
		await store.transfers.add([was]);
		assert.deepEqual(await store.transfers.add([{ ...was, userId: "bob" }]), ["ADD"]);
		assert.equal((await store.memories.get("the-id", "ada"))?.userId, "ada");
		assert.equal(await store.memories.get("the-id", "bob"), undefined);
	});
});
