import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { silentLog } from "../../src/config/log.ts";
import { addUser, revokeUser } from "../../src/memory/access/accounts.ts";
import type { MemoryService } from "../../src/memory/memoryService.ts";
import { openOwnMemory } from "../../src/memory/openMemory.ts";
import type { MemoryStore } from "../../src/store/memoryStore.ts";
import { bundles } from "../support/fixtures/builtFiles.ts";
import { projectA } from "../support/fixtures/projects.ts";
import { newMemory } from "../support/fixtures/storeFixtures.ts";
import { temporaryFolder } from "../support/fixtures/temporaryFolder.ts";
import { awayFixture, delivered } from "../support/postgres/awayFixture.ts";
import { hasOwnServer } from "../support/postgres/ownServer.ts";

const describeOnServer = hasOwnServer ? describe : describe.skip;
const user = { admin: false, renew: false };

describeOnServer("A team whose database is away (only with a server on this machine)", function () {
	this.timeout(60_000);
	const fixture = awayFixture("away_team");
	let there: MemoryStore;
	let opened: MemoryService[];

	beforeEach(async () => {
		opened = [];
		there = await fixture.elsewhere();
	});
	afterEach(() => Promise.all(opened.map((service) => service.dispose())));

	/** One more program of this machine. */
	const start = async (userId = "ada", more: { readonly teamReview?: boolean } = {}) => {
		const store = await fixture.open();
		const service = await openOwnMemory({
			config: { memoryDir: temporaryFolder(), userId, llm: undefined, embedding: undefined, ...more },
			bundles,
			log: silentLog,
			openStore: async () => ({ store, notice: undefined }),
		});
		opened.push(service);
		return { store, service };
	};
	const save = async (service: MemoryService, text: string) =>
		(await service.save({ text, scope: "project", project: projectA })).memories[0]?.id as string;
	const visibilityOf = async (id: string) => (await there.memories.get(id, "ada"))?.visibility;
	const until = async (holds: () => boolean) => {
		for (const deadline = Date.now() + 20_000; !holds(); await sleep(20)) assert.ok(Date.now() < deadline);
	};

	it("has what a program saves for the project that was started meanwhile, for the project", async () => {
		await addUser(there.users, "ada", user);
		await start();
		fixture.proxy.way = "cut";
		const { service, store } = await start();
		assert.equal(service.isTeam, true);
		const id = await save(service, "Deploys happen on Thursdays");
		const reviewed = await start("ada", { teamReview: true });
		const proposed = await save(reviewed.service, "Deploys need two reviews");
		fixture.proxy.way = "open";
		await delivered(store);
		assert.deepEqual([await visibilityOf(id), await visibilityOf(proposed)], ["project", "proposed-project"]);
	});

	it("is one for a program that did not know it, once it is back", async () => {
		await addUser(there.users, "ada", { admin: true, renew: false });
		fixture.proxy.way = "cut";
		const { service, store } = await start();
		assert.equal(service.isTeam, false);
		const id = await save(service, "Deploys happen on Thursdays");
		fixture.proxy.way = "open";
		await delivered(store);
		assert.equal(await visibilityOf(id), undefined);
		await until(() => service.isTeam);
		await service.administration.list("ben");
		assert.equal(await visibilityOf(await save(service, "Deploys need two reviews")), "project");
	});

	it("reads by id what a colleague has changed meanwhile, and nobody else's private memory", async () => {
		const memories = await there.saves.addAll([
			newMemory("A team plan", { visibility: "team" }),
			newMemory("A private plan"),
		]);
		const ids = memories.map(({ memory }) => memory.id);
		const store = await fixture.open();
		for (const id of ids) await store.memories.get(id, "ada");
		fixture.proxy.way = "cut";
		for (const id of ids) await store.memories.change("ada", [{ id, pinned: true }]);
		const bob = { userId: "bob", admin: false, projects: "all" } as const;
		const read = await Promise.all(ids.map((id) => store.memories.get(id, bob)));
		assert.deepEqual(
			read.map((memory) => memory?.text),
			["A team plan", undefined],
		);
	});

	it("is none any more once everybody was revoked", async () => {
		await addUser(there.users, "ada", user);
		await start();
		await revokeUser(there.users, "ada");
		await start();
		fixture.proxy.way = "cut";
		assert.equal((await start()).service.isTeam, false);
	});
});
