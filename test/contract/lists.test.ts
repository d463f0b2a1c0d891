import assert from "node:assert/strict";
import type { ListFilter, ListOptions } from "../../src/store/lists.ts";
import type { How, NewMemory, StoredMemory } from "../../src/store/types.ts";
import { projectA, projectB } from "../support/fixtures/projects.ts";
import {
	add,
	everything,
	memoriesWith,
	nearMemories,
	newMemory,
	rewrite,
} from "../support/fixtures/storeFixtures.ts";
import { contract } from "./backends.ts";
import { space, vector } from "./vectors.ts";

const clients = ["claude-code", "cursor", undefined] as const;
const hows: readonly How[] = ["tool", "import", "command"];

/** Number `n` of many that differ in everything a list looks at. */
function draft(n: number): NewMemory {
	const project = [undefined, projectA, projectB][n % 3];
	const client = clients[(n >> 1) % 3];
	return newMemory(`memory ${n}`, {
		...(project ? { scope: "project", project } : {}),
		origin: { how: hows[n % 2] as How, ...(client ? { client } : {}) },
		createdAt: n < 60 ? 5000 : 5000 + ((n * 7) % 40),
		...(n % 11 === 0 ? { pinned: true } : {}),
		...(n % 5 === 0 ? { conversationId: `conversation ${n % 4}` } : {}),
		...(n % 13 === 0 ? { expiresAt: 1 } : {}),
		...(n % 2 === 0 ? { vector: { space, values: vector(1, 0, 0) } } : {}),
	});
}

