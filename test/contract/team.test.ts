import assert from "node:assert/strict";
import { type Action, factsOf, isDuplicateFor, mayDo, type Viewer } from "../../src/store/access.ts";
import type { ListFilter } from "../../src/store/lists.ts";
import type { MemoryStore } from "../../src/store/memoryStore.ts";
import type { NewMemory, StoredMemory, Visibility } from "../../src/store/types.ts";
import { newMemory } from "../support/fixtures/storeFixtures.ts";
import { contract } from "./backends.ts";
import { space, vector } from "./vectors.ts";

const kestrel = { id: "github.com/team/kestrel", name: "kestrel" };
const heron = { id: "github.com/team/heron", name: "heron" };
const places = [undefined, kestrel, heron];
const visibilities: readonly Visibility[] = [
	"private",
	"proposed-project",
	"proposed-team",
	"project",
	"team",
];
const values = vector(1, 0, 0);

/** By each author, in each place, with each visibility that there can be. */
const memories: readonly NewMemory[] = ["ada", "cid"].flatMap((userId) =>
	places.flatMap((project) =>
		visibilities
			.filter((visibility) => project || !visibility.endsWith("project"))
			.map((visibility, index) =>
				newMemory(`The common words of ${userId}: ${visibility}, ${project?.name ?? "global"}.`, {
					userId,
					scope: project ? "project" : "global",
					...(project ? { project } : {}),
					...(visibility === "private" ? {} : { visibility }),
					...(index % 2 === 0 ? { pinned: true } : {}),
					origin: { how: "tool", client: `client of ${userId}` },
					vector: { space, values },
				}),
			),
	),
);

const named = [[], [kestrel.id], [kestrel.id, heron.id]];
const askers = [
	{ userId: "ada", admin: false },
	{ userId: "bob", admin: false },
	{ userId: "root", admin: true },
];
const members: readonly Viewer[] = askers.flatMap((asker) =>
	[...named, "all" as const].map((projects) => ({ ...asker, projects })),
);
const viewers: readonly Viewer[] = ["ada", "bob", ...members];
/** One of each kind, for what takes long. */
const someViewers = ["bob", ...askers.map((asker) => ({ ...asker, projects: [kestrel.id] }))];

/** All filters of places, of all who may ask with one. */
const filters: readonly ListFilter[] = ["ada", "bob"].flatMap((userId) =>
	[undefined, [], [kestrel.id]].flatMap((each) =>
		[true, false].flatMap((global) =>
			(["all", [kestrel.id], [heron.id, kestrel.id]] as const).map((projects) => ({
				userId,
				global,
				projects,
				...(each ? { named: each } : {}),
			})),
		),
	),
);

