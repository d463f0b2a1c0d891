import assert from "node:assert/strict";
import { statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { deliver } from "../../src/store/away/deliver.ts";
import type { WaitingChange } from "../../src/store/away/outbox.ts";
import { ConflictError } from "../../src/store/errors.ts";
import { openKeptFile } from "../../src/store/sqlite/sqliteStore.ts";
import type { StoredMemory } from "../../src/store/types.ts";
import { indexTerms } from "../../src/text/terms.ts";
import { filesWith } from "../support/fixtures/filesWith.ts";
import { projectA } from "../support/fixtures/projects.ts";
import {
	everything,
	failure,
	memoriesWith,
	nearMemories,
	newMemory,
	texts,
} from "../support/fixtures/storeFixtures.ts";
import { awayFixture, delivered, save } from "../support/postgres/awayFixture.ts";
import { hasOwnServer } from "../support/postgres/ownServer.ts";
import { space, vector } from "./vectors.ts";

const describeOnServer = hasOwnServer ? describe : describe.skip;

describeOnServer("A database that is away (only with a server on this machine)", function () {
	this.timeout(60_000);
	const fixture = awayFixture("away");
	const { open, elsewhere } = fixture;

	it("leaves saves here, where they are found at once, and gets each of them once", async () => {
		const there = await elsewhere();
		await save(there, "known");
		const store = await open();
		assert.deepEqual(await texts(store), ["text of known"]);
		fixture.proxy.way = "cut";
		const { event, memory } = await save(store, "new", "Deploys happen on Thursdays");
		assert.deepEqual([event, memory.keptHere], ["ADD", true]);
		assert.match(String(store.away?.problem), /cannot be reached .*Check that the server runs/);
		assert.equal(await store.away?.waiting(), 1);
		assert.equal((await store.memories.get(memory.id, "ada"))?.text, "Deploys happen on Thursdays");
		const page = await store.memories.list(everything, 10);
		assert.deepEqual([page.memories.map(({ id }) => id), page.total], [[memory.id], 1]);
		assert.match(String(page.onlyHere), /cannot be reached/);
		assert.deepEqual(
			(await memoriesWith(store, indexTerms("Thursdays"), everything)).map(({ id, keptHere }) => [
				id,
				keptHere,
			]),
			[[memory.id, true]],
		);
		assert.equal((await store.saves.readBack([memory], undefined))[0]?.memory?.text, memory.text);
		assert.equal(await store.saves.savedText("new", "ada"), "Deploys happen on Thursdays");
		assert.equal(statSync(join(fixture.folder, "memory.db")).mode & 0o077, 0);
		fixture.proxy.way = "open";
		await delivered(store);
		assert.equal(store.away?.problem, undefined);
		assert.deepEqual(await texts(there), ["Deploys happen on Thursdays", "text of known"]);
		assert.equal((await there.memories.get(memory.id, "ada"))?.text, "Deploys happen on Thursdays");
		assert.equal(await there.saves.savedText("new", "ada"), "Deploys happen on Thursdays");
		assert.deepEqual(await texts(store), ["Deploys happen on Thursdays", "text of known"]);
		assert.equal((await store.memories.get(memory.id, "ada"))?.keptHere, undefined);
	});

	it("gets updates and deletions in their order, across restarts", async () => {
		const there = await elsewhere();
		const [kept, gone] = [(await save(there, "kept")).memory, (await save(there, "gone")).memory];
		const store = await open();
		await store.memories.list(everything, 10);
		fixture.proxy.way = "black hole";
		const added = (await save(store, "added")).memory;
		const [changed] = await store.memories.change("ada", [
			{ id: kept.id, expected: kept, text: "kept, changed" },
		]);
		assert.equal(changed?.after.keptHere, true);
		await store.memories.change("ada", [
			{ id: kept.id, expected: changed.after, pinned: true, project: projectA },
		]);
		await store.memories.change("ada", [{ id: added.id, text: "added, changed" }]);
		assert.equal((await store.memories.delete([gone.id], "ada"))[0]?.text, "text of gone");
		assert.equal(await store.memories.get(gone.id, "ada"), undefined);
		const brief = (await save(store, "brief")).memory;
		await store.memories.delete([brief.id], "ada");
		await store.memories.restore([brief.id], "ada");
		await store.memories.delete([brief.id], "ada");
		const [stale] = await store.memories
			.change("ada", [{ id: kept.id, expected: kept, text: "from an older version" }])
			.catch((error: unknown) => [error]);
		assert.ok(stale instanceof ConflictError);
		assert.equal(await store.away?.waiting(), 9);
		await store.close();
		const again = await open();
		assert.equal((await again.memories.get(kept.id, "ada"))?.text, "kept, changed");
		fixture.proxy.way = "open";
		await delivered(again);
		assert.deepEqual(await texts(there), ["added, changed", "kept, changed"]);
		const { pinned, project } = (await there.memories.get(kept.id, "ada")) ?? {};
		assert.deepEqual([pinned, project], [true, projectA]);
		const events = async (id: string) => (await there.memories.history(id, "ada")).map(({ event }) => event);
		assert.deepEqual(await events(kept.id), ["ADD", "UPDATE", "UPDATE"]);
		assert.deepEqual(await events(added.id), ["ADD", "UPDATE"]);
		assert.deepEqual(await events(gone.id), ["ADD", "DELETE"]);
		assert.deepEqual(await events(brief.id), ["ADD", "DELETE", "RESTORE", "DELETE"]);
		assert.equal(await there.candidates.count("ada"), 0);
		await again.close();
		assert.deepEqual(
			await filesWith("kept, changed", fixture.folder),
			[],
			"What was delivered is erased here.",
		);
	});

	it("shows what was changed on both sides, and decides nothing", async () => {
		const there = await elsewhere();
		const names = ["both", "same", "fields", "deleted there", "deleted here", "pins"] as const;
		const ids = new Map<string, string>();
		for (const name of names) ids.set(name, (await save(there, name)).memory.id);
		const idOf = (name: (typeof names)[number]) => ids.get(name) as string;
		const store = await open();
		await store.memories.list(everything, 10);
		fixture.proxy.way = "cut";
		await store.memories.change("ada", [
			{ id: idOf("both"), text: "mine" },
			{ id: idOf("same"), text: "agreed" },
			{ id: idOf("fields"), pinned: true },
			{ id: idOf("deleted there"), text: "still wanted" },
			{ id: idOf("pins"), pinned: true },
		]);
		await store.memories.delete([idOf("deleted here")], "ada");
		await there.memories.change("ada", [
			{ id: idOf("both"), text: "theirs" },
			{ id: idOf("same"), text: "agreed" },
			{ id: idOf("fields"), text: "text of fields, changed" },
			{ id: idOf("deleted here"), text: "changed there" },
			{ id: idOf("pins"), pinned: true },
		]);
		await there.memories.delete([idOf("deleted there")], "ada");
		fixture.proxy.way = "open";
		await delivered(store);
		const { candidates } = await there.candidates.list("ada", 10);
		assert.deepEqual(
			candidates
				.map(({ kind, action, text, concerns }) => ({ kind, action, text, concerns }))
				.sort((a, b) => a.text.localeCompare(b.text)),
			[
				{ kind: "conflict", action: "delete", text: "changed there", concerns: [idOf("deleted here")] },
				{ kind: "conflict", action: "replace", text: "mine", concerns: [idOf("both")] },
				{ kind: "conflict", action: undefined, text: "still wanted", concerns: undefined },
			],
		);
		for (const { why } of candidates) assert.match(String(why), /while the database was away/);
		assert.deepEqual(await texts(there), [
			"agreed",
			"changed there",
			"text of fields, changed",
			"text of pins",
			"theirs",
		]);
		assert.equal((await there.memories.get(idOf("fields"), "ada"))?.pinned, true);
	});

	it("does not change what nobody here has seen", async () => {
		const there = await elsewhere();
		const unseen = (await save(there, "unseen")).memory;
		const store = await open();
		fixture.proxy.way = "cut";
		const change = [{ id: unseen.id, text: "blindly" }];
		await assert.rejects(
			store.memories.change("ada", change),
			failure("unreachable", /has not read the memory/),
		);
		await assert.rejects(
			store.memories.delete([unseen.id], "ada"),
			failure("unreachable", /until the database/),
		);
		await assert.rejects(store.memories.get(unseen.id, "ada"), failure("unreachable"));
		assert.equal(await store.away?.waiting(), 0);
	});

	it("says of what was deleted here that it is gone, also when it is away again", async () => {
		const there = await elsewhere();
		const gone = (await save(there, "gone")).memory;
		const store = await open();
		await store.memories.get(gone.id, "ada");
		fixture.proxy.way = "cut";
		assert.equal((await store.memories.get(gone.id, "ada"))?.text, "text of gone");
		await store.memories.delete([gone.id], "ada");
		const { memories } = await store.memories.deleted("ada", 10);
		assert.deepEqual(
			memories.map(({ id, text }) => [id, text]),
			[[gone.id, "text of gone"]],
		);
		fixture.proxy.way = "open";
		await delivered(store);
		fixture.proxy.way = "cut";
		await assert.rejects(store.memories.get(gone.id, "ada"), failure("unreachable"));
		assert.deepEqual((await store.memories.deleted("ada", 10)).memories, []);
	});

	it("names both reasons where this machine cannot keep anything either", async () => {
		const store = await open();
		fixture.proxy.way = "cut";
		writeFileSync(fixture.folder, "not a folder");
		await assert.rejects(save(store, "nowhere"), (error: Error) => {
			assert.match(error.message, /cannot be reached .* Nor can it be kept on this machine: /);
			return true;
		});
	});

	it("gets each change once, though this machine is cut off before it can note the delivery", async () => {
		const there = await elsewhere();
		const known = (await save(there, "known")).memory;
		const kept = await openKeptFile(fixture.folder, { chat: "", embedding: "" });
		const cutOff = {
			...kept,
			outbox: { ...kept.outbox, delivered: () => Promise.reject(new Error("killed")) },
		};
		const next = (after = 0) => kept.outbox.next(after) as WaitingChange;
		const deliverTwice = async (between: () => Promise<unknown>) => {
			await assert.rejects(
				deliver(next(), cutOff, there, () => undefined),
				/killed/,
			);
			await between();
			return deliver(next(), kept, there, () => undefined);
		};
		try {
			const id = "0b8e5d52-5a0f-8b4e-9a67-3d1f2c4b5a69";
			await kept.outbox.save({ ...newMemory("saved here"), id: "one" }, id, {});
			await deliverTwice(() => there.memories.delete([id], "ada"));
			assert.deepEqual(await texts(there), ["text of known"]);
			const change = { id: known.id, text: "changed here" };
			await kept.outbox.change("ada", [change], new Map([[known.id, known]]));
			assert.equal(await deliverTwice(async () => undefined), "delivered");
			assert.deepEqual(
				(await there.memories.history(known.id, "ada")).map(({ event }) => event),
				["ADD", "UPDATE"],
			);
			const now = (await there.memories.get(known.id, "ada")) as StoredMemory;
			await kept.outbox.delete("ada", [known.id], new Map([[known.id, now]]));
			assert.equal(await deliverTwice(async () => undefined), "delivered");
			assert.deepEqual([await texts(there), kept.outbox.count()], [[], 0]);
			assert.equal(await there.candidates.count("ada"), 0);
		} finally {
			await kept.store.close();
		}
	});

	it("knows what was saved here by its id, and as what it was seen here, when that was delivered", async () => {
		const there = await elsewhere();
		const known = (await save(there, "known", "We deploy on Thursdays")).memory;
		const store = await open();
		fixture.proxy.way = "cut";
		const twin = (await save(store, "twin", "we deploy on thursdays.")).memory;
		const added = (await save(store, "added")).memory;
		const [edited] = await store.memories.change("ada", [{ id: added.id, text: "edited here" }]);
		assert.ok(edited);
		fixture.proxy.way = "open";
		await delivered(store);
		assert.equal((await texts(there)).length, 2);
		// It was there already, under another id.
		assert.equal((await store.memories.get(twin.id, "ada"))?.id, known.id);
		const [changed] = await store.memories.change("ada", [{ id: twin.id, text: "We deploy on Fridays" }]);
		assert.equal(changed?.after.id, known.id);
		// An editor that was opened before goes on.
		const again = { id: added.id, expected: edited.after, text: "edited once more" };
		assert.equal((await store.memories.change("ada", [again]))[0]?.after.text, "edited once more");
		await assert.rejects(store.memories.change("ada", [{ ...again, text: "too late" }]), ConflictError);
	});

	it("is searched by meaning together with what waits for it", async () => {
		const there = await elsewhere();
		await fixture.admin(
			"CREATE ROLE reader LOGIN SUPERUSER",
			"ALTER ROLE reader SET default_transaction_read_only = on",
		);
		const store = await open({ user: "reader" });
		const at = (x: number, y: number) => ({ space, values: vector(x, y, 0) });
		await there.saves.store({ ...newMemory("near there"), id: "a" }, { vector: at(1, 0.2) });
		await there.saves.store({ ...newMemory("far there"), id: "b" }, { vector: at(0, 1) });
		await store.saves.record({ ...newMemory("nearest here"), id: "c" });
		await store.saves.store({ ...newMemory("nearest here"), id: "c" }, { vector: at(1, 0) });
		const near = await nearMemories(store, at(1, 0), everything, 10);
		assert.deepEqual(
			near.map(({ memory, cosine }) => [memory.text, memory.keptHere === true, cosine > 0.9]).sort(),
			[
				["far there", false, false],
				["near there", false, true],
				["nearest here", true, true],
			],
		);
		const terms = [...indexTerms("near")];
		const asked = { terms, all: false, filter: everything, each: 10, words: 0 };
		const { statistics } = await store.search.pool(asked);
		assert.deepEqual([statistics.documents, statistics.documentsWith.get("near")], [3, 1]);
		assert.deepEqual(await store.search.statistics(terms), statistics);
		await fixture.admin(
			"ALTER ROLE reader RESET default_transaction_read_only",
			"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'reader'",
		);
		await delivered(store);
		assert.equal((await texts(there)).length, 3);
	});
});
