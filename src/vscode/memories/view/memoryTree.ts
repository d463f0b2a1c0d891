import type { Memory } from "../../../store/types.ts";
import type { MemorySource, Part } from "./memorySource.ts";
import type { Branch, BranchTitle, Content, MemoryNode, Node, Place } from "./nodes.ts";
import { spansAt } from "./timeSpans.ts";
import { filters, type ViewState } from "./viewState.ts";

/** Rows that a branch shows at first, and that "Show more" adds. */
export const pageSize = 100;
/** Groups of one kind, such as clients. */
const mostGroups = 500;

/** What the view shows, in rows. Reads only what is shown; a branch that has grown is read again page by page. */
export class MemoryTree {
	readonly #source: MemorySource;
	/** How many rows a branch shows, by its id, if that is not the first page. */
	readonly #shown = new Map<string, number>();
	#searching = new AbortController();
	/** Why the last search, or the list, is not a full one. */
	#note: string | undefined;

	constructor(source: MemorySource) {
		this.#source = source;
	}

	get note(): string | undefined {
		return this.#note;
	}

	showMore({ id }: Pick<Branch, "id">): void {
		this.#shown.set(id, (this.#shown.get(id) ?? pageSize) + pageSize);
	}

	/** @param now ms since 1970 */
	async children(state: ViewState, parent?: Node, now: number = Date.now()): Promise<readonly Node[]> {
		if (!parent)
			return state.query === undefined ? this.#root(state, now) : this.#results(state.query, state);
		return parent.kind === "branch" ? this.#inside(parent, state) : [];
	}

