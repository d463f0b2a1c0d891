import assert from "node:assert/strict";
import type { Memory } from "../../../src/store/types.ts";
import type { MemorySource } from "../../../src/vscode/memories/view/memorySource.ts";
import { MemoryTree, pageSize } from "../../../src/vscode/memories/view/memoryTree.ts";
import type { Node, Place } from "../../../src/vscode/memories/view/nodes.ts";
import { initialState } from "../../../src/vscode/memories/view/viewState.ts";

const alpha = { id: "alpha-id", name: "alpha" };
const beta = { id: "beta-id", name: "beta" };

/** A memory that lists what it was asked for. */
function source(
	memories: readonly Memory[],
	here: typeof alpha | null = alpha,
): MemorySource & { readonly asked: string[] } {
	const asked: string[] = [];
	const inPlace = ({ scope, project, since = -Infinity, until = Infinity, client, conversationId }: Place) =>
		memories.filter(
			(memory) =>
				(scope === "all" || memory.scope === scope) &&
				(!project || memory.project?.id === project.id) &&
				memory.createdAt >= since &&
				memory.createdAt <= until &&
				(client === undefined || (memory.origin?.client ?? null) === client) &&
				(conversationId === undefined || (memory.conversationId ?? null) === conversationId),
		);
	return {
		asked,
		project: async () => here ?? undefined,
		memories: async (place, { order, filter }, limit, next) => {
			asked.push(`${place.scope} ${limit} ${next ?? ""}`.trim());
			const pinned = filter.marks.includes("pinned");
			const found = inPlace(place).filter((memory) => !pinned || memory.pinned);
			if (order === "oldest") found.reverse();
			const start = Number(next ?? 0);
			const more = start + limit < found.length ? { next: String(start + limit) } : {};
			return { items: found.slice(start, start + limit), ...more };
		},
		groups: async (by) => {
			const keys = memories.map(({ project, origin, conversationId }) =>
				by === "project" ? project?.id : by === "client" ? origin?.client : conversationId,
			);
			const items = [...new Set(keys)].map((key) => ({
				...(key === undefined ? {} : { key, name: key.replace("-id", "") }),
				count: keys.filter((each) => each === key).length,
				newest: 0,
			}));
			return { items: by === "conversation" ? items.filter(({ key }) => key !== undefined) : items };
		},
		duplicates: async () => [memories.slice(0, 2)],
		deleted: async () => ({ items: [] }),
		waiting: async () => ({ items: [] }),
		waitingCount: async () => 0,
		search: async (query) => ({
			memories: memories
				.filter(({ text }) => text.includes(query))
				.map((memory) => ({ ...memory, score: 0.5 })),
			note: "By words only.",
		}),
	};
}

function memory(text: string, more: Partial<Memory> = {}): Memory {
	return {
		id: text,
		text,
		userId: "ada",
		scope: more.project ? "project" : "global",
		createdAt: 0,
		updatedAt: 0,
		...more,
	};
}

function titles(nodes: readonly Node[]): readonly string[] {
	return nodes.map((node) =>
		node.kind === "branch"
			? `${node.title.of}${"project" in node.title ? ` ${node.title.project.name}` : ""}${"name" in node.title ? ` ${node.title.name}` : ""}${"span" in node.title ? ` ${node.title.span}` : ""}${node.count === undefined ? "" : ` ${node.count}`}`
			: node.kind === "memory"
				? node.memory.text
				: node.kind === "more"
					? `more ${node.left}`
					: node.candidate.text,
	);
}

const some = [
	memory("a", { project: alpha, origin: { how: "tool", client: "copilot" }, pinned: true }),
	memory("b", { project: beta, origin: { how: "tool", client: "codex" }, conversationId: "c1" }),
	memory("c", { createdAt: Date.parse("2026-05-05T12:00:00") }),
];

describe("The tree of memories", () => {
	it("has the window's project, global memories and the other projects", async () => {
		const tree = new MemoryTree(source(some));
		const root = await tree.children(initialState);
		assert.deepEqual(titles(root), ["here alpha 1", "global 1", "projects 1"]);
		const others = await tree.children(initialState, root[2]);
		assert.deepEqual(titles(others), ["project beta 1"]);
		assert.deepEqual(titles(await tree.children(initialState, others[0])), ["b"]);
	});

	it("has what waits for review before all else, since the badge counts it", async () => {
		const tree = new MemoryTree({ ...source(some), waitingCount: async () => 3 });
		assert.deepEqual(titles(await tree.children(initialState)).slice(0, 2), ["waiting 3", "here alpha 1"]);
	});

	it("is empty when nothing is remembered, so that the view can say what to do", async () => {
		assert.deepEqual(await new MemoryTree(source([])).children(initialState), []);
		const tree = new MemoryTree(source(some));
		const filter = { ...initialState.filter, client: "nobody", marks: ["pinned"] } as const;
		assert.deepEqual(titles(await tree.children({ ...initialState, filter })), ["here alpha"]);
	});

	it("groups by time, client and conversation, and leaves nothing out", async () => {
		const tree = new MemoryTree(source(some));
		const by = async (group: "time" | "client" | "conversation") =>
			titles(await tree.children({ ...initialState, group }, undefined, Date.parse("2026-05-05T15:00:00")));
		assert.deepEqual(await by("time"), ["time today", "time older"]);
		assert.deepEqual(await by("client"), ["client copilot 1", "client codex 1", "client 1"]);
		assert.deepEqual(await by("conversation"), ["conversation c1 1", "conversation"]);
	});

	it("reads a page of a long branch, and the next ones when they are asked for", async () => {
		const many = Array.from({ length: 3 * pageSize - 1 }, (_, index) => memory(`m${index}`));
		const long = source(many, null);
		const tree = new MemoryTree(long);
		const [global] = await tree.children(initialState);
		assert.ok(global?.kind === "branch");
		long.asked.length = 0;
		const first = await tree.children(initialState, global);
		assert.deepEqual(long.asked, [`global ${pageSize}`]);
		assert.deepEqual(titles(first).slice(-2), [`m${pageSize - 1}`, `more ${2 * pageSize - 1}`]);
		tree.showMore(global);
		tree.showMore(global);
		const all = await tree.children(initialState, global);
		assert.equal(all.length, many.length);
		assert.equal(new Set(all.map(({ id }) => id)).size, many.length);
	});

	it("says why it does not list everything, until it does", async () => {
		const full = source(some);
		const away = { ...full, groups: async () => ({ items: [], note: "The database is away." }) };
		const tree = new MemoryTree(away);
		await tree.children(initialState);
		assert.equal(tree.note, "The database is away.");
		away.groups = full.groups as typeof away.groups;
		await tree.children(initialState);
		assert.equal(tree.note, undefined);
	});

	it("shows what a search finds, best first, and why it was not a full one", async () => {
		const tree = new MemoryTree(source(some));
		const found = await tree.children({ ...initialState, query: "b" });
		assert.deepEqual(titles(found), ["b"]);
		assert.equal(tree.note, "By words only.");
		await tree.children(initialState);
		assert.equal(tree.note, undefined);
	});
});
