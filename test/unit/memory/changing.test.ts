import assert from "node:assert/strict";
import { ConflictError } from "../../../src/store/errors.ts";
import { projectA } from "../../support/fixtures/projects.ts";
import { foundTexts, invalid, serviceFixture } from "../../support/fixtures/serviceFixture.ts";

describe("Changing memories", function () {
	this.timeout(20_000);
	const memory = serviceFixture();
	const save = async (text: string, more = {}) => {
		const { memories } = await memory.service.save({ text, ...more });
		return memory.service.get(memories[0]?.id);
	};

	it("changes text, place, pin, expiry and metadata, and one undo takes all of it back", async () => {
		const { service } = memory;
		const one = await save("We deploy with make ship.");
		const two = await save("We lint with Biome.");
		const changed = await service.change([
			{ id: one.id, expected: one, text: "We deploy with make release.", pinned: true },
			{ id: two.id, scope: "project", project: projectA, expiresAt: "2999-12-31", metadata: { a: 1 } },
		]);
		assert.deepEqual(await foundTexts(memory, "make release"), ["We deploy with make release."]);
		const moved = await service.get(two.id);
		assert.deepEqual([moved.project, moved.metadata], [projectA, { a: 1 }]);
		assert.equal(moved.expiresAt, Date.UTC(2999, 11, 31, 23, 59, 59, 999), "to the end of that day");
		await service.undo(changed);
		for (const before of [one, two]) {
			const { updatedAt: _, ...now } = await service.get(before.id);
			const { updatedAt: __, ...then } = before;
			assert.deepEqual(now, then);
		}
		assert.equal((await foundTexts(memory, "How do we deploy?"))[0], "We deploy with make ship.");
		assert.equal((await service.status()).pending.embedding, 0, "the vectors are back, too");
	});

	it("does not undo what somebody has changed since", async () => {
		const { service } = memory;
		const { id } = await save("We deploy with make ship.");
		const changed = await service.change([{ id, pinned: true }]);
		await service.update(id, "We deploy with make release.");
		await assert.rejects(service.undo(changed), ConflictError);
		assert.equal((await service.get(id)).text, "We deploy with make release.");
	});

	it("hides what is superseded until somebody asks, and lets no two memories hide each other", async () => {
		const { service } = memory;
		const old = await save("We indent with tabs.");
		const now = await save("We indent with spaces.");
		const newest = await save("We indent with two spaces.");
		await service.change([{ id: old.id, supersededBy: now.id }]);
		await service.change([{ id: now.id, supersededBy: newest.id }]);
		assert.deepEqual(await foundTexts(memory, "indent"), ["We indent with two spaces."]);
		assert.deepEqual((await foundTexts(memory, "indent", { superseded: "only" })).sort(), [
			"We indent with spaces.",
			"We indent with tabs.",
		]);
		for (const supersededBy of [newest.id, old.id, now.id])
			await assert.rejects(
				service.change([{ id: newest.id, supersededBy }]),
				invalid("supersededBy", /superseded by|the same/),
			);
		await assert.rejects(service.change([{ id: old.id, supersededBy: "unknown" }]), invalid("id", /unknown/));
		await service.change([{ id: old.id, supersededBy: null }]);
		assert.deepEqual((await foundTexts(memory, "indent with tabs"))[0], "We indent with tabs.");
	});

	it("deletes many, and one restore brings them back", async () => {
		const { service } = memory;
		const ids = [(await save("one thing")).id, (await save("another thing")).id];
		assert.equal((await service.deleteAll([...ids, "unknown"])).length, 2);
		assert.deepEqual(await foundTexts(memory, "thing"), []);
		assert.equal((await service.deleted(10)).memories.length, 2);
		assert.equal((await service.restoreAll(ids)).length, 2);
		assert.equal((await foundTexts(memory, "thing")).length, 2);
	});

	it("says what is wrong with a change", async () => {
		const { service } = memory;
		const { id } = await save("We deploy with make ship.");
		const wrong: readonly (readonly [object, string])[] = [
			[{ pinned: "yes" }, "pinned"],
			[{ expiresAt: "tomorrow" }, "expiresAt"],
			[{ scope: "project" }, "scope"],
			[{ scope: "here" }, "scope"],
			[{ metadata: [1] }, "metadata"],
			[{ text: "  " }, "text"],
			[{ id: "unknown", pinned: true }, "id"],
			[{ id: "", pinned: true }, "id"],
		];
		for (const [change, field] of wrong)
			await assert.rejects(service.change([{ id, ...change }]), invalid(field, /./));
		await assert.rejects(
			service.list({ order: "best" }),
			invalid("order", /newest, oldest, mostUsed, unused/),
		);
		const { nextCursor } = await service.list({ limit: 1, order: "oldest" });
		assert.equal(nextCursor, undefined);
		await save("another");
		const cursor = (await service.list({ limit: 1, order: "oldest" })).nextCursor;
		await assert.rejects(service.list({ cursor, order: "mostUsed" }), invalid("cursor", /previous page/));
		assert.equal((await service.list({ cursor, order: "oldest" })).memories[0]?.text, "another");
	});

	it("leaves out what has expired in searches, lists, counts and duplicates", async () => {
		const { service } = memory;
		const { id } = await save("The freeze lasts until Friday.");
		await service.change([{ id, expiresAt: Date.now() - 1000 }]);
		assert.deepEqual(await foundTexts(memory, "freeze"), []);
		assert.equal((await service.list()).total, 0);
		assert.equal((await service.status()).counts.all, 0);
		assert.equal((await service.save({ text: "The freeze lasts until Friday." })).memories[0]?.event, "ADD");
		assert.deepEqual((await service.list({ expired: "only" })).memories[0]?.id, id);
	});
});

