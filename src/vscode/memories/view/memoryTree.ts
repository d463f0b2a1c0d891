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
	/** Why the last search was not a full one. */
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
		if (waiting > 0) branches.push(branch("waiting", { of: "waiting" }, waiting, { of: "waiting" }));
		const { items, next } = await inTurn(this.#source.deleted(pageSize));
		const deleted = branch("deleted", { of: "deleted" }, items.length, { of: "deleted" });
		if (items.length > 0) branches.push(next === undefined ? deleted : { ...deleted, atLeast: true });
		return branches;
	}

	async #groups(state: ViewState, now: number): Promise<readonly Branch[]> {
		const { group } = state;
		if (group === "project") return this.#byProject(state);
		if (group === "time") {
			const branches = await this.#filled(
				spansAt(now).map(({ span, ...bounds }) => {
					const place: Place = { scope: "all", ...bounds };
					return branch(`time:${span}`, { of: "time", span }, 0, { of: "memories", place });
				}),
				state,
			);
			return state.order === "oldest" ? branches.toReversed() : branches;
		}
		const { items } = await inTurn(this.#source.groups(group, mostGroups));
		const branches = items.map(({ key, count }) => groupBranch(group, key, count));
		// Memories of no conversation are in no group.
		if (group === "conversation") {
			const others = await this.#counted(groupBranch(group, undefined, 0), state);
			if (others.count > 0) branches.push(others);
		}
		return filters(state) ? this.#filled(branches, state) : branches;
	}

	async #byProject(state: ViewState): Promise<readonly Branch[]> {
		const project = await this.#source.project();
		const inScope = (title: BranchTitle, place: Place) =>
			this.#counted(branch(title.of, title, 0, { of: "memories", place }), state);
		const branches: Branch[] = [];
		if (project) branches.push(await inScope({ of: "here", project }, { scope: "project", project }));
		branches.push(await inScope({ of: "global" }, { scope: "global" }));
		const others = await this.#projects(state);
		const count = others.reduce((sum, each) => sum + each.count, 0);
		if (count > 0) branches.push(branch("projects", { of: "projects" }, count, { of: "projects" }));
		return branches.some((each) => each.count > 0) ? branches : [];
	}

	/** The other projects, those with the newest memories first. */
	async #projects(state: ViewState, parent?: Branch): Promise<readonly Branch[]> {
		const here = await this.#source.project();
		const { items } = await inTurn(this.#source.groups("project", mostGroups));
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

	/** The branches in which the view's filter leaves any memory. */
	async #filled(branches: readonly Branch[], state: ViewState): Promise<readonly Branch[]> {
		const counted: Branch[] = [];
		for (const each of branches) counted.push(await this.#counted(each, state));
		return counted.filter(({ count }) => count > 0);
	}

	async #counted(each: Branch, state: ViewState): Promise<Branch> {
		if (each.content.of !== "memories") return each;
		const { total = 0 } = await inTurn(this.#source.memories(each.content.place, state, 1));
		return { ...each, count: total };
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

	/** As many rows as the branch shows, read in pages, between which others get their turn. */
	async #pages<T>(
		parent: Branch,
		read: (limit: number, next?: string) => Promise<Part<T>>,
		toNode: (item: T) => Node,
	): Promise<readonly Node[]> {
		const shown = this.#shown.get(parent.id) ?? pageSize;
		const nodes: Node[] = [];
		let next: string | undefined;
		let total: number | undefined;
		do {
			const part: Part<T> = await inTurn(read(pageSize, next));
			total ??= part.total;
			nodes.push(...part.items.map(toNode));
			next = part.next;
		} while (next !== undefined && nodes.length < shown);
		if (next === undefined) return nodes;
		const left = total === undefined ? {} : { left: total - nodes.length };
		return [...nodes, { kind: "more", id: `more:${parent.id}`, parent, ...left }];
	}
}

function groupBranch(by: "client" | "conversation", key: string | undefined, count: number): Branch {
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

function branch(id: string, title: BranchTitle, count: number, content: Content, parent?: Branch): Branch {
	return { kind: "branch", id, title, count, content, ...(parent ? { parent } : {}) };
}