contract("A list", (fixture) => {
	/** All pages. */
	const all = async (filter: ListFilter, options: ListOptions = {}) => {
		const memories: StoredMemory[] = [];
		for (let after: ListOptions["after"]; ; ) {
			const page = await fixture.store.memories.list(filter, 7, { ...options, after });
			memories.push(...page.memories);
			after = page.next;
			if (!after) return { memories, total: page.total };
		}
	};

	it("has those of no client, those of no conversation, and those of one save", async () => {
		const { store } = fixture;
		await add(store, "of both", { origin: { how: "tool", client: "codex" }, conversationId: "one" });
		await add(store, "of no conversation", { origin: { how: "tool", client: "codex" } });
		await add(store, "of no client", { origin: { how: "tool" }, conversationId: "one" });
		await add(store, "of a save", { conversationId: "one", saveId: "save" });
		const listed = async (filter: Partial<ListFilter>) =>
			(await all({ ...everything, ...filter })).memories.map(({ text }) => text).sort();
		assert.deepEqual(await listed({ client: null }), ["of a save", "of no client"]);
		assert.deepEqual(await listed({ conversationId: null }), ["of no conversation"]);
		assert.deepEqual(await listed({ saveId: "save" }), ["of a save"]);
		assert.equal((await store.memories.list({ ...everything, client: null }, 1)).total, 2);
		assert.equal((await store.memories.list({ ...everything, conversationId: null }, 1)).total, 1);
	});

	it("has every order, for every filter, page by page", async () => {
		const { store } = fixture;
		const added = await store.saves.addAll(Array.from({ length: 240 }, (_, n) => draft(n)));
		const ids = added.map(({ memory }) => memory.id);
		for (const n of [3, 30, 31, 100]) await rewrite(store, ids[n] ?? "", `memory ${n}, changed`);
		await store.memories.change("ada", [{ id: ids[50] ?? "", supersededBy: ids[51] ?? "" }]);
		for (const [at, upTo] of [
			[9000, 200],
			[7000, 120],
			[9500, 60],
		] as const)
			await store.usage.record([
				{
					userId: "ada",
					client: "cursor",
					what: "searched",
					at,
					memories: ids.filter((_, n) => n < upTo && n % 3),
				},
			]);
		const current = await Promise.all(ids.map((id) => store.memories.get(id, "ada")));
		const known = current.filter((memory) => memory !== undefined);
		const orders = {
			newest: (m: StoredMemory) => -m.createdAt,
			oldest: (m: StoredMemory) => m.createdAt,
			mostUsed: (m: StoredMemory) => -(m.uses ?? 0),
			unused: (m: StoredMemory) => m.usedAt ?? m.createdAt,
		};
		const number = (m: StoredMemory) => Number(/\d+/.exec(m.text)?.[0]);
		const filters: readonly [ListFilter, (m: StoredMemory) => boolean][] = [
			[everything, () => true],
			[{ ...everything, projects: [projectA.id] }, (m) => m.project?.id !== projectB.id],
			[{ ...everything, global: false, projects: [projectB.id] }, (m) => m.project?.id === projectB.id],
			[{ ...everything, global: false }, (m) => m.project !== undefined],
			[{ ...everything, client: "cursor" }, (m) => m.origin?.client === "cursor"],
			[{ ...everything, client: "nobody" }, () => false],
			[{ ...everything, how: "import", projects: [] }, (m) => m.origin?.how === "import" && !m.project],
			[{ ...everything, pinned: true }, (m) => m.pinned === true],
			[{ ...everything, conversationId: "conversation 3" }, (m) => m.conversationId === "conversation 3"],
			[{ ...everything, hasHistory: true }, (m) => /changed/.test(m.text)],
			[{ ...everything, notEmbeddedIn: space }, (m) => number(m) % 2 === 1 || /changed/.test(m.text)],
			[{ ...everything, notEmbeddedIn: { ...space, model: "another" } }, () => true],
			[{ ...everything, since: 5003, until: 5020 }, (m) => m.createdAt >= 5003 && m.createdAt <= 5020],
			[
				{ ...everything, pinned: true, client: "claude-code", until: 5000 },
				(m) => m.pinned === true && m.origin?.client === "claude-code" && m.createdAt <= 5000,
			],
		];
		for (const [filter, matches] of filters)
			for (const [order, key] of Object.entries(orders)) {
				const backwards = order === "newest" || order === "mostUsed" ? -1 : 1;
				const expected = known
					.filter((m) => m.expiresAt === undefined && !m.supersededBy && matches(m))
					.sort((a, b) => key(a) - key(b) || backwards * (a.seq - b.seq));
				const { memories, total } = await all(filter, { order: order as keyof typeof orders });
				assert.deepEqual(
					memories.map(({ text }) => text),
					expected.map(({ text }) => text),
					`${order} of ${JSON.stringify(filter)}`,
				);
				assert.equal(total, expected.length, JSON.stringify(filter));
			}
		assert.equal((await all({ ...everything, expired: "only" })).total, 19);
		assert.equal((await all({ ...everything, expired: "include" })).total, 239);
		assert.equal((await store.memories.list(everything, 5, { total: false })).total, 0);
	});

	it("of very many of which a filter lets most through is read in its order", async () => {
		const { store } = fixture;
		const drafts = Array.from({ length: 2600 }, (_, n) =>
			newMemory(`memory ${n}`, { createdAt: n, origin: { how: "tool", client: "cursor" } }),
		);
		await store.saves.addAll(drafts);
		const filter = { ...everything, client: "cursor", how: "tool" } as const;
		const first = await store.memories.list(filter, 3, { order: "oldest" });
		const second = await store.memories.list(filter, 3, { order: "oldest", after: first.next });
		assert.deepEqual(
			[...first.memories, ...second.memories].map(({ text }) => text),
			[0, 1, 2, 3, 4, 5].map((n) => `memory ${n}`),
		);
		assert.equal(first.total, 2600);
		assert.equal((await store.memories.list({ ...filter, since: 100, until: 199 }, 3)).total, 100);
	});

	it("and a search let only those through that a client saved", async () => {
		const { store } = fixture;
		const values = vector(1, 0, 0);
		for (const client of ["cursor", "claude-code"])
			await add(store, `word of ${client}`, { origin: { how: "tool", client }, vector: { space, values } });
		await add(store, "word of nobody", { vector: { space, values }, pinned: true });
		const cases: readonly [ListFilter, string[]][] = [
			[{ ...everything, client: "cursor" }, ["word of cursor"]],
			[{ ...everything, client: "Cursor" }, []],
			[{ ...everything, client: null }, ["word of nobody"]],
			[{ ...everything, how: "tool" }, ["word of claude-code", "word of cursor"]],
			[{ ...everything, how: "review" }, []],
			[{ ...everything, pinned: true }, ["word of nobody"]],
		];
		for (const [filter, expected] of cases) {
			const near = await nearMemories(store, { space, values }, filter, 10);
			assert.deepEqual(near.map(({ memory }) => memory.text).sort(), expected);
			const byWords = await memoriesWith(store, ["word"], filter);
			assert.deepEqual(byWords.map(({ text }) => text).sort(), expected);
		}
	});
});

