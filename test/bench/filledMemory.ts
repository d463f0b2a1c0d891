import { silentLog } from "../../src/config/log.ts";
import { MemoryService } from "../../src/memory/memoryService.ts";
import type { MemoryStore } from "../../src/store/memoryStore.ts";
import { openStore } from "../../src/store/sqlite/sqliteStore.ts";
import type { NewMemory, Project } from "../../src/store/types.ts";
import { type Corpus, makeCorpus, type SyntheticMemory } from "./corpus.ts";
import { withScratch } from "./scratch.ts";
import { StubEmbedder } from "./stubEmbedder.ts";

export const userId = "bench";
/** The project that is open; three in ten memories are its own, the others global, so that a search sees all. */
export const project: Project = { id: "example.com/bench/project", name: "project" };

export interface FilledMemory {
	readonly service: MemoryService;
	/** The store below `service`. */
	readonly store: MemoryStore;
	readonly embedder: StubEmbedder;
	readonly corpus: Corpus;
	/** Temporary; holds the database. */
	readonly folder: string;
}

/** Gives `work` a memory on disk that holds `memoryCount` synthetic memories with their vectors. */
export function withFilledMemory<T>(
	memoryCount: number,
	queryCount: number,
	work: (filled: FilledMemory) => Promise<T>,
): Promise<T> {
	return withScratch(async (folder) => {
		const corpus = makeCorpus(memoryCount, queryCount);
		const { store } = await openStore(folder);
		const embedder = new StubEmbedder();
		embedder.prepare(corpus.queries);
		const service = new MemoryService({ store, embedder, userId, log: silentLog });
		try {
			await fill(store, toDrafts(corpus.memories, embedder), 500);
			return await work({ service, store, embedder, corpus, folder });
		} finally {
			await service.dispose();
		}
	});
}

export function toDrafts(
	memories: readonly SyntheticMemory[],
	{ space }: Pick<StubEmbedder, "space">,
): readonly NewMemory[] {
	return memories.map(({ text, vector }, index) => ({
		text,
		userId,
		...(index % 10 < 3 ? { scope: "project", project } : { scope: "global" }),
		vector: { space, values: vector },
		createdAt: timeOf(index),
	}));
}

/** When the draft at an index was made: a minute apart, as for a memory that has grown. */
export function timeOf(index: number): number {
	return Date.UTC(2026, 0, 1) + index * 60_000;
}

/** Adds drafts, so many in a transaction. */
export async function fill(
	store: MemoryStore,
	drafts: readonly NewMemory[],
	batchSize: number,
): Promise<void> {
	for (let start = 0; start < drafts.length; start += batchSize) {
		const added = await store.saves.addAll(drafts.slice(start, start + batchSize));
		if (added.some(({ event }) => event !== "ADD")) throw new Error("A synthetic memory came twice.");
	}
}
