import assert from "node:assert/strict";
import type { Use } from "../../src/store/usage.ts";
import { projectA } from "../support/fixtures/projects.ts";
import { add, remove } from "../support/fixtures/storeFixtures.ts";
import { contract } from "./backends.ts";

const use = (more: Partial<Use> = {}): Use => ({
	userId: "ada",
	client: "cursor",
	what: "searched",
	at: 1000,
	...more,
});

contract("The log of use", (fixture) => {
	it("says who did what when, newest first, and adds it up by client", async () => {
		const { usage } = fixture.store;
		const uses = [
			use({ clientVersion: "1.0" }),
			use({ what: "saved", at: 2000, clientVersion: "1.1", project: projectA }),
			use({ client: "claude-code", what: "read", at: 3000, query: "tea?" }),
			use({ what: "changed", at: 1500 }),
		];
		await usage.record(uses.slice(0, 2));
		await usage.record(uses.slice(2));
		assert.deepEqual(await usage.recent("ada", 10), uses.toReversed());
		assert.deepEqual(await usage.recent("ada", 1), uses.slice(3));
		const none = { searched: 0, read: 0, saved: 0, changed: 0 };
		assert.deepEqual(await usage.clients("ada"), [
			{ ...none, client: "claude-code", lastRead: 3000, read: 1 },
			{
				...none,
				client: "cursor",
				clientVersion: "1.1",
				lastRead: 1000,
				lastWrote: 2000,
				searched: 1,
				saved: 1,
				changed: 1,
			},
		]);
		assert.deepEqual([await usage.recent("bob", 10), await usage.clients("bob")], [[], []]);
	});

	it("counts the uses of each memory, which are no change of it", async () => {
		const { store } = fixture;
		const one = (await add(store, "one")).memory;
		const two = (await add(store, "two")).memory;
		const bobs = (await add(store, "bob's", { userId: "bob" })).memory;
		await remove(store, two.id);
		const memories = [one.id, two.id, bobs.id, "unknown"];
		await store.usage.record([use({ at: 5000, memories }), use({ at: 4000, memories })]);
		assert.deepEqual(await store.memories.get(one.id, "ada"), { ...one, uses: 2, usedAt: 5000 });
		assert.deepEqual(await store.memories.get(bobs.id, "bob"), bobs);
		assert.equal((await store.memories.history(one.id, "ada")).length, 1);
		const changed = await store.memories.change("ada", [{ id: one.id, expected: one, pinned: true }]);
		assert.equal(changed[0]?.after.uses, 2);
	});

	it("keeps the last 1,000 uses and the last 100 clients of a user", async () => {
		const { usage } = fixture.store;
		await usage.record([use({ userId: "bob" })]);
		await usage.record(Array.from({ length: 1100 }, (_, n) => use({ client: `client ${n % 150}`, at: n })));
		assert.equal((await usage.recent("ada", 5000)).length, 1000);
		const clients = (await usage.clients("ada")).map(({ client }) => client);
		assert.equal(clients.length, 100);
		assert.equal(clients[0], `client ${1099 % 150}`);
		assert.equal((await usage.recent("bob", 10)).length, 1);
	});

	it("tells listeners of the same process nothing: who searches at each change would search for ever", async () => {
		const { store } = fixture;
		let told = 0;
		store.onDidChange(() => {
			told += 1;
		});
		await store.usage.record([use()]);
		assert.equal(told, 0);
		await add(store, "one");
		assert.equal(told, 1);
	});
});