contract("A team's memories", (fixture) => {
	let stored: readonly StoredMemory[];
	beforeEach(async () => {
		await fixture.store.spaces.adopt("ada", space);
		stored = (await fixture.store.saves.addAll(memories)).map(({ memory }) => memory);
		assert.equal(new Set(stored.map(({ id }) => id)).size, memories.length);
	});

	const textsOf = (some: readonly Pick<StoredMemory, "text">[]) => some.map(({ text }) => text).sort();
	const allowed = (viewer: Viewer, action: Action, some = stored) =>
		some.filter((memory) => mayDo(viewer, action, factsOf(memory)));
	/** What the filter lets through by the function alone. */
	const found = ({ userId, named: names, global, projects, author }: ListFilter) =>
		allowed(names ? { userId, admin: false, projects: names } : userId, "find").filter(
			(memory) =>
				(memory.project ? projects === "all" || projects.includes(memory.project.id) : global) &&
				(author === undefined || memory.userId === author),
		);
	/** For each viewer and each memory: whether what was tried was done. */
	const compare = async (
		action: Action,
		attempt: (store: MemoryStore, memory: StoredMemory, viewer: Viewer) => Promise<boolean>,
	) => {
		const isRead = action === "read";
		for (const viewer of isRead ? viewers : someViewers)
			for (const memory of isRead ? stored : stored.filter(({ project }) => project?.id !== heron.id)) {
				const done = await attempt(fixture.store, memory, viewer);
				const told = `${action} by ${JSON.stringify(viewer)}: ${memory.text}`;
				assert.equal(done, mayDo(viewer, action, factsOf(memory)), told);
			}
	};

	it("are told to whoever may read them, with their history and author", async () => {
		await compare("read", async ({ memories: all }, { id, userId, visibility }, viewer) => {
			const memory = await all.get(id, viewer);
			assert.equal((await all.history(id, viewer)).length, memory ? 1 : 0);
			if (memory) assert.deepEqual([memory.userId, memory.visibility], [userId, visibility]);
			return memory !== undefined;
		});
	});

	it("are listed and counted for whoever may find them, in every order, page by page", async () => {
		const { store } = fixture;
		for (const filter of filters)
			for (const [author, pinned] of [[], ["ada"], ["cid"], [undefined, true]] as const) {
				const wanted = { ...filter, ...(author && { author }), ...(pinned && { pinned }) };
				const expected = found(wanted).filter((memory) => !pinned || memory.pinned);
				const page = await store.memories.list(wanted, 100);
				assert.deepEqual(textsOf(page.memories), textsOf(expected), JSON.stringify(wanted));
				assert.equal(page.total, expected.length, JSON.stringify(wanted));
			}
		const filter = { userId: "ada", global: true, projects: "all", named: [kestrel.id] } as const;
		for (const order of ["newest", "oldest", "mostUsed", "unused"] as const) {
			const all = (await store.memories.list(filter, 100, { order })).memories;
			const paged: StoredMemory[] = [];
			for (let page = await store.memories.list(filter, 3, { order }); ; ) {
				paged.push(...page.memories);
				if (!page.next) break;
				page = await store.memories.list(filter, 3, { order, after: page.next });
			}
			assert.deepEqual(paged, all, order);
		}
	});

	it("are found by whoever may find them, by words and by meaning", async () => {
		const { store } = fixture;
		const terms = ["common"];
		for (const filter of filters)
			for (const query of [undefined, { space, values }])
				for (const author of [undefined, "cid"]) {
					const wanted = { ...filter, ...(author && { author }) };
					const words = { terms: query ? [] : terms, all: false, each: 50, words: 0 };
					const pool = await store.search.pool({ ...words, filter: wanted, vector: query });
					assert.deepEqual(textsOf(pool.memories), textsOf(found(wanted)), JSON.stringify(wanted));
				}
	});

	it("are counted by scope, project, client and author for whoever may find them", async () => {
		const { store } = fixture;
		for (const viewer of viewers) {
			const mine = allowed(viewer, "find");
			const told = JSON.stringify(viewer);
			assert.deepEqual(
				await store.memories.counts(viewer, kestrel),
				{
					all: mine.length,
					global: mine.filter(({ scope }) => scope === "global").length,
					project: mine.filter(({ project }) => project?.id === kestrel.id).length,
				},
				told,
			);
			for (const [by, keyOf] of [
				["project", ({ project }: StoredMemory) => project?.id],
				["client", ({ origin }: StoredMemory) => origin?.client],
				["author", ({ userId }: StoredMemory) => userId],
			] as const) {
				const { groups } = await store.memories.groups(viewer, by, 100);
				const expected = Map.groupBy(mine, keyOf);
				assert.deepEqual(
					new Map(groups.map(({ key, count, newest }) => [key, [count, newest]])),
					new Map(
						[...expected].map(([key, some]) => [
							key,
							[some.length, Math.max(...some.map(({ createdAt }) => createdAt))],
						]),
					),
					`${by}: ${told}`,
				);
			}
		}
	});

	it("are changed by whoever may change them; another's change is told with who made it", async () => {
		let n = 0;
		await compare("change", async ({ memories: all }, { id }, viewer) => {
			n += 1;
			const [changed] = await all.change(viewer, [{ id, metadata: { n } }]);
			return changed !== undefined;
		});
		const ofAda = stored.find(({ userId, visibility }) => userId === "ada" && visibility === "team");
		const by = (await fixture.store.memories.history(ofAda?.id ?? "", "ada")).map((entry) => entry.by);
		assert.deepEqual(by, [undefined, undefined, "root"]);
	});

	it("are shared, and taken back, by whoever may decide on it", async () => {
		await compare("share", async ({ memories: all }, memory, viewer) => {
			const { id, userId, visibility = "private" } = memory;
			const other = visibility === "team" ? "private" : "team";
			const [changed] = await all.change(viewer, [{ id, visibility: other }]);
			if (changed) await all.change(userId, [{ id, visibility }]);
			return changed !== undefined && changed.after.visibility !== memory.visibility;
		});
	});

	it("are deleted and restored by whoever may delete them", async () => {
		await compare("delete", async ({ memories: all }, { id, userId }, viewer) => {
			const [deleted] = await all.delete([id], viewer);
			if (!deleted) await all.delete([id], userId);
			const [restored] = await all.restore([id], viewer);
			if (!restored) await all.restore([id], userId);
			assert.equal(deleted === undefined, restored === undefined);
			return deleted !== undefined;
		});
		for (const { id, userId } of stored) await fixture.store.memories.delete([id], userId);
		for (const userId of ["ada", "bob", "root"]) {
			const { memories: deleted } = await fixture.store.memories.deleted(userId, 100);
			assert.deepEqual(textsOf(deleted), textsOf(stored.filter((memory) => memory.userId === userId)));
		}
	});

	it("are gone with their history, once deleted, for whoever cannot restore them", async () => {
		for (const { id, userId } of stored) await fixture.store.memories.delete([id], userId);
		await compare("delete", async ({ memories: all }, { id }, viewer) => {
			return (await all.history(id, viewer)).length > 0;
		});
	});

	it("wait for whoever may decide whether they are shared", async () => {
		for (const viewer of members) {
			const page = await fixture.store.memories.proposed(viewer, 100);
			assert.deepEqual(textsOf(page.memories), textsOf(allowed(viewer, "review")));
			assert.equal(page.total, page.memories.length);
			const first = await fixture.store.memories.proposed(viewer, 2);
			const rest = await fixture.store.memories.proposed(viewer, 100, first.next);
			if (first.next) assert.deepEqual([...first.memories, ...rest.memories], page.memories);
		}
	});

	it("are duplicates only for whoever would find them, and a duplicate of another's is left as it is", async () => {
		const { store } = fixture;
		for (const known of stored.filter(({ userId, project }) => userId === "ada" && project?.id !== heron.id))
			for (const visibility of ["private", "proposed-project", "project", "team"] as const)
				for (const project of places) {
					if (!project && visibility.endsWith("project")) continue;
					const again = newMemory(known.text, {
						userId: "bob",
						scope: project ? "project" : "global",
						...(project ? { project } : {}),
						...(visibility === "private" ? {} : { visibility }),
						pinned: true,
					});
					const told = `${known.text} as ${visibility} in ${project?.name}`;
					const isKnown = isDuplicateFor(known, again);
					assert.deepEqual(await store.transfers.known([again]), [isKnown], told);
					const [one] = await store.saves.addAll([again]);
					const { results } = await store.saves.store({ ...again, id: told });
					assert.equal(one?.event, isKnown ? "DUPLICATE" : "ADD", told);
					assert.equal(results[0]?.memory.id, one?.memory.id, told);
					assert.equal(one?.memory.userId, isKnown ? "ada" : "bob", told);
					assert.deepEqual(await store.memories.get(known.id, "ada"), known, told);
					if (!isKnown) await store.memories.delete([one?.memory.id ?? ""], "bob");
				}
	});

	it("are shared more widely when their author saves them so again, and never less", async () => {
		const { store } = fixture;
		const own = newMemory("Ada's own words.", { scope: "project", project: kestrel });
		const visibilityAfter = async (visibility: NewMemory["visibility"]) =>
			(await store.saves.addAll([{ ...own, ...(visibility && { visibility }) }]))[0]?.memory.visibility;
		assert.equal(await visibilityAfter(undefined), undefined);
		assert.equal(await visibilityAfter("project"), "project");
		assert.equal(await visibilityAfter(undefined), "project");
		assert.equal(await visibilityAfter("team"), "team");
		assert.equal(await visibilityAfter("proposed-project"), "team");
	});

	it("keep what their author saved, what they said before they were shared, and their use to those who may know", async () => {
		const { store } = fixture;
		const entry = { ...newMemory("A private plan."), id: "save" };
		const [saved] = (await store.saves.store(entry)).results;
		const id = saved?.memory.id ?? "";
		assert.equal(await store.saves.savedText("save", "bob"), undefined);
		await store.memories.change("ada", [{ id, text: "A plan.", visibility: "team" }]);
		await store.memories.change("ada", [{ id, text: "A better plan." }]);
		const bob = { userId: "bob", admin: false, projects: [] };
		assert.equal(JSON.stringify(await store.memories.history(id, bob)).includes("private plan"), false);
		assert.equal((await store.memories.history(id, bob)).length, 2);
		assert.equal((await store.memories.history(id, "ada")).length, 3);
		const use = {
			client: "agent",
			what: "searched",
			at: 1,
			memories: stored.map((each) => each.id),
		} as const;
		await store.usage.record([{ ...use, userId: "bob" }]);
		await store.usage.record([{ ...use, userId: "bob", team: true }]);
		const used = (await Promise.all(stored.map((each) => store.memories.get(each.id, each.userId)))).filter(
			(memory) => memory?.uses,
		);
		const readable = allowed({ ...bob, projects: "all" }, "read");
		assert.deepEqual(textsOf(used.filter((memory) => memory !== undefined)), textsOf(readable));
		for (const own of ["bob", "root"]) assert.deepEqual((await store.memories.keptTexts(own, 100)).texts, []);
		assert.equal(await store.memories.purgeDeleted("root", Date.now() + 1), 0);
	});

	it("become private when they leave their project, which nobody else works on then", async () => {
		const { store } = fixture;
		const shared = stored.find(({ visibility }) => visibility === "project");
		assert.ok(shared);
		const [changed] = await store.memories.change("ada", [{ id: shared.id, project: null }]);
		assert.equal(changed?.after.visibility, undefined);
		const [last] = (await store.memories.history(shared.id, "ada")).slice(-1);
		assert.equal(last?.newFields?.visibility, "private");
	});

	it("of one who departs are erased unless they are shared, with all that was before", async () => {
		const { store } = fixture;
		const { results } = await store.saves.store({ ...newMemory("A secret draft."), id: "draft" });
		const id = results[0]?.memory.id ?? "";
		await store.memories.change("ada", [{ id, text: "A plan.", visibility: "proposed-team" }]);
		await store.memories.change("ada", [{ id, visibility: "team" }]);
		const isShared = ({ visibility }: StoredMemory) => visibility === "team" || visibility === "project";
		const gone = stored.filter((memory) => memory.userId === "ada" && !isShared(memory));
		assert.equal(await store.memories.eraseUser("ada"), gone.length);
		assert.equal(await store.memories.eraseUser("ada"), 0);
		const left = [...stored.filter((memory) => !gone.includes(memory)), { text: "A plan." }];
		const filters = ["ada", "cid"].map((userId) => ({ userId, global: true, projects: "all" }) as const);
		const pages = await Promise.all(filters.map((filter) => store.memories.list(filter, 100)));
		assert.deepEqual(textsOf(pages.flatMap((page) => page.memories)), textsOf(left));
		assert.equal(pages[0]?.total, pages[0]?.memories.length);
		assert.equal(JSON.stringify(await store.memories.history(id, "ada")).includes("secret"), false);
		const { texts } = await store.memories.keptTexts("ada", 100);
		assert.equal(JSON.stringify(texts).includes("secret"), false);
	});

	it("give their facts the visibility of the save", async () => {
		const { store } = fixture;
		await store.saves.store(
			{ ...newMemory("We deploy on Fridays, and never on Mondays.", { visibility: "team" }), id: "two" },
			{ distil: true },
		);
		const results = await store.distillation.commit("two", [
			{ text: "The team deploys on Fridays.", entities: [] },
			{ text: "The team never deploys on Mondays.", entities: [] },
		]);
		assert.deepEqual(
			results?.map(({ memory }) => memory.visibility),
			["team", "team"],
		);
	});
});
