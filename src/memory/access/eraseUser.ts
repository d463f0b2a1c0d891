import type { MemoryStore } from "../../store/memoryStore.ts";

/** Memories of one transaction. */
const batch = 500;

/**
 * Erases everything that a user has in the memory, for good: memories, history, journal, proposals.
 * @returns how many memories there were.
 */
export async function eraseMemoriesOf(
	{ memories, candidates }: MemoryStore,
	userId: string,
): Promise<number> {
	const everything = {
		userId,
		global: true,
		projects: "all",
		expired: "include",
		superseded: "include",
	} as const;
	let erased = 0;
	for (;;) {
		const ids = (await memories.list(everything, batch)).memories.map(({ id }) => id);
		if (ids.length === 0) break;
		erased += (await memories.delete(ids, userId)).filter(Boolean).length;
	}
	for (;;) {
		const waiting = (await candidates.list(userId, batch)).candidates;
		if (waiting.length === 0) break;
		await candidates.decide(
			userId,
			waiting.map(({ id }) => ({ id, outcome: "rejected" })),
		);
	}
	// What was deleted within this millisecond, too.
	await memories.purgeDeleted(userId, Date.now() + 1000);
	return erased;
}
