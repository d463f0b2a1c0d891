import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { silentLog } from "../../../../src/config/log.ts";
import { addUser, revokeUser } from "../../../../src/memory/access/accounts.ts";
import { type Membership, membershipIn } from "../../../../src/memory/access/membership.ts";
import { MemoryService } from "../../../../src/memory/memoryService.ts";
import { StoreError } from "../../../../src/store/errors.ts";
import type { MemoryStore } from "../../../../src/store/memoryStore.ts";
import { projectA } from "../../../support/fixtures/projects.ts";
import { sharedEmbedder } from "../../../support/fixtures/sharedEmbedder.ts";
import { add } from "../../../support/fixtures/storeFixtures.ts";
import { temporaryFolder } from "../../../support/fixtures/temporaryFolder.ts";
import { TestClock } from "../../../support/fixtures/testClock.ts";
import { openTestStore } from "../../../support/postgres/testStore.ts";

const member = { admin: false, renew: false };
const administrator = { admin: true, renew: false };

describe("Who belongs to a team", function () {
	this.timeout(60_000);
	let store: MemoryStore;
	/** Of another process. */
	let other: MemoryStore;
	let clock: TestClock;
	let service: MemoryService | undefined;
	/** How often the database was asked. */
	let asked: number;
	/** What the next answers wait for, each its own. */
	let answers: Promise<unknown>[];

	beforeEach(async () => {
		const folder = temporaryFolder();
		({ store } = await openTestStore(folder));
		({ store: other } = await openTestStore(folder));
		clock = new TestClock();
		asked = 0;
		answers = [];
	});
	afterEach(async () => {
		await service?.dispose();
		service = undefined;
		await store.close();
		await other.close();
	});

	/** The store, whose answers to the question may come late, or not at all. */
	const counted = (): MemoryStore => ({
		...store,
		users: {
			...store.users,
			list: async () => {
				asked += 1;
				const answer = answers.shift();
				const users = await store.users.list();
				await answer;
				return users;
			},
		},
		close: async () => undefined,
	});
	const options = () => ({ log: silentLog, clock, notes: false });
	const open = async () => {
		const parts = counted();
		const embedder = Object.assign(Object.create(sharedEmbedder()), { dispose: async () => undefined });
		service = new MemoryService({
			store: parts,
			embedder,
			userId: "ada",
			log: silentLog,
			clock,
			...(await membershipIn(parts, "ada", options())),
		});
		return service;
	};
	/** Others' writes are noticed with a delay. */
	const until = async (holds: () => boolean) => {
		for (const deadline = Date.now() + 20_000; !holds(); await sleep(20)) assert.ok(Date.now() < deadline);
	};
	const followed = async () => {
		const seen: Membership[] = [];
		const { follow } = await membershipIn(counted(), "ada", options());
		const following = follow((now) => void seen.push(now));
		return { seen, following };
	};

	it("is known without a restart once another process adds the first user", async () => {
		const opened = await open();
		assert.equal(opened.isTeam, false);
		const saved = async (text: string) => {
			const { memories } = await opened.save({ text, scope: "project", project: projectA });
			return (await store.memories.get(memories[0]?.id ?? "", "ada"))?.visibility;
		};
		assert.equal(await saved("Deploys happen on Thursdays"), undefined);
		await addUser(other.users, "bob", member);
		await until(() => opened.isTeam);
		assert.equal(await saved("Deploys need two reviews"), "project");
	});

	it("follows who is named an administrator, who is revoked, and the end of the team", async () => {
		const { seen, following } = await followed();
		const now = () => ({ team: seen.at(-1)?.team, admin: seen.at(-1)?.actor.admin });
		const follows = async (change: () => Promise<unknown>, expected: object) => {
			await change();
			await until(() => {
				clock.forward(2000);
				return JSON.stringify(now()) === JSON.stringify(expected);
			});
		};
		await follows(() => addUser(other.users, "bob", member), { team: true, admin: false });
		await follows(() => addUser(other.users, "ada", administrator), { team: true, admin: true });
		await follows(() => revokeUser(other.users, "ada"), { team: true, admin: false });
		await follows(() => revokeUser(other.users, "bob"), { team: false, admin: false });
		following.dispose();
	});

	it("is asked once in two seconds, however much changes", async () => {
		const { following } = await followed();
		assert.equal(asked, 1);
		const begun = clock.elapsed();
		for (const times of ["once", "again"]) {
			for (let change = 0; change < 100; change += 1) {
				await add(store, `change ${change}, ${times}`);
				await sleep(1);
			}
			await clock.pass(2000);
		}
		const most = 2 + Math.ceil((clock.elapsed() - begun) / 2000);
		assert.ok(asked > 2 && asked <= most, `${asked} questions, not ${most}`);
		following.dispose();
	});

	/** A question that is asked, and whose answer is yet to come. */
	const lateAnswer = async () => {
		const late = Promise.withResolvers<void>();
		answers = [late.promise];
		await add(store, "one");
		await until(() => {
			clock.forward(0);
			return asked === 2;
		});
		return late;
	};

	it("is what the last answer says, also where an earlier one comes later", async () => {
		const { seen, following } = await followed();
		const late = await lateAnswer();
		await addUser(store.users, "ada", member);
		clock.forward(2000);
		await sleep(100);
		late.resolve();
		await until(() => {
			clock.forward(2000);
			return seen.length >= 2;
		});
		assert.equal(seen.at(-1)?.team, true);
		following.dispose();
	});

	it("is no longer asked, nor told, after the end", async () => {
		const { seen, following } = await followed();
		const late = await lateAnswer();
		// Another question is due in two seconds.
		await add(store, "two");
		following.dispose();
		late.resolve();
		await clock.pass(5000);
		await add(store, "three");
		await clock.pass(5000);
		assert.deepEqual([asked, seen], [2, []]);
	});

	it("is asked again where the database did not answer, once it says so", async () => {
		await addUser(other.users, "ada", administrator);
		const lost = () => {
			const failing = Promise.reject(new StoreError("unreachable", "there", "It is away."));
			failing.catch(() => undefined);
			return failing;
		};
		const { seen, following } = await followed();
		answers = [lost()];
		await add(store, "one");
		await until(() => {
			clock.forward(2000);
			return asked === 2;
		});
		assert.deepEqual(seen, []);
		await add(store, "two");
		await until(() => {
			clock.forward(2000);
			return seen.length > 0;
		});
		assert.deepEqual(seen.at(-1), { team: true, actor: { userId: "ada", admin: true } });
		following.dispose();
	});
});
