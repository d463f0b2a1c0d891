import assert from "node:assert/strict";
import { once } from "node:events";
import type { MemoryStore } from "../../../src/store/memoryStore.ts";
import { openStore } from "../../../src/store/sqlite/sqliteStore.ts";
import type { Filter } from "../../../src/store/types.ts";
import { act, type Order, projects, spaces, vectorOf } from "../../support/fixtures/indexActor.ts";
import { count } from "../../support/fixtures/storeFixtures.ts";
import { type Actor, actor } from "../../support/fixtures/storeProcess.ts";
import { temporaryFolder } from "../../support/fixtures/temporaryFolder.ts";

/** What a memory is expected to be: its text, place, and the spaces it has a vector in. */
interface Expected {
	text: string;
	readonly project: number;
	spaces: Set<number>;
	deleted: boolean;
}

/** The same numbers in every run. */
function seeded(seed: number): (below: number) => number {
	let state = seed;
	return (below) => {
		state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
		return Math.floor((state / 2 ** 32) * below);
	};
}

const filters: readonly (readonly [filter: Filter, lets: readonly number[]])[] = [
	[{ userId: "ada", global: true, projects: "all" }, [0, 1, 2]],
	[{ userId: "ada", global: true, projects: ["alpha"] }, [0, 1]],
	[{ userId: "ada", global: false, projects: ["beta"] }, [2]],
];

/** The ids of the `k` nearest, by comparing every vector there is. */
function exactly(
	known: ReadonlyMap<string, Expected>,
	text: string,
	space: number,
	lets: readonly number[],
	k: number,
) {
	const query = vectorOf(text, space);
	const cosine = (one: Expected) =>
		vectorOf(one.text, space).reduce((sum, value, at) => sum + value * (query[at] as number), 0);
	return [...known]
		.filter(([, one]) => !one.deleted && one.spaces.has(space) && lets.includes(one.project))
		.map(([id, one]) => ({ id, cosine: cosine(one) }))
		.sort((a, b) => b.cosine - a.cosine)
		.slice(0, k)
		.map(({ id }) => id);
}

/** Compares every count with what it counts. */
async function checkCounts(store: MemoryStore, known: ReadonlyMap<string, Expected>): Promise<void> {
	const alive = [...known.values()].filter(({ deleted }) => !deleted);
	const of = (project: number) => alive.filter((one) => one.project === project).length;
	assert.deepEqual(await store.memories.counts("ada", projects[1]), {
		all: alive.length,
		global: of(0),
		project: of(1),
	});
	for (const [filter, lets] of filters)
		assert.equal(await count(store, filter), alive.filter(({ project }) => lets.includes(project)).length);
	assert.equal((await store.search.statistics([])).documents, alive.length);
	for (const [number, space] of spaces.entries()) {
		const { outside } = await store.spaces.progress("ada", space);
		assert.equal(outside, alive.filter((one) => !one.spaces.has(number)).length);
	}
	const { missing } = await store.spaces.progress("ada", undefined);
	assert.equal(missing, alive.filter((one) => one.spaces.size === 0).length);
	assert.equal((await store.spaces.missing("ada", undefined, 1000)).length, missing);
}

describe("The vector index and the counts of several processes", () => {
	let folder: string;
	let store: MemoryStore;
	let other: Actor;

	beforeEach(async () => {
		folder = temporaryFolder();
		({ store } = await openStore(folder));
		other = await actor(folder);
	});
	afterEach(async () => {
		other.process.kill("SIGKILL");
		await store.close();
	});

	it("answer what an exact scan answers, after every step that either takes", async function () {
		this.timeout(120_000);
		const random = seeded(6);
		const known = new Map<string, Expected>();
		const change = async (step: number): Promise<void> => {
			const does = random(2) === 0 ? (order: Order) => act(store, order) : other.does;
			const [id, one] = [...known][random(known.size)] ?? [];
			const space = random(2);
			const text = `text ${step}`;
			const kind = one === undefined || random(10) < 4 ? "add" : random(6);
			if (kind === "add" || id === undefined || one === undefined) {
				const project = random(projects.length);
				const [made = ""] = await does({ kind: "add", text, space, project });
				known.set(made, { text, project, spaces: new Set([space]), deleted: false });
			} else if (one.deleted) {
				await does({ kind: "restore", id });
				Object.assign(one, { deleted: false, spaces: new Set() });
			} else if (kind === 0) {
				await does({ kind: "delete", id });
				one.deleted = true;
			} else if (kind === 1) {
				await does({ kind: "forgetVector", id, text });
				Object.assign(one, { text, spaces: new Set() });
			} else if (kind === 2) {
				await does({ kind: "update", id, text, space });
				Object.assign(one, { text, spaces: new Set([space]) });
			} else {
				await does({ kind: "embed", id, space });
				one.spaces.add(space);
			}
		};
		for (let step = 0; step < 400; step += 1) {
			await change(step);
			const space = random(2);
			const [filter, lets] = filters[random(filters.length)] as (typeof filters)[number];
			const ask: Order = { kind: "ask", text: `question ${step}`, space, filter, k: 10 };
			const expected = exactly(known, ask.text, space, lets, ask.k);
			assert.deepEqual(await act(store, ask), expected, `step ${step}, this process`);
			assert.deepEqual(await other.does(ask), expected, `step ${step}, the other process`);
			await checkCounts(store, known);
		}
		assert.ok(known.size > 100);
		// Who comes later finds the same.
		const later = await openStore(folder);
		for (const [filter, lets] of filters)
			assert.deepEqual(
				await act(later.store, { kind: "ask", text: "later", space: 0, filter, k: 10 }),
				exactly(known, "later", 0, lets, 10),
			);
		await later.store.close();
	});

	it("need no repair after a process was killed in the middle of writing", async function () {
		this.timeout(60_000);
		const everything = filters[0]?.[0] as Filter;
		const ask: Order = { kind: "ask", text: "anything", space: 0, filter: everything, k: 10 };
		for (let round = 0; round < 3; round += 1) {
			void other.does({ kind: "burst" }).catch(() => undefined);
			const before = await count(store, everything);
			while ((await count(store, everything)) < before + 20) await act(store, ask);
			other.process.kill("SIGKILL");
			await once(other.process, "exit");
			const { memories } = await store.memories.list(everything, 10_000);
			const known = new Map(
				memories.map(({ id, text }) => [id, { text, project: 0, spaces: new Set([0]), deleted: false }]),
			);
			const expected = exactly(known, ask.text, 0, [0], ask.k);
			assert.deepEqual(await act(store, ask), expected);
			await checkCounts(store, known);
			other = await actor(folder);
			assert.deepEqual(await other.does(ask), expected);
		}
	});
});
