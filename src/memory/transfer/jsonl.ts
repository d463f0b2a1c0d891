import type { Memory } from "../../store/types.ts";
import type { MemoryService } from "../memoryService.ts";

/** A memory as one line of an export, which an import reads back. */
function toRecord(memory: Memory) {
	return {
		id: memory.id,
		text: memory.text,
		scope: memory.scope,
		...(memory.project ? { project: memory.project } : {}),
		createdAt: new Date(memory.createdAt).toISOString(),
		...(memory.updatedAt > memory.createdAt ? { updatedAt: new Date(memory.updatedAt).toISOString() } : {}),
		...(memory.conversationId ? { conversation: memory.conversationId } : {}),
		...(memory.metadata ? { metadata: memory.metadata } : {}),
	};
}

/** Every memory of every project, newest first, loaded page by page. */
export async function* exportRecords(memory: MemoryService) {
	let cursor: string | undefined;
	do {
		const page = await memory.list({ scope: "all", limit: 200, cursor });
		yield* page.memories.map(toRecord);
		cursor = page.nextCursor;
	} while (cursor !== undefined);
}
