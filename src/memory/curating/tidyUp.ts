import type { EndpointError } from "../../endpoints/endpointError.ts";
import type { Memory } from "../../store/types.ts";
import { maxListLimit } from "../input.ts";
import { checkNew } from "../transfer/transfer.ts";
import type { UserMemory } from "../userMemory.ts";
import { askModel, type ModelOptions, mostUnsure } from "./judging/askModel.ts";
import { type TidyUpOptions, tidyUpProposals } from "./proposals.ts";
import type { Proposal } from "./reviewQueue.ts";
import { turn } from "./similarPairs.ts";

export type { ModelPlan } from "./judging/askModel.ts";
export { duplicateGroups } from "./proposals.ts";

export interface TidyUpResult {
	/** Proposals that wait for review now and did not before. */
	readonly proposed: number;
	readonly examined: number;
	/** Why the language model has not answered all that it was asked. */
	readonly modelFailure?: EndpointError;
}

/**
 * Examines all memories and adds proposals to the review queue: what to merge, supersede, delete or split. It changes no
 * memory, and proposes nothing that was rejected before. Works offline, by words and by the vectors that there are.
 * @param model a language model, if one is configured, is asked what these leave open. Absent: it is not asked. Whatever
 * it answers, what was found without it is proposed too; only where a long text is split, it knows better.
 * @throws what the signal was aborted with.
 */
export async function tidyUp(
	service: UserMemory,
	options: TidyUpOptions,
	model?: ModelOptions,
): Promise<TidyUpResult> {
	const { chat } = service.models;
	const { closeness } = service;
	const { now, signal } = options;
	const asked = model && chat?.problem === undefined ? chat : undefined;
	const memories = await allMemories(service, signal);
	const found = await tidyUpProposals(memories, {
		closeness,
		...options,
		...(asked ? { mostUnsure } : {}),
	});
	const answers = model && asked && (await askModel(asked, found, { ...model, now, closeness, signal }));
	signal?.throwIfAborted();
	const { proposals: answered = [], failure } = answers ?? {};
	const split = new Set(answered.flatMap(splitMemory));
	const offline = found.proposals.filter((each) => !splitMemory(each).some((id) => split.has(id)));
	const proposed = await service.review.propose([...offline, ...answered]);
	return {
		proposed: proposed.length,
		examined: memories.length,
		...(failure ? { modelFailure: failure } : {}),
	};
}

function splitMemory({ action, concerns = [] }: Proposal): readonly string[] {
	return action === "split" ? concerns : [];
}

/** The user's own, also those that have expired; not those that were superseded. Read page by page. */
export async function allMemories(service: UserMemory, signal?: AbortSignal): Promise<readonly Memory[]> {
	const memories: Memory[] = [];
	const been = new Set<string>();
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
		cursor = page.memories.length === 0 ? undefined : page.nextCursor;
		checkNew(cursor, been);
		await turn(signal);
	} while (cursor !== undefined);
	return memories;
}
