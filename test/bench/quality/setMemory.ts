import { silentLog } from "../../../src/config/log.ts";
import type { Embedder } from "../../../src/endpoints/embedder.ts";
import { MemoryService } from "../../../src/memory/memoryService.ts";
import type { MemoryStore } from "../../../src/store/memoryStore.ts";
import { openStore } from "../../../src/store/sqlite/sqliteStore.ts";
import { withScratch } from "../scratch.ts";
import type { Collection } from "./sets.ts";

export const userId = "bench";

export interface SetMemory {
	readonly service: MemoryService;
	readonly store: MemoryStore;
}

/** Gives `work` a memory of its own that holds a collection, stored through the public service in its order. */
export function withMemoryOf<T>(
	{ items }: Collection,
	embedder: Embedder,
	work: (memory: SetMemory) => Promise<T>,
): Promise<T> {
	return withScratch(async (folder) => {
		const { store } = await openStore(folder);
		const service = new MemoryService({
			store,
			embedder: {
				space: embedder.space,
				description: embedder.description,
				origin: embedder.origin,
				calibration: embedder.calibration,
				namesDistract: embedder.namesDistract ?? false,
				embed: (texts, options) => embedder.embed(texts, options),
				dispose: async () => undefined,
			},
			userId,
			log: silentLog,
		});
		try {
			for (let start = 0; start < items.length; start += 64)
				await service.transfer.importAll(items.slice(start, start + 64).map(({ request }) => request));
			return await work({ service, store });
		} finally {
			await service.dispose();
		}
	});
}