describe("The review queue", function () {
	this.timeout(20_000);
	const memory = serviceFixture();
	const propose = async (text: string, more = {}) => {
		const [candidate] = await memory.service.review.propose([{ kind: "import", text, ...more }]);
		assert.ok(candidate);
		return candidate;
	};

	it("makes memories of what is accepted, as it was proposed or edited, and an undo takes that back", async () => {
		const { service } = memory;
		const one = await propose("We deploy with make ship.", { scope: "project", project: projectA });
		const two = await propose("We lint with Biom.");
		assert.deepEqual(await foundTexts(memory, "deploy lint", { scope: "all" }), []);
		const decided = await service.review.accept([
			{ id: one.id },
			{ id: two.id, text: "We lint with Biome." },
		]);
		assert.equal(decided.length, 2);
		assert.deepEqual((await foundTexts(memory, "deploy lint", { scope: "all" })).sort(), [
			"We deploy with make ship.",
			"We lint with Biome.",
		]);
		assert.equal((await service.status()).pending.embedding, 0);
		await service.review.undo(decided);
		assert.deepEqual(await foundTexts(memory, "deploy lint", { scope: "all" }), []);
		assert.equal(await service.review.count(), 2);
	});

	it("merges into the memory that the person saw, and only that", async () => {
		const { service } = memory;
		const { memories } = await service.save({ text: "We deploy with make ship." });
		const seen = await service.get(memories[0]?.id);
		const { id } = await propose("We deploy on Fridays.");
		const text = "We deploy with make ship, on Fridays.";
		await service.update(seen.id, "We deploy with make release.");
		await assert.rejects(service.review.merge(id, seen, text), ConflictError);
		assert.equal(await service.review.count(), 1);
		const decided = await service.review.merge(id, await service.get(seen.id), text);
		assert.equal((await service.get(seen.id)).text, text);
		await service.review.undo(decided ? [decided] : []);
		assert.equal((await service.get(seen.id)).text, "We deploy with make release.");
		assert.equal(await service.review.count(), 1);
	});

	it("does not hear twice of what was rejected, in whatever form it comes", async () => {
		const { service } = memory;
		const { id } = await propose("We deploy with make ship.");
		assert.equal((await service.review.reject([id])).length, 1);
		const again = await service.review.propose([{ kind: "capture", text: "we deploy with `make ship`" }]);
		assert.deepEqual(again, []);
		assert.equal(await service.review.count(), 0);
		await assert.rejects(service.review.get(id), invalid("id", /accepted or rejected meanwhile/));
		assert.deepEqual(await service.review.accept([{ id }]), []);
	});

	it("keeps no secret that a person has typed into it", async () => {
		const { service } = memory;
		const candidate = await propose("The staging account has a key.");
		const key = `sk-proj-${"a1B2c3D4e5F6".repeat(4)}`;
		const edited = { text: `The key of staging is ${key} by now.`, metadata: { key } };
		const [decided] = await service.acceptCandidates([candidate], edited);
		const [added] = decided?.added ?? [];
		assert.match(added?.memory.text ?? "", /^The key of staging is .*redacted/);
		assert.ok(!JSON.stringify(added).includes(key));
	});

	it("refuses what could not be a memory", async () => {
		const { review } = memory.service;
		await assert.rejects(review.propose([{ kind: "import", text: "" }]), invalid("text", /empty/));
		const { id } = await propose("We deploy with make ship.");
		await assert.rejects(review.accept([{ id, text: " " }]), invalid("text", /empty/));
		assert.equal(await review.count(), 1);
	});
});
