import type { Memory } from "../../store/types.ts";
import type { Proposal } from "./reviewQueue.ts";
import { joinParts } from "./splitting.ts";

/**
 * What accepting a proposal does to the memories that it concerns.
 * - `merge`: the first gets the proposal's text, the others are deleted.
 * - `supersede`: the second takes the place of the first, which stays in the history.
 * - `delete`: they are deleted.
 * - `split`: the parts of the proposal's text take the place of the first.
 */
export type TidyAction = "merge" | "supersede" | "delete" | "split";

/** @param group memories that say the same, of which one is kept. */
export function merging(group: readonly Memory[], why: string): Proposal {
	// The one that says most; of equals, the pinned and then the newest.
	const [kept, ...others] = group.toSorted(
		(a, b) =>
			b.text.length - a.text.length ||
			Number(b.pinned ?? false) - Number(a.pinned ?? false) ||
			b.createdAt - a.createdAt,
	) as [Memory, ...Memory[]];
	return proposal("merge", kept, [kept, ...others], why);
}

export function superseding(older: Memory, newer: Memory, why: string): Proposal {
	return proposal("supersede", newer, [older, newer], why);
}

export function deleting(memory: Memory, why: string): Proposal {
	return proposal("delete", memory, [memory], why);
}

/** However it is split, it is proposed once: a model gives other parts each time. */
export function splitting(memory: Memory, parts: readonly string[], why: string): Proposal {
	const split = proposal("split", { ...memory, text: joinParts(parts) }, [memory], why);
	return { ...split, about: memory.text };
}

/** The older one of two first. */
export function byAge(one: Memory, other: Memory): readonly [Memory, Memory] {
	return one.createdAt <= other.createdAt ? [one, other] : [other, one];
}

function proposal(
	action: TidyAction,
	{ text, scope, project }: Memory,
	concerns: readonly Memory[],
	why: string,
): Proposal {
	return { kind: "tidy-up", action, concerns: concerns.map(({ id }) => id), why, text, scope, project };
}
