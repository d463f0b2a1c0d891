import type { HistoryEntry } from "../../store/changes.ts";
import type { DeletedPage, GroupedBy, GroupPage, MemoryGroup, Position } from "../../store/lists.ts";
import type { Memory, Project } from "../../store/types.ts";
import { checkedLimit, checkedQuery, maxSearchLimit } from "../input.ts";
import { onlyHereNote } from "../keptHere.ts";
import type { ListRequest, ListResult, MemoryStatus, SearchRequest, SearchResult } from "../requests.ts";
import { isAway, type Outbox } from "./outbox.ts";
import type { TeamLink } from "./teamLink.ts";

/** The status of a server that has not answered yet. */
const unknown: Omit<MemoryStatus, "database" | "userId"> = {
	distils: false,
	llm: undefined,
	embedding: { description: "that of the team's server", origin: "", state: "unused", space: undefined },
	counts: { all: 0, global: 0, project: 0 },
	pending: { embedding: 0, distillation: 0 },
	keptAsText: 0,
	outsideSpace: 0,
	heldBack: { saves: 0, origins: [] },
	notices: [],
	remarks: [],
};

/** What is read of a memory on a team's server, with what waits here for it. */
export class RemoteReading {
	readonly #link: TeamLink;
	readonly #outbox: Outbox | undefined;
	/** About this machine, told in the status. */
	readonly #notices: readonly string[];
	#lastStatus: MemoryStatus | undefined;

	constructor(link: TeamLink, outbox: Outbox | undefined, notices: readonly string[]) {
		this.#link = link;
		this.#outbox = outbox;
		this.#notices = notices;
	}

	/** As the server knows them; empty until it has answered, here or earlier. */
	get userId(): string {
		return this.#link.userId;
	}

	get isTeam(): boolean {
		return this.#link.isTeam;
	}

	async search({ signal, ...request }: SearchRequest): Promise<SearchResult> {
		const limit = checkedLimit(request.limit ?? 5, maxSearchLimit);
		const here = async () =>
			(await this.#outbox?.search(this.userId, checkedQuery(request.query), request)) ?? [];
		// Read first: one that is delivered meanwhile is in one of both at least.
		const waiting = await here();
		const found = await this.#orHere(
			() => this.#link.call("search", [request], { signal }),
			async () => ({ memories: await here() }),
		);
		return { ...found, memories: withFirst(waiting, found.memories).slice(0, limit) };
	}

	async list(request: ListRequest = {}): Promise<ListResult> {
		const here = async () => (await this.#outbox?.memories(this.userId, request)) ?? [];
		// They are newer than all that is there. Read first: one that is delivered meanwhile is in one of both at least.
		const isFirst = request.cursor === undefined && (request.order ?? "newest") === "newest";
		const waiting = isFirst ? await here() : [];
		const page = await this.#orHere(
			() => this.#link.call("list", [request]),
			async () => {
				const memories = await here();
				return { memories, total: memories.length };
			},
		);
		const memories = withFirst(waiting, page.memories);
		// The server has not counted what it does not have yet.
		const added = request.total === false ? 0 : memories.length - page.memories.length;
		return { ...page, memories, total: page.total + added };
	}

