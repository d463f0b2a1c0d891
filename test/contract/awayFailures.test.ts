import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { everything, newMemory, texts } from "../support/fixtures/storeFixtures.ts";
import { awayFixture, delivered, save } from "../support/postgres/awayFixture.ts";
import type { Fault } from "../support/postgres/cuttingProxy.ts";
import { hasOwnServer } from "../support/postgres/ownServer.ts";

const describeOnServer = hasOwnServer ? describe : describe.skip;

describeOnServer(
	"A database that fails, with a place to keep saves (only with a server on this machine)",
	function () {
		this.timeout(180_000);
		const fixture = awayFixture("failing");
		const { open, elsewhere } = fixture;

		for (const fault of ["cut before", "cut after", "swallow answer"] as const satisfies readonly Fault[])
			it(`loses and doubles nothing when the way breaks for good at any message: ${fault}`, async () => {
				const { proxy } = fixture;
				const there = await elsewhere();
				// Without a second attempt of its own, so that every fault ends a request.
				const store = await open({ retries: 0, poolSize: 1, answerTimeout: 300 });
				await save(store, "first");
				for (let message = 0; ; message += 1) {
					const id = `save ${message}`;
					const broken = async (work: () => Promise<unknown>) => {
						proxy.failAt(message, fault, "cut");
						await work();
						const reached = proxy.messages > message;
						proxy.failAt(Number.POSITIVE_INFINITY, fault);
						proxy.way = "open";
						await delivered(store);
						return reached;
					};
					let memory = "";
					let reached = await broken(async () => {
						memory = (await save(store, id)).memory.id;
					});
					assert.equal((await texts(there)).filter((text) => text === `text of ${id}`).length, 1, id);
					reached =
						(await broken(() => store.memories.change("ada", [{ id: memory, text: `changed ${id}` }]))) ||
						reached;
					assert.equal((await there.memories.get(memory, "ada"))?.text, `changed ${id}`);
					reached = (await broken(() => store.memories.delete([memory], "ada"))) || reached;
					assert.equal(await there.memories.get(memory, "ada"), undefined);
					const history = await there.memories.history(memory, "ada");
					assert.deepEqual(
						history.map(({ event }) => event),
						["ADD", "UPDATE", "DELETE"],
					);
					if (!reached) break;
				}
				assert.deepEqual(await texts(there), ["text of first"]);
				assert.equal(await there.candidates.count("ada"), 0);
			});

		it("does not bring back what was deleted while its save was still under way", async () => {
			const { proxy } = fixture;
			const there = await elsewhere();
			const store = await open({ answerTimeout: 4000 }, { write: 300, read: 100 });
			proxy.way = "black hole";
			const began = performance.now();
			const { memory } = await save(store, "brief");
			await store.memories.delete([memory.id], "ada");
			proxy.way = "open";
			// The save is made again when its first attempt has had no answer.
			await sleep(5000 - (performance.now() - began));
			await delivered(store);
			assert.deepEqual(await texts(there), []);
			const history = await there.memories.history(memory.id, "ada");
			assert.deepEqual(
				history.map(({ event }) => event),
				["ADD", "DELETE"],
			);
		});

		it("that answers too late gets the save once", async () => {
			const { proxy } = fixture;
			const there = await elsewhere();
			const store = await open({}, { write: 300 });
			proxy.delay = 200;
			const results = await Promise.all(Array.from({ length: 20 }, (_, n) => save(store, `${n}`)));
			assert.ok(results.some(({ memory }) => memory.keptHere));
			proxy.delay = 0;
			await delivered(store);
			assert.equal((await texts(there)).length, 20);
		});

		it("whose connections are all in use by others is searched no worse, and gets the saves later", async () => {
			const there = await elsewhere();
			const store = await open({ poolSize: 1 });
			await save(store, "known");
			await fixture.session(
				`BEGIN; LOCK TABLE ${fixture.schema}.journal IN ACCESS EXCLUSIVE MODE`,
				async () => {
					// The first waits for the lock with the only connection of this process.
					const kept = await Promise.all(Array.from({ length: 10 }, (_, n) => save(store, `${n}`)));
					assert.ok(kept.every(({ memory }) => memory.keptHere));
					assert.match(String(store.away?.problem), /no free connection|has not answered/);
					const { memories, onlyHere } = await store.memories.list(everything, 20);
					assert.equal(memories.length, 10);
					assert.match(String(onlyHere), /no free connection|has not answered/);
				},
			);
			await delivered(store);
			assert.equal((await texts(there)).length, 11);
		});

		it("with a lock held for long leaves saves here, and is searched together with them", async () => {
			const there = await elsewhere();
			await save(there, "known");
			const store = await open({}, { write: 700 });
			await fixture.session(
				`BEGIN; LOCK TABLE ${fixture.schema}.journal IN ACCESS EXCLUSIVE MODE`,
				async () => {
					assert.equal((await save(store, "kept")).memory.keptHere, true);
					// Nobody waits for the lock again.
					const started = performance.now();
					await Promise.all(Array.from({ length: 20 }, (_, n) => save(store, `more ${n}`)));
					assert.ok(performance.now() - started < 20 * 700);
				},
			);
			await delivered(store);
			assert.equal((await texts(there)).length, 22);
			assert.equal((await texts(store)).length, 22);
		});

		it("that ends long statements gets the save when nothing holds it up", async () => {
			await fixture.admin(
				"CREATE ROLE hasty LOGIN SUPERUSER",
				"ALTER ROLE hasty SET statement_timeout = '200ms'",
			);
			const there = await elsewhere();
			const store = await open({ user: "hasty" });
			await fixture.session(
				`BEGIN; LOCK TABLE ${fixture.schema}.journal IN ACCESS EXCLUSIVE MODE`,
				async () => {
					assert.equal((await save(store, "late")).memory.keptHere, true);
					assert.match(String(store.away?.problem), /took too long .*statement_timeout/);
				},
			);
			await delivered(store);
			assert.deepEqual(await texts(there), ["text of late"]);
		});

		it("that can only be read is searched together with what waits for it, page by page", async () => {
			const there = await elsewhere();
			for (let n = 0; n < 5; n += 1)
				await there.saves.store({ ...newMemory(`there ${n}`, { createdAt: 2 * n }), id: `t${n}` });
			await fixture.admin(
				"CREATE ROLE reader LOGIN SUPERUSER",
				"ALTER ROLE reader SET default_transaction_read_only = on",
			);
			const store = await open({ user: "reader" });
			for (let n = 0; n < 5; n += 1) {
				const saved = await store.saves.store({
					...newMemory(`here ${n}`, { createdAt: 2 * n + 1 }),
					id: `h${n}`,
				});
				assert.equal(saved.results[0]?.memory.keptHere, true);
			}
			assert.match(String(store.away?.problem), /can only be read .*primary server/);
			const [second] = (await there.memories.list({ ...everything, until: 2, since: 2 }, 1)).memories;
			await store.memories.list(everything, 10);
			await store.memories.change("ada", [{ id: second?.id as string, text: "there 1, changed here" }]);
			for (const order of ["newest", "oldest"] as const) {
				const found: string[] = [];
				let next: { readonly after?: { readonly key: number; readonly seq: number } } | undefined = {};
				while (next) {
					const page = await store.memories.list(everything, 3, { order, ...next });
					assert.equal(page.onlyHere, undefined);
					assert.equal(page.total, 10);
					found.push(...page.memories.map(({ text }) => text));
					next = page.next && { after: page.next };
				}
				const expected = [0, 1, 2, 3, 4].flatMap((n) => [
					n === 1 ? "there 1, changed here" : `there ${n}`,
					`here ${n}`,
				]);
				assert.deepEqual(found, order === "oldest" ? expected : expected.reverse());
			}
			assert.deepEqual(await store.memories.counts("ada"), { all: 10, global: 10, project: 0 });
			await fixture.admin("ALTER ROLE reader RESET default_transaction_read_only");
			// Connections that are open keep the setting.
			await fixture.admin("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'reader'");
			await delivered(store);
			assert.equal((await texts(there)).length, 10);
			assert.ok((await texts(there)).includes("there 1, changed here"));
		});

		it("leaves an administrator's queue without what others want to share until it is back", async () => {
			const root = { userId: "root", admin: true, projects: [] };
			const there = await elsewhere();
			await there.saves.addAll([newMemory("of bob", { userId: "bob", visibility: "proposed-team" })]);
			const store = await open();
			assert.equal((await store.memories.proposed(root, 10)).total, 1);
			fixture.proxy.way = "cut";
			assert.deepEqual(await store.memories.proposed(root, 10), { memories: [], total: 0 });
			assert.match(String((await store.memories.groups("bob", "project", 10)).onlyHere), /cannot be reached/);
			fixture.proxy.way = "open";
			// It is looked for in the background.
			while ((await store.memories.proposed(root, 10)).total === 0) await sleep(50);
		});

		it("is opened while it is away, by a process that then goes on when it is back", async () => {
			const { proxy } = fixture;
			for (const way of ["cut", "black hole"] as const) {
				proxy.way = way;
				const store = await open();
				assert.equal((await save(store, `during ${way}`)).memory.keptHere, true);
				assert.deepEqual(await texts(store), [`text of during ${way}`]);
				proxy.way = "open";
				await delivered(store);
				assert.equal((await save(store, `after ${way}`)).memory.keptHere, undefined);
				const there = await elsewhere();
				await Promise.all([there, store].map((each) => each.memories.delete([], "ada")));
				assert.ok((await texts(there)).includes(`text of during ${way}`));
				await there.memories.delete(
					(await there.memories.list(everything, 10)).memories.map(({ id }) => id),
					"ada",
				);
				await sleep(0);
			}
		});
	},
);
