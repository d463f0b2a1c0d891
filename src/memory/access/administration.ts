import { factsOf, mayDo } from "../../store/access.ts";
import type { Position } from "../../store/lists.ts";
import type { MemoryStore } from "../../store/memoryStore.ts";
import type { Memory } from "../../store/types.ts";
import { InputError } from "../errors.ts";
import { listMemories } from "../listMemories.ts";
import type { MemoryContext } from "../memoryContext.ts";
import type { ListRequest, ListResult } from "../requests.ts";
import type { ExportedMemory } from "../transfer/transfer.ts";

const pageSize = 200;

/**
 * What administrators do with the memories of others. Everything is logged, and stands in the log of use of the user whom
 * it concerns. All methods throw InputError for anybody else.
 */
export class Administration {
	readonly #context: MemoryContext;

	constructor(context: MemoryContext) {
		this.#context = context;
	}

	/** Another user's own memories, also the private ones. */
	async list(userId: string, request: ListRequest = {}): Promise<ListResult> {
		await this.#act(userId, `listed the memories of ${userId}`);
		return listMemories({ ...this.#context, userId, team: false }, { scope: "all", ...request });
	}

	/** What a user has not shared. */
	async *privateMemories(userId: string): AsyncGenerator<ExportedMemory> {
		await this.#act(userId, `exported the private memories of ${userId}`);
		yield* privateMemoriesOf(this.#context.store, userId);
	}

	/**
	 * Erases for good what a user has not shared: memories, deleted ones included, with history; every text as it was saved;
	 * candidates and the log of use. What is shared stays, with its author's name.
	 * @returns how many memories.
	 */
	async erase(userId: string): Promise<number> {
		this.#check();
		const erased = await this.#context.store.memories.eraseUser(userId);
		this.#context.log.info(
			`Administrator ${this.#context.actor.userId} erased ${erased} private memories of ${userId}.`,
		);
		return erased;
	}

	/** An administrator has read a memory by its id. */
	async noteRead(memory: Memory): Promise<void> {
		const { userId, actor } = this.#context;
		if (
			memory.userId === userId ||
			mayDo({ ...actor, admin: false, projects: "all" }, "read", factsOf(memory))
		)
			return;
		await this.#act(memory.userId, `read the memory ${memory.id} of ${memory.userId}`);
	}

	/** An administrator has read the history of another's deleted memory. */
	noteReadDeleted(id: string): void {
		const { actor, log } = this.#context;
		log.info(`Administrator ${actor.userId} read the history of the deleted memory ${id} of another user.`);
	}

	#check(): void {
		if (!this.#context.actor.admin) throw new InputError("user", "Only an administrator may do this.");
	}

	async #act(userId: string, what: string): Promise<void> {
		this.#check();
		const { actor, log, clock, store } = this.#context;
		log.info(`Administrator ${actor.userId} ${what}.`);
		const client = `administrator ${actor.userId}`;
		await store.usage.record([{ userId, client, what: "read", at: clock.now() }]);
	}
}

/** What a user has not shared, also what no search finds any more, newest first; loaded page by page. */
export async function* privateMemoriesOf(
	{ memories }: Pick<MemoryStore, "memories">,
	userId: string,
): AsyncGenerator<ExportedMemory> {
	const everything = {
		userId,
		global: true,
		projects: "all",
		expired: "include",
		superseded: "include",
	} as const;
	let after: Position | undefined;
	do {
		const page = await memories.list(everything, pageSize, { after, total: false });
		for (const memory of page.memories)
			if (isOwnAlone(memory)) yield { memory, history: await memories.history(memory.id, userId) };
		after = page.next;
	} while (after !== undefined);
}

function isOwnAlone(memory: Memory): boolean {
	const { visibility } = memory;
	return visibility !== "project" && visibility !== "team";
}