	/** While the server is away, of what waits here. */
	async groups(by: GroupedBy, limit: number, after?: string, project?: Project): Promise<GroupPage> {
		try {
			return await this.#link.call("groups", [by, limit, after, project]);
		} catch (error) {
			return { groups: groupsOf(by, await this.#onlyHere(error)), onlyHere: (error as Error).message };
		}
	}

	async deleted(limit: number, after?: Position): Promise<DeletedPage> {
		try {
			return await this.#link.call("deleted", [limit, after]);
		} catch (error) {
			await this.#onlyHere(error);
			return { memories: [], onlyHere: (error as Error).message };
		}
	}

	async get(id: unknown): Promise<Memory> {
		return (await this.#keptHere(id)) ?? this.#link.call("get", [id]);
	}

	async savedText(id: unknown): Promise<string | undefined> {
		if (await this.#keptHere(id)) return undefined;
		return (await this.#link.call("savedText", [id])) ?? undefined;
	}

	async entities(id: unknown): Promise<readonly string[]> {
		return (await this.#keptHere(id)) ? [] : this.#link.call("entities", [id]);
	}

	async history(id: unknown): Promise<readonly HistoryEntry[]> {
		const kept = await this.#keptHere(id);
		return kept
			? [{ event: "ADD", newText: kept.text, at: kept.createdAt }]
			: this.#link.call("history", [id]);
	}

	async status(project?: Project): Promise<MemoryStatus> {
		try {
			const status = await this.#link.call("status", [project]);
			this.#lastStatus = {
				...status,
				embedding: { ...status.embedding, description: descriptionOf(status.embedding) },
				database: this.#place,
				teamServer: this.#link.url,
			};
		} catch (error) {
			// Who may save all the same is to be told how it is.
			if (!isAway(error) || this.userId === "") throw error;
			this.#lastStatus ??= {
				...unknown,
				database: this.#place,
				teamServer: this.#link.url,
				userId: this.userId,
			};
		}
		const waiting = (await this.#outbox?.waiting()) ?? 0;
		const notices = [...this.#notices, ...((await this.#outbox?.noticesFor(this.userId)) ?? [])];
		const { problem } = this.#link;
		const away = { waiting, ...(problem === undefined ? {} : { problem }) };
		return {
			...this.#lastStatus,
			notices: [...notices, ...this.#lastStatus.notices],
			...(waiting > 0 || problem !== undefined ? { away } : {}),
		};
	}

	async usage(days: number) {
		return this.#link.call("usage", [days]);
	}

	/** What the server says or, while it is away, what waits here for it, if there is anything. */
	async #orHere<T extends { readonly memories: readonly unknown[] }>(
		ask: () => Promise<T>,
		here: () => Promise<T>,
	): Promise<T> {
		try {
			return await ask();
		} catch (error) {
			if (!isAway(error)) throw error;
			const kept = await here();
			if (kept.memories.length === 0) throw error;
			return { ...kept, note: onlyHereNote(error.message) };
		}
	}

	/** What waits here for a server that is away. @throws the error where nothing does, or it is another one. */
	async #onlyHere(error: unknown): Promise<readonly Memory[]> {
		if (!isAway(error)) throw error;
		const kept = (await this.#outbox?.memories(this.userId)) ?? [];
		if (kept.length === 0) throw error;
		return kept;
	}

	async #keptHere(id: unknown): Promise<Memory | undefined> {
		return (await this.#outbox?.memories(this.userId))?.find((memory) => memory.id === id);
	}

	get #place(): string {
		return this.userId === "" ? this.#link.url : `${this.#link.url}, as ${this.userId}`;
	}
}

/** The server's own model is not on this machine. */
function descriptionOf({ origin, description }: MemoryStatus["embedding"]): string {
	return origin === "" ? "the built-in model of the team's server" : description;
}

/** @param memories the newest first. */
function groupsOf(by: GroupedBy, memories: readonly Memory[]): readonly MemoryGroup[] {
	const groups = new Map<string | undefined, MemoryGroup>();
	for (const { project, origin, conversationId, userId, createdAt: newest } of memories) {
		const key = {
			project: project?.id,
			client: origin?.client,
			conversation: conversationId,
			author: userId,
		}[by];
		if (key === undefined && by === "conversation") continue;
		const first = {
			...(key === undefined ? {} : { key }),
			...(by === "project" && project ? { name: project.name } : {}),
			count: 0,
			newest,
		};
		const known = groups.get(key) ?? first;
		groups.set(key, { ...known, count: known.count + 1 });
	}
	return [...groups.values()];
}

/** Those that wait here first, which may be there by now. */
function withFirst<M extends Memory>(kept: readonly M[], found: readonly M[]): readonly M[] {
	return [...kept.filter(({ id }) => !found.some((memory) => memory.id === id)), ...found];
}
