import * as l10n from "@vscode/l10n";
import { audienceOf, factsOf, mayDo } from "../../store/access.ts";
import type { Candidate, Decided, Decision } from "../../store/candidates.ts";
import type { StoredMemory } from "../../store/types.ts";
import { logDeeds } from "../access/deeds.ts";
import { viewerById } from "../access/sharing.ts";
import type { MemoryContext } from "../memoryContext.ts";

/*
 * Memories whose authors want to share them are in an administrator's review queue as candidates are, though they are
 * memories already.
 */

const prefix = "share-";
/** They stand before the first page of candidates. */
const most = 200;

export async function sharingProposals(context: MemoryContext, limit: number = most) {
	if (!context.team || !context.actor.admin) return { proposals: [], total: 0 };
	const { memories, total } = await context.store.memories.proposed(viewerById(context), limit);
	return { proposals: memories.map(toCandidate), total };
}

export function isSharingProposal(id: string): boolean {
	return id.startsWith(prefix);
}

/** Undefined where nothing waits any more, or the actor may not decide. */
export async function sharingProposal(context: MemoryContext, id: string): Promise<Candidate | undefined> {
	const viewer = viewerById(context);
	const memory = await context.store.memories.get(memoryIdOf(id), viewer);
	const candidate = memory && mayDo(viewer, "review", factsOf(memory)) ? toCandidate(memory) : undefined;
	return candidate?.id === id ? candidate : undefined;
}

/** @throws ConflictError */
export async function decideOnSharing(
	context: MemoryContext,
	decision: Decision,
): Promise<Decided | undefined> {
	const { id, outcome, change = [] } = decision;
	if (!(await sharingProposal(context, id))) return undefined;
	const refusal = { id: memoryIdOf(id), visibility: "private" } as const;
	const changes = outcome === "rejected" ? [refusal] : change;
	const changed = await context.store.memories.change(viewerById(context), changes);
	const done = changed.filter((one) => one !== undefined);
	logDeeds(
		context,
		"changed",
		done.map(({ after }) => after),
	);
	return { id, added: [], changed: done, deleted: [] };
}

function memoryIdOf(candidateId: string): string {
	return candidateId.slice(prefix.length).replace(/@\d+$/, "");
}

/** Its id is that of the memory as it is now: nobody accepts another text than they have seen. */
function toCandidate(memory: StoredMemory): Candidate {
	const { id, updatedAt, supersededBy: __, uses: ___, usedAt: ____, saveId: _____, ...entry } = memory;
	const { userId } = memory;
	return {
		...entry,
		id: `${prefix}${id}@${updatedAt}`,
		kind: "sharing",
		key: id,
		why:
			audienceOf(memory) === "team"
				? l10n.t`${userId} wants to share it with the team.`
				: l10n.t`${userId} wants to share it with everybody who works on the project.`,
		action: "share",
		concerns: [id],
	};
}
