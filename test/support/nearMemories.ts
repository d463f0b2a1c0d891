import type { Filter, MemoryStore, NearMemory, QueryVector } from "../../src/store/memoryStore.ts";

/** The nearest memories with all that any process has written. */
export async function nearMemories(
	{ vectors }: Pick<MemoryStore, "vectors">,
	query: QueryVector,
	filter: Filter,
	k: number,
): Promise<readonly NearMemory[]> {
	await vectors.refresh(query.space);
	return vectors.known(await vectors.nearest(query, filter, k));
}
