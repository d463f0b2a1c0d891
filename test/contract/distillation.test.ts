import assert from "node:assert/strict";
import type { Fact, StoredMemory } from "../../src/store/types.ts";
import {
	add,
	everything,
	nearMemories,
	newMemory,
	remove,
	rewrite,
	texts,
} from "../support/fixtures/storeFixtures.ts";
import { contract } from "./backends.ts";
import { space, vector } from "./vectors.ts";

const text = "Ada lives in Paris and Bob in Rome";
const facts: readonly Fact[] = [
	{
		text: "Ada lives in Paris",
		entities: [
			{ text: "Paris", type: "PROPER" },
			{ text: "Ada", type: "PROPER" },
		],
	},
	{ text: "Bob lives in Rome", entities: [{ text: "Rome", type: "PROPER" }] },
];

contract("A save that waits to be distilled", (fixture) => {
	/** The store that saves it holds the claim. */
	async function save(id = "save") {
		const { results } = await fixture.store.saves.store({ ...newMemory(text), id }, { distil: true });
		const memory = results[0]?.memory;
		assert.ok(memory);
		return memory;
	}

	it("is replaced by its facts in one step; the first takes over the memory and its history", async () => {
		const { store } = fixture;
		const before = await save();
		const results = await store.distillation.commit("save", facts);
		assert.deepEqual(
			results?.map(({ event }) => event),
			["ADD", "ADD"],
		);
		assert.equal(results[0]?.memory.id, before.id);
		assert.deepEqual(await texts(store), ["Ada lives in Paris", "Bob lives in Rome"]);
		assert.deepEqual(
			(await store.memories.history(before.id, "ada")).map(({ event, newText }) => [event, newText]),
			[
				["ADD", text],
				["UPDATE", "Ada lives in Paris"],
			],
		);
		assert.equal(await store.saves.savedText("save", "ada"), text);
		assert.equal((await store.distillation.state("ada")).pending, 0);
		assert.equal(await store.distillation.commit("save", facts), undefined);
	});

	it("keeps its text beside facts that do not cover all of it", async () => {
		const { store } = fixture;
		await save();
		await store.distillation.commit("save", facts, {});
		assert.deepEqual(await texts(store), ["Ada lives in Paris", text, "Bob lives in Rome"].sort());
	});

	it("gives its text the vector that was made for it, whatever happens to the facts", async () => {
		const { store } = fixture;
		const values = vector(1, 0, 0);
		const textVector = { space, values };
		const setback = { problem: "away", model: "small", delay: 60_000, counts: false, giveUp: false };
		const facts = [{ text: "a fact", entities: [] }];
		const outcomes: (readonly [string, (id: string) => Promise<unknown>])[] = [
			["kept", (id) => store.distillation.keepText(id, textVector)],
			["later", (id) => store.distillation.postpone(id, setback, textVector)],
			["beside", (id) => store.distillation.commit(id, facts, { vector: textVector })],
		];
		for (const [id, settle] of outcomes) {
			const { results } = await store.saves.store({ ...newMemory(id), id }, { distil: true });
			assert.equal(results[0]?.event, "ADD");
			await settle(id);
		}
		const near = await nearMemories(store, textVector, everything, 10);
		assert.deepEqual(near.map(({ memory }) => memory.text).sort(), ["beside", "kept", "later"]);
	});

	it("leaves no memory of its own if all facts are duplicates", async () => {
		const { store } = fixture;
		for (const fact of facts) await add(store, fact.text);
		await save();
		const results = await store.distillation.commit("save", facts);
		assert.deepEqual(
			results?.map(({ event }) => event),
			["DUPLICATE", "DUPLICATE"],
		);
		assert.deepEqual(await texts(store), ["Ada lives in Paris", "Bob lives in Rome"]);
	});

	it("keeps its text where no fact is new, unless they say all of it", async () => {
		const { store } = fixture;
		await add(store, "Ada lives in Paris");
		const before = await save();
		const results = await store.distillation.commit("save", facts.slice(0, 1));
		assert.deepEqual(
			results?.map(({ event, memory }) => [event, memory.text]),
			[
				["DUPLICATE", "Ada lives in Paris"],
				["ADD", text],
			],
		);
		assert.equal((await store.memories.get(before.id, "ada"))?.text, text);
		const again = await store.saves.store({ ...newMemory(text), id: "again" }, { distil: true });
		assert.deepEqual(again.results.map(({ event, memory }) => [event, memory.text]).sort(), [
			["DUPLICATE", "Ada lives in Paris"],
			["DUPLICATE", text],
		]);
	});

	describe("whose facts replace older memories", () => {
		const moved = "Ada lives in Oslo";
		const replacing = (...replaces: readonly StoredMemory[]): Fact => ({
			text: facts[0]?.text ?? "",
			entities: [],
			replaces,
		});
		const hidden = async (id: string) => (await fixture.store.memories.get(id, "ada"))?.supersededBy;

		it("marks them as superseded in the same step, with history, and can be taken back", async () => {
			const { store } = fixture;
			const { memory: older } = await add(store, moved);
			await save();
			const results = await store.distillation.commit("save", [replacing(older)]);
			assert.deepEqual(
				results?.map(({ replaced }) => replaced),
				[[older.id]],
			);
			const by = results?.[0]?.memory.id;
			assert.equal(await hidden(older.id), by);
			assert.deepEqual(await texts(store), ["Ada lives in Paris"]);
			const last = (await store.memories.history(older.id, "ada")).at(-1);
			assert.deepEqual(
				[last?.event, last?.oldFields, last?.newFields],
				["UPDATE", { supersededBy: null }, { supersededBy: by }],
			);
			await store.memories.change("ada", [{ id: older.id, supersededBy: null }]);
			assert.deepEqual(await texts(store), [moved, "Ada lives in Paris"].sort());
		});

		it("gives back what it superseded when it is deleted, also to whoever restores that later", async () => {
			const { store } = fixture;
			const { memory: older } = await add(store, moved);
			const { memory: oldest } = await add(store, "Ada lives in Bergen");
			await store.memories.change("ada", [{ id: oldest.id, supersededBy: older.id }]);
			await save();
			const results = await store.distillation.commit("save", [replacing(older)]);
			const by = results?.[0]?.memory.id ?? "";
			await remove(store, by);
			assert.deepEqual(await texts(store), [moved]);
			assert.equal(await hidden(oldest.id), older.id);
			const last = (await store.memories.history(older.id, "ada")).at(-1);
			assert.deepEqual([last?.oldFields, last?.newFields], [{ supersededBy: by }, { supersededBy: null }]);
			await store.memories.change("ada", [{ id: older.id, supersededBy: by }]);
			assert.equal(await hidden(older.id), undefined, "behind one that is gone by then");
			await remove(store, oldest.id);
			await remove(store, older.id);
			await store.memories.restore([oldest.id], "ada");
			assert.deepEqual(await texts(store), ["Ada lives in Bergen"]);
		});

		it("leaves alone what somebody has changed, deleted or superseded since the model saw it", async () => {
			const { store } = fixture;
			const changes: readonly ((seen: StoredMemory) => Promise<unknown>)[] = [
				({ id }) => rewrite(store, id, "Ada lives in Bergen"),
				({ id }) => store.memories.change("ada", [{ id, pinned: true }]),
				({ id }) => remove(store, id),
			];
			const seen = await Promise.all(
				changes.map(async (_, index) => (await add(store, `${moved} ${index}`)).memory),
			);
			for (const [index, change] of changes.entries()) await change(seen[index] as StoredMemory);
			const { memory: other } = await add(store, "Another one");
			const { memory: superseded } = await add(store, "Ada lives in Turku");
			await store.memories.change("ada", [{ id: superseded.id, supersededBy: other.id }]);
			const now = await store.memories.get(superseded.id, "ada");
			assert.ok(now);
			await save();
			const results = await store.distillation.commit("save", [replacing(...seen, now)]);
			assert.equal(results?.[0]?.replaced, undefined);
			assert.deepEqual(await Promise.all(seen.map(({ id }) => hidden(id))), [
				undefined,
				undefined,
				undefined,
			]);
			assert.equal(await hidden(superseded.id), other.id);
		});

		it("never lets a memory replace itself, nor another fact of the same text, nor somebody else's", async () => {
			const { store } = fixture;
			const before = await save();
			const { memory: known } = await add(store, "Bob lives in Rome");
			const { memory: foreign } = await add(store, moved, { userId: "bob" });
			const results = await store.distillation.commit("save", [
				replacing(before, known, foreign),
				facts[1] as Fact,
			]);
			assert.deepEqual(
				results?.map(({ event, replaced }) => [event, replaced]),
				[
					["ADD", undefined],
					["DUPLICATE", undefined],
				],
			);
			assert.deepEqual(await texts(store), ["Ada lives in Paris", "Bob lives in Rome"]);
			assert.equal((await store.memories.get(foreign.id, "bob"))?.supersededBy, undefined);
		});

		it("lets a known memory that says the fact take the place of one, and one memory be replaced once", async () => {
			const { store } = fixture;
			const { memory: known } = await add(store, "Ada lives in Paris");
			const { memory: older } = await add(store, moved);
			await save();
			const [first, second] =
				(await store.distillation.commit("save", [
					replacing(older),
					{ ...(facts[1] as Fact), replaces: [older] },
				])) ?? [];
			assert.deepEqual(
				[first?.event, first?.replaced, second?.replaced],
				["DUPLICATE", [older.id], undefined],
			);
			assert.equal(await hidden(older.id), known.id);
		});

		it("replaces nothing when the claim is lost", async () => {
			const { store } = fixture;
			const { memory: older } = await add(store, moved);
			await save();
			await fixture.place.killClaimHolders();
			assert.equal(await store.distillation.commit("save", [replacing(older)]), undefined);
			assert.equal(await hidden(older.id), undefined);
		});
	});

	it("has one worker at a time", async () => {
		const { store } = fixture;
		await save();
		const other = await fixture.another();
		assert.deepEqual(await other.distillation.claim("ada", 5), []);
		assert.equal(await other.distillation.commit("save", facts), undefined);
		await store.distillation.release(["save"]);
		assert.deepEqual(
			(await other.distillation.claim("ada", 5)).map(({ id }) => id),
			["save"],
		);
		assert.equal(await store.distillation.commit("save", facts), undefined);
		assert.equal((await other.distillation.commit("save", facts))?.length, 2);
	});

	it("is taken over from a process that is gone", async () => {
		const { store } = fixture;
		await save();
		await fixture.place.killClaimHolders();
		assert.deepEqual(
			(await store.distillation.claim("ada", 5)).map(({ id }) => id),
			["save"],
		);
		await fixture.place.killClaimHolders();
		assert.equal((await store.distillation.state("ada")).nextDue, undefined);
		await store.distillation.releaseDead();
		assert.notEqual((await store.distillation.state("ada")).nextDue, undefined);
	});

	it("is left alone after somebody changes or deletes its memory", async () => {
		const { store } = fixture;
		const memory = await save();
		await rewrite(store, memory.id, "Ada has moved");
		assert.equal(await store.distillation.commit("save", facts), undefined);
		assert.deepEqual(await texts(store), ["Ada has moved"]);
		const second = await save("second");
		await remove(store, second.id);
		assert.equal(await store.distillation.commit("second", facts), undefined);
		assert.deepEqual(await texts(store), ["Ada has moved"]);
	});

	it("waits as long as requested, and is due at once for another model", async () => {
		const { store } = fixture;
		await save();
		const setback = { problem: "no JSON", model: "small", delay: 60_000, counts: true, giveUp: false };
		const postponed = Date.now();
		await store.distillation.postpone("save", setback);
		const { nextDue, ...state } = await store.distillation.state("ada");
		assert.deepEqual(state, { pending: 1, givenUp: 0, problem: "no JSON", heldBack: 0, heldBackFor: [] });
		assert.ok(nextDue !== undefined && nextDue >= postponed + 60_000 && nextDue <= Date.now() + 60_000);
		assert.deepEqual(await store.distillation.claim("ada", 5), []);
		await store.distillation.wake("ada", "small");
		assert.deepEqual(await store.distillation.claim("ada", 5), []);
		await store.distillation.wake("ada", "large");
		assert.deepEqual(
			(await store.distillation.claim("ada", 5)).map(({ attempts }) => attempts),
			[0],
		);
		await store.distillation.postpone("save", { ...setback, giveUp: true });
		assert.deepEqual(await store.distillation.state("ada"), {
			pending: 0,
			givenUp: 1,
			problem: "no JSON",
			heldBack: 0,
			heldBackFor: [],
		});
		assert.deepEqual(await texts(store), [text]);
	});

	it("is recognised by its words while its facts exist", async () => {
		const { store } = fixture;
		await save();
		await store.distillation.commit("save", facts);
		const again = (id: string) =>
			store.saves.store({ ...newMemory(`${text.toUpperCase()}!`), id }, { distil: true });
		const { results, knownFacts } = await again("again");
		assert.equal(knownFacts, true);
		assert.deepEqual(
			results.map(({ event, memory }) => [event, memory.text]),
			[
				["DUPLICATE", "Ada lives in Paris"],
				["DUPLICATE", "Bob lives in Rome"],
			],
		);
		for (const { memory } of results) await remove(store, memory.id);
		const anew = await again("anew");
		assert.deepEqual([anew.knownFacts, anew.results[0]?.event], [false, "ADD"]);
	});

	/** A save whose text is what the first fact of `text` says. */
	const saveFact = (store: typeof fixture.store, more: { readonly distil?: boolean }, id: string) =>
		store.saves.store({ ...newMemory("Ada lives in Paris"), id }, more);

	it("does not lose a fact to another text that is still to be distilled", async () => {
		const { store } = fixture;
		await saveFact(store, { distil: true }, "other");
		await save();
		const results = await store.distillation.commit("save", facts);
		assert.deepEqual(
			results?.map(({ event }) => event),
			["ADD", "ADD"],
		);
		await store.distillation.commit("other", [{ text: "Ada is in France", entities: [] }]);
		assert.deepEqual(await texts(store), ["Ada is in France", "Ada lives in Paris", "Bob lives in Rome"]);
	});

	it("does not lose a fact to another text that was given up, once another model is tried", async () => {
		const { store } = fixture;
		await saveFact(store, { distil: true }, "other");
		const setback = { problem: "no JSON", model: "small", delay: 0, counts: true, giveUp: true };
		await store.distillation.postpone("other", setback);
		await save();
		const results = await store.distillation.commit("save", facts);
		assert.equal(results?.[0]?.event, "DUPLICATE");
		await store.distillation.wake("ada", "large");
		assert.deepEqual(await store.distillation.claim("ada", 5), []);
		assert.deepEqual(await texts(store), ["Ada lives in Paris", "Bob lives in Rome"]);
	});

	it("leaves no second memory of its text if another save has brought the same meanwhile", async () => {
		const { store } = fixture;
		await saveFact(store, { distil: true }, "other");
		await saveFact(store, { distil: true }, "third");
		await save();
		await store.distillation.commit("save", facts);
		await store.distillation.keepText("other");
		assert.deepEqual(await texts(store), ["Ada lives in Paris", "Bob lives in Rome"]);
	});

	it("stays as it is once the same is saved or imported word for word", async () => {
		const { store } = fixture;
		for (const [id, again] of [
			["saved", () => saveFact(store, {}, "word for word").then(({ results }) => results)],
			["imported", () => store.saves.addAll([newMemory("Ada lives in Paris")])],
		] as const) {
			const first = await saveFact(store, { distil: true }, id);
			const [result] = await again();
			assert.deepEqual([result?.event, result?.memory.id], ["DUPLICATE", first.results[0]?.memory.id]);
			assert.equal(
				await store.distillation.commit(id, [{ text: "Something else", entities: [] }]),
				undefined,
			);
			assert.deepEqual(await texts(store), ["Ada lives in Paris"]);
			await remove(store, result?.memory.id ?? "");
		}
	});

	it("sees the earlier texts of its conversation that still have a memory", async () => {
		const { store } = fixture;
		const say = async (id: string, createdAt: number, more = {}) => {
			const entry = { ...newMemory(id, { conversationId: "run", createdAt, ...more }), id };
			const { results } = await store.saves.store(entry, { distil: true });
			return { entry, memory: results[0]?.memory };
		};
		await say("first", 1);
		const { memory: forgotten } = await say("forgotten", 2);
		assert.ok(forgotten);
		await remove(store, forgotten.id);
		await say("third", 3);
		await say("elsewhere", 3, { conversationId: "other" });
		const { entry } = await say("now", 4);
		assert.deepEqual(await store.distillation.before(entry, 10), ["first", "third"]);
		assert.deepEqual(await store.distillation.before(entry, 1), ["third"]);
		await say("for all", 4, { visibility: "team" });
		const { entry: shared } = await say("also for all", 5, { visibility: "team" });
		assert.deepEqual(await store.distillation.before(shared, 10), ["for all"]);
	});

	it("links the names in its facts, and drops the links with the text", async () => {
		const { store } = fixture;
		await save();
		const results = await store.distillation.commit("save", facts);
		const memory = results?.[0]?.memory;
		assert.ok(memory);
		const names = async () => (await store.memories.entities(memory)).map((entity) => entity.text);
		assert.deepEqual((await names()).sort(), ["Ada", "Paris"]);
		const updated = await rewrite(store, memory.id, "Ada lives in Oslo");
		assert.ok(updated);
		assert.deepEqual(await names(), []);
		assert.deepEqual(
			(await store.distillation.unlinked("ada", 5)).map(({ id }) => id),
			[memory.id],
		);
		await store.distillation.link(updated, [{ text: "Oslo", type: "PROPER" }]);
		assert.deepEqual([await names(), await store.distillation.unlinked("ada", 5)], [["Oslo"], []]);
		await remove(store, memory.id);
		assert.deepEqual(await fixture.place.entityNames(), ["rome"]);
	});
});

