import type { Memory } from "../../store/types.ts";
import type { MemoryContext } from "../memoryContext.ts";

/** Says in the log what an administrator did to memories of others. */
export function logDeeds(
	{ actor, userId, log }: Pick<MemoryContext, "actor" | "userId" | "log">,
	did: "changed" | "deleted" | "restored",
	memories: readonly Pick<Memory, "id" | "userId">[],
): void {
	for (const memory of memories)
		if (memory.userId !== userId)
			log.info(`Administrator ${actor.userId} ${did} the memory ${memory.id} of ${memory.userId}.`);
}
