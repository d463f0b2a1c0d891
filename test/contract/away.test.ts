import assert from "node:assert/strict";
import { statSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { openAwayStore } from "../../src/store/away/awayStore.ts";
import { ConflictError } from "../../src/store/errors.ts";
import type { MemoryStore } from "../../src/store/memoryStore.ts";
import { openPostgresStore } from "../../src/store/postgres/postgresStore.ts";
import { locationOf, type PostgresSettings } from "../../src/store/postgres/settings.ts";
import type { Destinations } from "../../src/store/types.ts";
import { indexTerms } from "../../src/text/terms.ts";
import { filesWith } from "../support/fixtures/filesWith.ts";
import { projectA } from "../support/fixtures/projects.ts";
import { everything, failure, memoriesWith, newMemory, texts } from "../support/fixtures/storeFixtures.ts";
import { temporaryFolder } from "../support/fixtures/temporaryFolder.ts";
import { CuttingProxy } from "../support/postgres/cuttingProxy.ts";
import { hasOwnServer, type OwnServer, ownServer } from "../support/postgres/ownServer.ts";
import { testSettings } from "../support/postgres/testDatabase.ts";

const destinations = { chat: "", embedding: "" };

const describeOnServer = hasOwnServer ? describe : describe.skip;

describeOnServer("A database that is away (only with a server on this machine)", function () {
	this.timeout(60_000);
	let server: OwnServer;
	let proxy: CuttingProxy;
	let folder = "";
	let schema = "";
	let number = 0;
	const opened: MemoryStore[] = [];

	/** One more process of this machine, whose way to the server is the proxy. */
	const open = async (
		more: Partial<PostgresSettings> = {},
		{ own = destinations, url = proxy.url }: { readonly own?: Destinations; readonly url?: string } = {},
	) => {
		const settings = {
			...testSettings(schema, url),
			poolTimeout: 1000,
			answerTimeout: 2000,
			retries: 1,
			...more,
		};
		const store = await openAwayStore({
			location: locationOf(settings),
			folder,
			destinations: own,
			open: (each) => openPostgresStore(settings, each),
			patience: { start: 1000, read: 1000, write: 1500 },
		});
		opened.push(store);
		return store;
	};
	/** The database itself, as another machine sees it. */
	const elsewhere = async () => {
		const store = await openPostgresStore(testSettings(schema, server.url), destinations);
		opened.push(store);
		return store;
	};
	const save = async (store: MemoryStore, id: string, text = `text of ${id}`) => {
		const [result] = (await store.saves.store({ ...newMemory(text), id })).results;
		assert.ok(result);
		return result;
	};
	const delivered = async (store: MemoryStore) => {
		for (const deadline = Date.now() + 30_000; await store.away?.waiting(); await sleep(50))
			assert.ok(Date.now() < deadline, `Not delivered: ${store.away?.problem}`);
	};

	before(async () => {
		server = await ownServer();
	});
	after(() => server?.stop());
	beforeEach(async () => {
		number += 1;
		schema = `away_${number}`;
		folder = join(temporaryFolder(), "away");
		proxy = await CuttingProxy.start(server.url);
	});
	afterEach(async () => {
		await Promise.all(opened.splice(0).map((store) => store.close()));
		await proxy.close();
	});

	it("leaves saves here, where they are found at once, and gets each of them once", async () => {
		const there = await elsewhere();
		await save(there, "known");
		const store = await open();
		assert.deepEqual(await texts(store), ["text of known"]);
		proxy.way = "cut";
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
		assert.equal(await store.saves.savedText("new"), "Deploys happen on Thursdays");
		assert.equal(statSync(join(folder, "memory.db")).mode & 0o077, 0);
		proxy.way = "open";
		await delivered(store);
		assert.equal(store.away?.problem, undefined);
		assert.deepEqual(await texts(there), ["Deploys happen on Thursdays", "text of known"]);
		assert.equal((await there.memories.get(memory.id, "ada"))?.text, "Deploys happen on Thursdays");
		assert.equal(await there.saves.savedText("new"), "Deploys happen on Thursdays");
		assert.deepEqual(await texts(store), ["Deploys happen on Thursdays", "text of known"]);
		assert.equal((await store.memories.get(memory.id, "ada"))?.keptHere, undefined);
	});

	it("gets updates and deletions in their order, across restarts", async () => {
		const there = await elsewhere();
		const [kept, gone] = [(await save(there, "kept")).memory, (await save(there, "gone")).memory];
		const store = await open();
		await store.memories.list(everything, 10);
		proxy.way = "black hole";
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
		proxy.way = "open";
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
		assert.deepEqual(await filesWith("kept, changed", folder), [], "What was delivered is erased here.");
	});

	it("shows what was changed on both sides, and decides nothing", async () => {
		const there = await elsewhere();
		const names = ["both", "same", "fields", "deleted there", "deleted here", "pins"] as const;
		const ids = new Map<string, string>();
		for (const name of names) ids.set(name, (await save(there, name)).memory.id);
		const idOf = (name: (typeof names)[number]) => ids.get(name) as string;
		const store = await open();
		await store.memories.list(everything, 10);
		proxy.way = "cut";
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
		proxy.way = "open";
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
		proxy.way = "cut";
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
});
