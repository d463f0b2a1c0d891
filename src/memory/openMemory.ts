import type { Config } from "../config/config.ts";
import type { Log } from "../config/log.ts";
import { BuiltinEmbedder } from "../endpoints/builtinEmbedder.ts";
import { openStore } from "../store/sqliteStore.ts";
import { MemoryService } from "./memoryService.ts";

/**
 * Opens the memory the configuration names. Nothing heavy is loaded: the model is, by the first text.
 * @param workerFile the built-in model's bundled worker.
 * @throws StoreError
 */
export async function openMemory(
	config: Pick<Config, "memoryDir" | "userId">,
	workerFile: string,
	log: Log,
): Promise<MemoryService> {
	const { store, notice } = await openStore(config.memoryDir);
	if (notice) log.warn(notice);
	return new MemoryService({
		store,
		embedder: new BuiltinEmbedder({ workerFile, log }),
		userId: config.userId,
		log,
		notices: notice ? [notice] : [],
	});
}
