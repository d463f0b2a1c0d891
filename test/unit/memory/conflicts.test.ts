import assert from "node:assert/strict";
import { acceptCandidates } from "../../../src/memory/curating/decisions.ts";
import { conflictOf } from "../../../src/store/away/conflicts.ts";
import type { StoredMemory } from "../../../src/store/types.ts";
import { serviceFixture } from "../../support/fixtures/serviceFixture.ts";

describe("A memory that was changed on this machine and in the database meanwhile", () => {
	const memory = serviceFixture();

	/** @returns the id of the memory, which now has what was written in the database. */
	const conflict = async (mine: Partial<StoredMemory> | undefined) => {
		const { memories } = await memory.service.save({ text: "as the database has it", infer: false });
		const id = memories[0]?.id as string;
		const theirs = (await memory.store.memories.get(id, "ada")) as StoredMemory;
		const candidate = conflictOf(mine && { ...theirs, ...mine }, theirs, { key: "one", at: Date.now() });
		assert.ok(candidate);
		// Delivered twice, it waits once.
		await memory.store.candidates.add([candidate]);
		await memory.store.candidates.add([candidate]);
		return id;
	};
	const decide = async () => {
		const { candidates } = await memory.service.review.list();
		assert.equal(candidates.length, 1);
		const decided = await acceptCandidates(memory.service, candidates);
		assert.equal(await memory.service.review.count(), 0);
		return decided;
	};

	it("takes text and fields of this machine when somebody says so, which can be undone", async () => {
		const id = await conflict({ text: "as written here", pinned: true });
		const decided = await decide();
		const { text, pinned } = await memory.service.get(id);
		assert.deepEqual([text, pinned], ["as written here", true]);
		await memory.service.review.undo(decided);
		assert.equal((await memory.service.get(id)).text, "as the database has it");
	});

	it("stays as it is in the database when somebody rejects it", async () => {
		const id = await conflict({ text: "as written here" });
		const { candidates } = await memory.service.review.list();
		await memory.service.review.reject(candidates.map((each) => each.id));
		assert.equal((await memory.service.get(id)).text, "as the database has it");
	});

	it("is deleted only when somebody says so", async () => {
		const id = await conflict(undefined);
		assert.equal((await memory.service.get(id)).text, "as the database has it");
		await decide();
		await assert.rejects(memory.service.get(id));
	});
});
