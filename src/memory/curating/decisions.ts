import * as l10n from "@vscode/l10n";
import { audienceOf } from "../../store/access.ts";
import type { Candidate, Decided } from "../../store/candidates.ts";
import type { Audience, Memory, NewMemory } from "../../store/types.ts";
import { InputError } from "../errors.ts";
import { checkedText } from "../input.ts";
import type { Deed, ReviewQueue } from "./reviewQueue.ts";
import { separateParts } from "./splitting.ts";

/** Fields in which a person has edited what was proposed. */
export type EditedFields = Partial<
	Pick<NewMemory, "text" | "scope" | "project" | "pinned" | "expiresAt" | "metadata">
> & { readonly visibility?: Audience };

interface Reading {
	get(id: unknown): Promise<Memory>;
}

/** The memory in which candidates are accepted. */
interface Accepting extends Reading {
	readonly review: Pick<ReviewQueue, "accept" | "visibilityOf" | "carryOut">;
}

/**
 * Does what candidates propose, or what a person made of it. Of several, those that can no longer be done are left
 * waiting.
 * @throws InputError, ConflictError if none can be done.
 */
export async function acceptCandidates(
	service: Accepting,
	candidates: readonly Candidate[],
	edited?: EditedFields,
): Promise<readonly Decided[]> {
	const isNew = ({ action }: Candidate) => action === undefined;
	const decided: Decided[] = edited ? [] : [...(await service.review.accept(candidates.filter(isNew)))];
	let failure: unknown;
	// One after the other: two proposals may be about the same memory.
	for (const candidate of candidates.filter((each) => edited || !isNew(each)))
		try {
			const { visibility, ...fields } = edited ?? {};
			const { scope, project } = { ...candidate, ...fields };
			const shared = service.review.visibilityOf(
				candidate,
				scope === "project" ? project : undefined,
				visibility,
			);
			const deed = deedOf(candidate, await concernedMemories(service, candidate), { ...fields, ...shared });
			const one = await service.review.carryOut(candidate.id, deed);
			if (one) decided.push(one);
		} catch (error) {
			failure ??= error;
		}
	if (decided.length === 0 && failure !== undefined) throw failure;
	return decided;
}

/** The memories that a candidate is about, in its order; without those that are gone. */
export async function concernedMemories(
	service: Reading,
	{ concerns = [] }: Candidate,
): Promise<readonly Memory[]> {
	const memories: Memory[] = [];
	for (const id of concerns)
		try {
			memories.push(await service.get(id));
		} catch (error) {
			if (!(error instanceof InputError)) throw error;
		}
	return memories;
}

/** @throws InputError if what the candidate is about is gone */
function deedOf(candidate: Candidate, concerned: readonly Memory[], edited: Partial<NewMemory>): Deed {
	const { action, concerns = [] } = candidate;
	const proposed: NewMemory = { ...newMemoryOf(candidate), ...edited };
	const text = checkedText(proposed.text);
	if (action === undefined) return { add: [{ ...proposed, text }] };
	if (action === "delete") return { delete: concerns };
	const [first, second] = concerns.map((concern) => concerned.find(({ id }) => id === concern));
	if (!first) throw gone();
	if (action === "share" || action === "edit") {
		const shared = action === "share" ? { visibility: audienceOf(first) } : {};
		return { change: [{ id: first.id, expected: first, text, ...shared }] };
	}
	if (action === "merge") {
		const pinned = concerned.some((memory) => memory.pinned);
		const change = { id: first.id, expected: first, text, ...(pinned ? { pinned } : {}) };
		return { change: [change], delete: concerns.slice(1) };
	}
	if (action === "replace") {
		const { project = null, pinned = false, expiresAt = null, metadata = null } = proposed;
		return { change: [{ id: first.id, expected: first, text, project, pinned, expiresAt, metadata }] };
	}
	if (action === "split") {
		const whole = newMemoryOf(first);
		return { add: separateParts(text).map((part) => ({ ...whole, text: part })), delete: [first.id] };
	}
	if (!second) throw gone();
	// Of a contradiction that was edited, the newer one says both, or what is right.
	const newer = text === second.text ? [] : [{ id: second.id, expected: second, text }];
	return { change: [{ id: first.id, expected: first, supersededBy: second.id }, ...newer] };
}

/** The text of a memory with what a candidate says. */
export function mergedText({ text }: Candidate, memory: Pick<Memory, "text">): string {
	return memory.text.includes(text) ? memory.text : `${memory.text}\n${text}`;
}

function newMemoryOf(from: Candidate | Memory): NewMemory {
	const { text, userId, scope, project, conversationId, metadata, createdAt } = from;
	const { origin, pinned, expiresAt, visibility } = from;
	return {
		text,
		userId,
		scope,
		createdAt,
		...(project ? { project } : {}),
		...(conversationId === undefined ? {} : { conversationId }),
		...(metadata ? { metadata } : {}),
		...(origin ? { origin } : {}),
		...(pinned ? { pinned } : {}),
		...(expiresAt === undefined ? {} : { expiresAt }),
		...(visibility ? { visibility } : {}),
	};
}

function gone(): InputError {
	return new InputError("candidate", l10n.t("The memories that this is about are gone. Reject it."));
}