	async #results(query: string, state: ViewState): Promise<readonly Node[]> {
		this.#searching.abort();
		this.#searching = new AbortController();
		const { memories, note } = await this.#source.search(query, state.filter, this.#searching.signal);
		this.#note = note;
		return memories.map((memory) => {
			const { score, weak } = memory;
			return { kind: "memory", id: memory.id, memory, found: { score, ...(weak ? { weak } : {}) } };
		});
	}

	async #root(state: ViewState, now: number): Promise<readonly Node[]> {
		this.#note = undefined;
		const duplicates = state.filter.marks.includes("duplicates");
		const branches = [...(await (duplicates ? this.#duplicates() : this.#groups(state, now)))];
		const waiting = await inTurn(this.#source.waitingCount());
		// First, since it asks for something: behind hundreds of memories nobody would find what the badge counts.
		if (waiting > 0) branches.unshift(branch("waiting", { of: "waiting" }, waiting, { of: "waiting" }));
		const { items, next } = await inTurn(this.#source.deleted(pageSize));
		const count = next === undefined ? items.length : undefined;
		if (items.length > 0) branches.push(branch("deleted", { of: "deleted" }, count, { of: "deleted" }));
		return branches;
	}

	async #groups(state: ViewState, now: number): Promise<readonly Branch[]> {
		const { group } = state;
		if (group === "project") return this.#byProject(state);
		if (group === "time") {
			const spans = spansAt(now).map(({ span, ...bounds }) => {
				const place: Place = { scope: "all", ...bounds };
				return branch(`time:${span}`, { of: "time", span }, undefined, { of: "memories", place });
			});
			const branches = await this.#filled(spans, state);
			return state.order === "oldest" ? branches.toReversed() : branches;
		}
		const { items } = await this.#part(this.#source.groups(group, mostGroups));
		const branches = items.map(({ key, count }) => groupBranch(group, key, count));
		// Memories of no conversation are in no group.
		const others = group === "conversation" ? [groupBranch(group, undefined, undefined)] : [];
		const unsure = filters(state) ? [...branches, ...others] : others;
		const sure = filters(state) ? [] : branches;
		return [...sure, ...(await this.#filled(unsure, state))];
	}

	async #byProject(state: ViewState): Promise<readonly Branch[]> {
		const project = await this.#source.project();
		const { items } = await this.#part(this.#source.groups("project", mostGroups));
		const countOf = (key: string | undefined) => items.find((each) => each.key === key)?.count ?? 0;
		const own = [
			...(project
				? [memoriesBranch({ of: "here", project }, countOf(project.id), { scope: "project", project })]
				: []),
			memoriesBranch({ of: "global" }, countOf(undefined), { scope: "global" }),
		];
		const others = await this.#projects(state);
		const counts = others.map(({ count }) => count);
		const sum = counts.reduce(
			(all, count) => (all === undefined || count === undefined ? undefined : all + count),
			0,
		);
		const projects = branch("projects", { of: "projects" }, sum, { of: "projects" });
		const shown = filters(state) ? await this.#filled(own, state) : own;
		const all = others.length > 0 ? [...shown, projects] : shown;
		return all.some(({ count }) => count !== 0) ? all : [];
	}

	/** The other projects, those with the newest memories first. */
	async #projects(state: ViewState, parent?: Branch): Promise<readonly Branch[]> {
		const here = await this.#source.project();
		const { items } = await this.#part(this.#source.groups("project", mostGroups));
		const branches = items.flatMap(({ key, name, count }) => {
			if (key === undefined || key === here?.id) return [];
			const project = { id: key, name: name ?? key };
			const content = { of: "memories", place: { scope: "project", project } } as const;
			return [branch(`project:${key}`, { of: "project", project }, count, content, parent)];
		});
		return filters(state) ? this.#filled(branches, state) : branches;
	}

	async #duplicates(): Promise<readonly Branch[]> {
		const groups = await this.#source.duplicates();
		return groups.map((memories) => {
			const [{ id, text } = { id: "", text: "" }] = memories;
			return branch(`same:${id}`, { of: "duplicates", text }, memories.length, { of: "these", memories });
		});
	}

	/** The branches in which the view's filter leaves any memory. How many there are, nobody counts. */
	async #filled(branches: readonly Branch[], state: ViewState): Promise<readonly Branch[]> {
		const filled: Branch[] = [];
		// Whether there is one does not depend on the order, for which others would have to be sorted.
		const anyOrder = { ...state, order: "newest" } as const;
		for (const { count: _, ...each } of branches) {
			if (each.content.of !== "memories") continue;
			const { items } = await this.#part(this.#source.memories(each.content.place, anyOrder, 1));
			if (items.length > 0) filled.push(each);
		}
		return filled;
	}

	async #inside(parent: Branch, state: ViewState): Promise<readonly Node[]> {
		const { content, id } = parent;
		const toRow = (memory: Memory): MemoryNode => ({ kind: "memory", id: memory.id, memory, parent });
		switch (content.of) {
			case "projects":
				return this.#projects(state, parent);
			case "these":
				return content.memories.map(toRow);
			case "memories":
				return this.#pages(parent, (...page) => this.#source.memories(content.place, state, ...page), toRow);
			case "waiting":
				return this.#pages(parent, this.#source.waiting, (candidate) => ({
					kind: "candidate",
					id: `${id}:${candidate.id}`,
					candidate,
					parent,
				}));
			case "deleted":
				return this.#pages(parent, this.#source.deleted, ({ deletedAt, ...memory }) => ({
					...toRow(memory),
					id: `${id}:${memory.id}`,
					deletedAt,
				}));
		}
	}

	async #part<T>(read: Promise<Part<T>>): Promise<Part<T>> {
		const part = await inTurn(read);
		this.#note ??= part.note;
		return part;
	}

	/** As many rows as the branch shows, read in pages, between which others get their turn. */
	async #pages<T>(
		parent: Branch,
		read: (limit: number, next?: string) => Promise<Part<T>>,
		toNode: (item: T) => Node,
	): Promise<readonly Node[]> {
		const shown = this.#shown.get(parent.id) ?? pageSize;
		const nodes: Node[] = [];
		let next: string | undefined;
		do {
			const part: Part<T> = await this.#part(read(pageSize, next));
			nodes.push(...part.items.map(toNode));
			next = part.next;
		} while (next !== undefined && nodes.length < shown);
		if (next === undefined) return nodes;
		const left = parent.count === undefined ? {} : { left: parent.count - nodes.length };
		return [...nodes, { kind: "more", id: `more:${parent.id}`, parent, ...left }];
	}
}

function groupBranch(
	by: "client" | "conversation",
	key: string | undefined,
	count: number | undefined,
): Branch {
	const of = key ?? null;
	const place: Place = { scope: "all", ...(by === "client" ? { client: of } : { conversationId: of }) };
	const title = { of: by, ...(key === undefined ? {} : { name: key }) };
	return branch(`${by}:${key ?? ""}`, title, count, { of: "memories", place });
}

/** A database in this process answers without letting go of the thread: others get their turn after each answer. */
async function inTurn<T>(answer: Promise<T>): Promise<T> {
	const value = await answer;
	await new Promise((done) => setImmediate(done));
	return value;
}

function memoriesBranch(title: BranchTitle, count: number, place: Place): Branch {
	return branch(title.of, title, count, { of: "memories", place });
}

function branch(
	id: string,
	title: BranchTitle,
	count: number | undefined,
	content: Content,
	parent?: Branch,
): Branch {
	return {
		kind: "branch",
		id,
		title,
		...(count === undefined ? {} : { count }),
		content,
		...(parent ? { parent } : {}),
	};
}