contract("Groups of memories", (fixture) => {
	const groups = async (by: "project" | "client" | "conversation", limit = 100) => {
		const found: (readonly [key: string | undefined, name: string | undefined, count: number])[] = [];
		for (let after: string | undefined; ; ) {
			const page = await fixture.store.memories.groups("ada", by, limit, after);
			found.push(...page.groups.map(({ key, name, count }) => [key, name, count] as const));
			after = page.next;
			if (after === undefined) return found;
		}
	};

	it("are counted by project, client and conversation, the one with the newest memory first", async () => {
		const { store } = fixture;
		const inA = { scope: "project", project: projectA } as const;
		await store.saves.addAll([
			newMemory("1", { createdAt: 1, conversationId: "old" }),
			newMemory("2", { createdAt: 2, ...inA, origin: { how: "tool", client: "cursor" } }),
			newMemory("3", { createdAt: 3, ...inA, conversationId: "new" }),
			newMemory("4", { createdAt: 4, scope: "project", project: projectB, conversationId: "old" }),
			newMemory("5", { createdAt: 5, expiresAt: 1, conversationId: "new" }),
			newMemory("6", { createdAt: 6, userId: "bob", conversationId: "old" }),
		]);
		assert.deepEqual(await groups("project"), [
			[undefined, undefined, 1],
			[projectB.id, projectB.name, 1],
			[projectA.id, projectA.name, 2],
		]);
		assert.deepEqual(await groups("client"), [
			[undefined, undefined, 3],
			["cursor", undefined, 1],
		]);
		assert.deepEqual(await groups("conversation"), [
			["new", undefined, 1],
			["old", undefined, 2],
		]);
		for (const by of ["project", "client", "conversation"] as const)
			assert.deepEqual(await groups(by, 1), await groups(by));
	});

	it("follow what is moved, deleted and restored", async () => {
		const { store } = fixture;
		const origin = { how: "tool", client: "cursor" } as const;
		const drafts = [1, 2].map((n) => newMemory(`${n}`, { createdAt: n, conversationId: "c", origin }));
		const [one, two] = (await store.saves.addAll(drafts)).map(({ memory }) => memory.id);
		assert.ok(one && two);
		await store.memories.change("ada", [{ id: one, project: projectA }]);
		assert.deepEqual(await groups("project"), [
			[undefined, undefined, 1],
			[projectA.id, projectA.name, 1],
		]);
		await store.memories.delete([two], "ada");
		assert.deepEqual(await groups("conversation"), [["c", undefined, 1]]);
		assert.equal((await store.memories.groups("ada", "conversation", 1)).groups[0]?.newest, 1);
		await store.memories.delete([one], "ada");
		assert.deepEqual(
			[await groups("conversation"), await groups("client"), await groups("project")],
			[[], [], []],
		);
		await store.memories.restore([one, two], "ada");
		assert.deepEqual(await groups("client"), [["cursor", undefined, 2]]);
		assert.deepEqual(await groups("conversation"), [["c", undefined, 2]]);
	});
});
