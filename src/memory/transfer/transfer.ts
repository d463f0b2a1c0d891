import type { HistoryEntry } from "../../store/changes.ts";
import { ConflictError, StoreError } from "../../store/errors.ts";
import type { Page, Position } from "../../store/lists.ts";
import type { TransferredMemory } from "../../store/transfers.ts";
import type { Memory, StoredMemory } from "../../store/types.ts";
import type { TextVector } from "../../vectors/embeddingSpace.ts";
import { asImported, reviewedAnew } from "../access/sharing.ts";
import type { ReviewQueue } from "../curating/reviewQueue.ts";
import { decodeCursor, encodeCursor } from "../input.ts";
import type { MemoryContext } from "../memoryContext.ts";
import { checkedMemory, type ImportRequest } from "../requests.ts";
import type { BackgroundWork } from "../saving/backgroundWork.ts";
import type { Saver } from "../saving/saver.ts";
import { baseOf } from "./base.ts";
import { sourceKey } from "./sourceKey.ts";

/** How long, in ms, an import waits for one batch of vectors. */
const importPatience = 600_000;
const pageSize = 200;
/** With their histories, which may be long. */
const exportedAtOnce = 50;

/** What became of an import's memory, or would become of it. */
export interface ImportOutcome {
	/**
	 * - `DUPLICATE`: it is there already, or waits already.
	 * - `REVIEW`: it waits for somebody's decision.
	 * - `UPDATE`: somebody edited it in a file that was exported.
	 * - `CONFLICT`: so they did, but it was also changed here since; it stays as it is.
	 */
	readonly event: "ADD" | "DUPLICATE" | "REVIEW" | "UPDATE" | "CONFLICT";
	/** Whether secrets or private parts were taken out. */
	readonly isRedacted: boolean;
}

export interface ImportOptions {
	/** `preview`: nothing is written. `review`: into the review queue. Default: `add`. */
	readonly into?: "add" | "preview" | "review" | undefined;
	/** Only its id makes a memory a duplicate: for a copy of a whole memory in an empty one. */
	readonly exactly?: boolean | undefined;
}

export interface ExportedMemory {
	readonly memory: Memory;
	readonly history: readonly HistoryEntry[];
}

export interface ExportedPage {
	readonly memories: readonly ExportedMemory[];
	readonly next?: string;
}

/** @throws Error for a page that was there already: a server that goes in circles never comes to an end. */
export function checkNew(cursor: string | undefined, been: Set<string>): void {
	if (cursor === undefined) return;
	if (been.has(cursor)) throw new Error("The server gives the same page again and again.");
	been.add(cursor);
}

/** Memories that come page by page. */
export async function* inPages(
	page: (after?: string) => Promise<ExportedPage>,
): AsyncGenerator<ExportedMemory> {
	const been = new Set<string>();
	let after: string | undefined;
	do {
		const { memories, next } = await page(after);
		yield* memories;
		// Whatever a server says, there is no page after an empty one.
		after = memories.length === 0 ? undefined : next;
		checkNew(after, been);
	} while (after !== undefined);
}

/** Takes memories in and out, many at a time. */
export class Transfer {
	readonly #context: MemoryContext;
	readonly #saver: Pick<Saver, "tracked">;
	readonly #background: Pick<BackgroundWork, "soon">;
	readonly #review: Pick<ReviewQueue, "propose">;

	constructor(
		context: MemoryContext,
		saver: Pick<Saver, "tracked">,
		background: Pick<BackgroundWork, "soon">,
		review: Pick<ReviewQueue, "propose">,
	) {
		this.#context = context;
		this.#saver = saver;
		this.#background = background;
		this.#review = review;
	}

	/**
	 * Adds memories in one transaction, without a language model. Embeds them first; failed embeddings follow later.
	 * @throws InputError for the first invalid request, before storing anything.
	 */
	importAll(
		requests: readonly ImportRequest[],
		options: ImportOptions = {},
	): Promise<readonly ImportOutcome[]> {
		return this.#saver.tracked(this.#importAll(requests, options));
	}

