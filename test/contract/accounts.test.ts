import assert from "node:assert/strict";
import { contract } from "./backends.ts";

const ada = { name: "ada", admin: true, tokenHash: "aa", createdAt: 1000 };
const bob = { name: "bob", admin: false, tokenHash: "bb", createdAt: 2000 };

contract("The users of a server", (fixture) => {
	it("are listed by name, in every process", async () => {
		const { users } = fixture.store;
		assert.deepEqual(await users.list(), []);
		assert.equal(await users.add(bob), true);
		assert.equal(await users.add(ada), true);
		assert.deepEqual(await (await fixture.another()).users.list(), [ada, bob]);
	});

	it("keep a name to themselves, whoever adds it at the same time", async () => {
		const other = await fixture.another();
		const added = await Promise.all([
			fixture.store.users.add(ada),
			other.users.add({ ...ada, tokenHash: "other" }),
		]);
		assert.deepEqual(added.toSorted(), [false, true]);
		assert.equal((await other.users.list()).length, 1);
	});

	it("are revoked once, and stay taken until they get another token", async () => {
		const { users } = fixture.store;
		await users.add(ada);
		assert.equal(await users.revoke("bob", 5000), false);
		assert.equal(await users.revoke("ada", 5000), true);
		assert.equal(await users.revoke("ada", 6000), false);
		assert.deepEqual(await users.list(), [{ ...ada, revokedAt: 5000 }]);
		assert.equal(await users.add({ ...ada, tokenHash: "cc" }), false);
		const again = { ...ada, admin: false, tokenHash: "dd", createdAt: 7000 };
		assert.equal(await users.add(again, true), true);
		assert.deepEqual(await users.list(), [again]);
	});

	it("are noted when they were there, and change nothing that anybody watches", async () => {
		const { users } = fixture.store;
		let changes = 0;
		fixture.store.onDidChange(() => {
			changes += 1;
		});
		await users.add(ada);
		await users.add(bob);
		const before = changes;
		await users.used(
			new Map([
				["ada", 9000],
				["nobody", 1],
			]),
		);
		await users.used(
			new Map([
				["ada", 8000],
				["bob", 8000],
			]),
		);
		assert.deepEqual(await users.list(), [
			{ ...ada, lastUsed: 9000 },
			{ ...bob, lastUsed: 8000 },
		]);
		assert.equal(changes, before);
	});

	it("are forgotten", async () => {
		const { users } = fixture.store;
		await users.add(ada);
		assert.equal(await users.remove("ada"), true);
		assert.equal(await users.remove("ada"), false);
		assert.deepEqual(await users.list(), []);
	});
});
