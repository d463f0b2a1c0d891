import type { Memory } from "../../store/types.ts";
import { maxListLimit } from "../input.ts";
import type { MemoryService } from "../memoryService.ts";
import { type TidyUpOptions, tidyUpProposals } from "./proposals.ts";
import { turn } from "./similarPairs.ts";

export { duplicateGroups } from "./proposals.ts";

export interface TidyUpResult {
	/** Proposals that wait for review now and did not before. */
	readonly proposed: number;
	readonly examined: number;
}

/**
 * Examines all memories and adds proposals to the review queue: what to merge, supersede, delete or split. It changes no
 * memory, and proposes nothing that was rejected before. Works offline, by
 * words and by the vectors that there are.
 * @throws what the signal was aborted with.
 */
export async function tidyUp(service: MemoryService, options: TidyUpOptions): Promise<TidyUpResult> {
	const memories = await allMemories(service, options.signal);
	const proposals = await tidyUpProposals(memories, { closeness: service.closeness, ...options });
	options.signal?.throwIfAborted();
	const proposed = await service.review.propose(proposals);
	return { proposed: proposed.length, examined: memories.length };
}

/** The user's own, also those that have expired; not those that were superseded. Read page by page. */
export async function allMemories(service: MemoryService, signal?: AbortSignal): Promise<readonly Memory[]> {
	const memories: Memory[] = [];
	let cursor: string | undefined;
	do {
		const page = await service.list({
			scope: "all",
			expired: "include",
			limit: maxListLimit,
			cursor,
			total: false,
			...(service.isTeam ? { author: service.userId } : {}),
		});
		memories.push(...page.memories);
		cursor = page.nextCursor;
		await turn(signal);
	} while (cursor !== undefined);
	return memories;
}