	async #importAll(
		requests: readonly ImportRequest[],
		{ into = "add", exactly = false }: ImportOptions,
	): Promise<readonly ImportOutcome[]> {
		const { userId, guard } = this.#context;
		const checked = requests.map((request) => asImported(this.#context, checkedMemory(userId, request)));
		const guarded = await Promise.all(checked.map((memory) => guard.memory(memory, false)));
		const memories = guarded.map(({ value }) => value);
		const events =
			into === "review"
				? await this.#propose(memories, requests)
				: await this.#take(memories, requests, into === "preview", exactly);
		return events.map((event, index) => ({ event, isRedacted: guarded[index]?.note !== undefined }));
	}

	/** Edits of memories that were exported come first; the others are added in one transaction. */
	async #take(
		memories: readonly TransferredMemory[],
		requests: readonly ImportRequest[],
		isPreview: boolean,
		exactly: boolean,
	): Promise<readonly ImportOutcome["event"][]> {
		const { store } = this.#context;
		const edits = await Promise.all(
			memories.map((memory, index) => this.#edit(memory, requests[index]?.base, isPreview)),
		);
		const rest = memories.filter((_, index) => edits[index] === undefined);
		const added = isPreview
			? (await store.transfers.known(rest)).map((isKnown): ImportOutcome["event"] =>
					isKnown ? "DUPLICATE" : "ADD",
				)
			: await store.transfers.add(await this.#embedded(rest), { exactly });
		const results = added.values();
		return edits.map((edit) => edit ?? results.next().value ?? "DUPLICATE");
	}

	/** Undefined for what is no edit of a memory that is there. */
	async #edit(
		memory: TransferredMemory,
		base: string | undefined,
		isPreview: boolean,
	): Promise<ImportOutcome["event"] | undefined> {
		const { store, userId, patientEmbedder } = this.#context;
		const { id, text, pinned = false, expiresAt = null, project = null } = memory;
		const known = base === undefined || id === undefined ? undefined : await store.memories.get(id, userId);
		if (!known) return undefined;
		const now = baseOf(known);
		// Nobody has edited the file, or both say the same by now.
		if (baseOf(memory) === base || baseOf(memory) === now) return "DUPLICATE";
		if (now !== base) return "CONFLICT";
		if (isPreview) return "UPDATE";
		const { vector } = text === known.text ? {} : await patientEmbedder.embed(text);
		const expected = { text: known.text, updatedAt: known.updatedAt };
		try {
			const change = { id: known.id, expected, text, vector, pinned, expiresAt, project };
			await store.memories.change(userId, [{ ...reviewedAnew(this.#context, known, change), ...change }]);
		} catch (error) {
			if (error instanceof ConflictError) return "CONFLICT";
			throw error;
		}
		this.#background.soon();
		return "UPDATE";
	}

	async #propose(
		memories: readonly TransferredMemory[],
		requests: readonly ImportRequest[],
	): Promise<readonly ImportOutcome["event"][]> {
		const known = await this.#context.store.transfers.known(memories);
		const keyOf = ({ project, text }: Pick<TransferredMemory, "project" | "text">) =>
			JSON.stringify([project?.id, text]);
		const proposals = requests.filter((_, index) => !known[index]);
		const added = await this.#review.propose(proposals.map((request) => ({ ...request, kind: "import" })));
		const keys = new Set(added.map(keyOf));
		return memories.map((memory) => (keys.delete(keyOf(memory)) ? "REVIEW" : "DUPLICATE"));
	}

	async #embedded(memories: readonly TransferredMemory[]): Promise<readonly TransferredMemory[]> {
		const texts = memories.map(({ text }) => text);
		const { vectors, problem } = await this.#context.patientEmbedder.embedAll(
			texts,
			undefined,
			importPatience,
		);
		if (problem) this.#background.soon();
		return memories.map((memory, index) => {
			const vector = vectors?.[index];
			return vector ? { ...memory, vector } : memory;
		});
	}

	/** Vectors of texts by the model in use; undefined where it made none, which `problem` explains. */
	async embed(texts: readonly string[]) {
		const { vectors, problem } = await this.#context.patientEmbedder.embedAll(
			texts,
			undefined,
			importPatience,
		);
		return { made: texts.map((_, index) => vectors?.[index]?.values), problem };
	}

	/** Keeps vectors of texts that are about to be imported, of the model in use. Those of another width are left out. */
	async keepVectors(
		vectors: readonly { readonly text: string; readonly values: TextVector }[],
	): Promise<void> {
		const { store, embedder } = this.#context;
		const { space } = embedder;
		if (!space || space.origin === "") return;
		await store.spaces.keep(
			space,
			vectors.filter(({ values }) => values.length === space.dimensions),
		);
	}

	/** The ids that memories had where they were imported from, as `format:id`. */
	async sourceIds(): Promise<Set<string>> {
		const ids = new Set<string>();
		for await (const { metadata } of this.#memories()) {
			const key = sourceKey(metadata);
			if (key !== undefined) ids.add(key);
		}
		return ids;
	}

	/** Whether there is no memory yet, neither one that has expired or was replaced. */
	async isEmpty(): Promise<boolean> {
		return (await this.#page(1)).memories.length === 0;
	}

	/** Every memory of every project, newest first, also those that no search finds any more; loaded page by page. */
	async *all(): AsyncGenerator<ExportedMemory> {
		yield* inPages((after) => this.page(after));
	}

	/** A page of them. @param after `next` of the page before. */
	async page(after?: string): Promise<ExportedPage> {
		const { store, userId } = this.#context;
		const { memories, next } = await this.#page(exportedAtOnce, decodeCursor(after));
		const exported: ExportedMemory[] = [];
		for (const memory of memories)
			exported.push({ memory, history: await store.memories.history(memory.id, userId) });
		return { memories: exported, ...(next ? { next: encodeCursor(next) } : {}) };
	}

	async *#memories(): AsyncGenerator<StoredMemory> {
		let after: Position | undefined;
		do {
			const page = await this.#page(pageSize, after);
			yield* page.memories;
			after = page.next;
		} while (after !== undefined);
	}

	async #page(limit: number, after?: Position): Promise<Page> {
		const { store, userId } = this.#context;
		const everything = {
			userId,
			global: true,
			projects: "all",
			expired: "include",
			superseded: "include",
		} as const;
		const page = await store.memories.list(everything, limit, { after, total: false });
		// Nobody is to take a part for the whole.
		if (page.onlyHere !== undefined) throw new StoreError("unreachable", store.location, page.onlyHere);
		return page;
	}
}
