import { silentLog } from "../../src/config/log.ts";
import { EmbedderError } from "../../src/endpoints/embedder.ts";
import { MemoryService } from "../../src/memory/memoryService.ts";
import { openStore } from "../../src/store/sqlite/sqliteStore.ts";
import { makeCorpus } from "./corpus.ts";
import type { Figure } from "./figure.ts";
import { fill, toDrafts, userId } from "./filledMemory.ts";
import { withScratch } from "./scratch.ts";
import { StubEmbedder } from "./stubEmbedder.ts";
import { timed } from "./timed.ts";

const memoryCount = 5000;
const runs = 3;

/** Many memories at once, whose vectors are there already. */
export async function measureImporting(): Promise<readonly Figure[]> {
	const drafts = toDrafts(makeCorpus(memoryCount, 0).memories, new StubEmbedder());
	const figures: Figure[] = [];
	for (const batchSize of [64, 500]) {
		const samples: number[] = [];
		for (let run = 0; run < runs; run += 1) {
			samples.push(
				await withScratch(async (folder) => {
					const { store } = await openStore(folder);
					const duration = await timed(() => fill(store, drafts, batchSize));
					await store.close();
					return memoryCount / (duration / 1000);
				}),
			);
		}
		figures.push({
			name: `import of 5,000 in batches of ${batchSize}`,
			unit: "memories/s",
			samples,
			runs: String(runs),
		});
	}
	return [...figures, await measureWithoutVectors()];
}

/** Through the public service, while nothing can be embedded: every memory keeps its vector for later. */
async function measureWithoutVectors(): Promise<Figure> {
	const requests = makeCorpus(memoryCount, 0).memories.map(({ text }) => ({ text }));
	const samples: number[] = [];
	for (let run = 0; run < runs; run += 1) {
		samples.push(
			await withScratch(async (folder) => {
				const { store } = await openStore(folder);
				const service = new MemoryService({ store, embedder: new NoEmbedder(), userId, log: silentLog });
				const duration = await timed(async () => {
					for (let start = 0; start < memoryCount; start += 500)
						await service.transfer.importAll(requests.slice(start, start + 500));
				});
				await service.dispose();
				return memoryCount / (duration / 1000);
			}),
		);
	}
	return {
		name: "import of 5,000 without embedding",
		unit: "memories/s",
		samples,
		runs: String(runs),
		target: { atLeast: 5000 },
	};
}

/** Whose endpoint is away. */
class NoEmbedder extends StubEmbedder {
	override embed(): Promise<Float32Array[]> {
		return Promise.reject(new EmbedderError("away"));
	}
}