contract("A lease", (fixture) => {
	it("has one holder at a time, who can renew it, and is free once released or expired", async () => {
		const one = fixture.store;
		const two = await fixture.another();
		assert.equal(await one.leases.acquire("work", 60_000), true);
		assert.equal(await two.leases.acquire("work", 60_000), false);
		assert.equal(await one.leases.acquire("work", 60_000), true);
		await two.leases.release("work");
		assert.equal(await two.leases.acquire("work", 60_000), false);
		await one.leases.release("work");
		assert.equal(await two.leases.acquire("work", 1), true);
		await new Promise((done) => setTimeout(done, 20));
		assert.equal(await one.leases.acquire("work", 60_000), true);
	});

	it("brings back what a clock that was far ahead has put off", async () => {
		const { store } = fixture;
		const entry = { ...newMemory("Ada lives in Rome."), id: "put off" };
		await store.saves.store(entry, { distil: true });
		const tenYears = 10 * 365 * 86_400_000;
		const setback = { problem: "busy", model: "m", delay: tenYears, counts: false, giveUp: false };
		await store.distillation.postpone("put off", setback);
		assert.equal(await store.leases.acquire("work", tenYears), true);
		assert.equal(await store.leases.acquire("other work", 60_000), true);
		const { nextDue = 0 } = await store.distillation.state("ada");
		assert.ok(nextDue <= Date.now() + 3_600_000);
	});
});
