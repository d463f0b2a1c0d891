import type { TermStatistics } from "../../store/types.ts";
import type { Question } from "./question.ts";
import type { Measured, Signals } from "./signals.ts";
import { sumOf } from "./weights.ts";

/*
 * When a search returns nothing. The constants were set on questions asked of the conversation of LoCoMo they belong to
 * and of others.
 */

/** Least sum of the best memory and the best cover. */
const leastEvidence = (documents: number) => 6.2 + 0.32 * logOf(documents);
/** How much the cover counts in it. */
const coverWeight = 9;
/** How much more is required where no memory knows the names that are asked about; times their share. */
const unknownNames = 5;
/** Least closeness (`meaning`) where words are no help. */
const leastMeaning = (documents: number) => 0.3 + 0.06 * logOf(documents);

/** Bounded: beyond a thousand memories, right answers would be lost. */
function logOf(documents: number): number {
	return Math.log(Math.min(1000, Math.max(1, documents)));
}

/**
 * Whether anything answers at all: some conversation holds enough of what is asked, or a memory means nearly the same.
 * The more memories there are, the better is the best of those that have nothing to do with the question, so more is
 * required then.
 */
export function isAnswered(
	{ names }: Question,
	measured: readonly Measured[],
	{ documents, documentsWith }: TermStatistics,
): boolean {
	const most = (value: (signals: Signals) => number) =>
		measured.reduce((best, { signals }) => Math.max(best, value(signals)), -Infinity);
	const unknown =
		[...names].filter((name) => (documentsWith.get(name) ?? 0) === 0).length / (names.size || 1);
	const evidence = most(sumOf) + coverWeight * most(({ conversationCover }) => conversationCover);
	return (
		evidence >= leastEvidence(documents) + unknownNames * unknown ||
		most(({ meaning }) => meaning) >= leastMeaning(documents)
	);
}
