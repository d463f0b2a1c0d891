import { setImmediate as nextTurn } from "node:timers/promises";
import type { EmbeddingSpace } from "../../src/config/embeddingSpace.ts";
import { silentLog } from "../../src/config/log.ts";
import { MemoryService } from "../../src/memory/memoryService.ts";
import { openStore } from "../../src/store/sqliteStore.ts";
import { type Corpus, makeCorpus, type SyntheticMemory, type SyntheticQuery } from "./corpus.ts";
import type { Figure } from "./figure.ts";
import { fill, toDrafts } from "./filledMemory.ts";
import { openPlainMem0, type PlainMem0 } from "./plainMem0.ts";
import { withScratch } from "./scratch.ts";
import { StubEmbedder } from "./stubEmbedder.ts";
import { timed, within } from "./timed.ts";

const memoryCount = 5000;
/** Of the vectors: those of text-embedding-3-small. */
const dimensions = 1536;
const warmUp = 50;
const queryCount = 200;
/** ms that mem0ai may take for its share of the queries, and as many again to warm up. */
const budget = 20_000;
const limit = 5;
const userId = "bench";

/** A search of the same 5,000 memories by both, with embedders that answer at once. */
export function measureMem0Search(): Promise<readonly Figure[]> {
	return withScratch(async (folder) => {
		const corpus = widened(makeCorpus(memoryCount, warmUp + queryCount));
		const embedder = new WideEmbedder();
		embedder.prepare(corpus.queries);
		const service = await fillOurs(folder, corpus, embedder);
		const mem0 = await fillPlain(folder, corpus, embedder);
		try {
			const ours: number[] = [];
			const peer: number[] = [];
			const search = {
				ours: async ({ text }: SyntheticQuery) => {
					const { memories } = await service.search({ query: text, limit, scope: "all" });
					return memories.length;
				},
				peer: async ({ text }: SyntheticQuery) =>
					(await mem0.search(text, { filters: { user_id: userId }, topK: limit })).results.length,
			};
			for (const query of corpus.queries.slice(0, warmUp)) await search.ours(query);
			for (const query of corpus.queries.slice(0, 3)) await search.peer(query);
			let found = 0;
			const asked = await within(budget, corpus.queries.slice(warmUp), async (query) => {
				ours.push(await timed(async () => (found += Math.min(1, await search.ours(query)))));
				await nextTurn();
				peer.push(await timed(() => search.peer(query)));
				await nextTurn();
			});
			if (found < 0.9 * asked) throw new Error(`Of ${asked} searches only ${found} found something.`);
			return [
				{
					name: "search at 5,000 × 1536, beside mem0ai",
					unit: "ms",
					samples: ours,
					runs: String(asked),
					target: { atMost: Math.round(median(peer) / 5) / 10, of: "median" },
					peer: { name: "plain mem0ai", samples: peer },
				},
			];
		} finally {
			await service.dispose();
		}
	});
}

class WideEmbedder extends StubEmbedder {
	override readonly space: EmbeddingSpace = { provider: "bench", origin: "", model: "prepared", dimensions };
}

/** The corpus has vectors of 512 numbers; three times the same, brought to length 1, has the same cosines. */
function widened({ memories, queries }: Corpus): Corpus {
	const wide = <T extends SyntheticMemory | SyntheticQuery>(each: T): T => ({
		...each,
		vector: Float32Array.from(
			{ length: dimensions },
			(_, index) =>
				(each.vector[index % each.vector.length] as number) / Math.sqrt(dimensions / each.vector.length),
		),
	});
	return { memories: memories.map(wide), queries: queries.map(wide) };
}

async function fillOurs(folder: string, corpus: Corpus, embedder: StubEmbedder): Promise<MemoryService> {
	const { store } = await openStore(folder);
	await fill(store, toDrafts(corpus.memories, embedder), 500);
	return new MemoryService({ store, embedder, userId, log: silentLog });
}

async function fillPlain(folder: string, corpus: Corpus, embedder: StubEmbedder): Promise<PlainMem0> {
	const mem0 = await openPlainMem0(folder, "http://127.0.0.1:9/v1", dimensions);
	const vectors = new Map(corpus.queries.map(({ text }) => [text, embedder.embed([text])]));
	const own = Array.from(corpus.queries[0]?.vector ?? []);
	mem0.embedder.embed = async (text) => Array.from((await vectors.get(text))?.[0] ?? own);
	mem0.embedder.embedBatch = async (texts) => texts.map(() => own);
	// Any call makes it finish its set-up.
	await mem0.search("ready", { filters: { user_id: userId }, topK: 1 });
	await mem0.vectorStore.insert(
		corpus.memories.map(({ vector }) => Array.from(vector)),
		corpus.memories.map((_, index) => `memory-${index}`),
		corpus.memories.map(({ text }) => ({
			data: text,
			textLemmatized: text.toLowerCase(),
			user_id: userId,
			createdAt: new Date().toISOString(),
		})),
	);
	return mem0;
}

function median(samples: readonly number[]): number {
	return [...samples].sort((a, b) => a - b)[samples.length >> 1] ?? 0;
}
