import type { TermStatistics } from "../../store/types.ts";
import type { Question } from "./question.ts";
import type { MeasuredMemory, Signals } from "./signals.ts";
import { weightedSum } from "./weights.ts";

/*
 * Decides when a search returns nothing. The constants were tuned on questions of LoCoMo, asked of their own
 * conversation and of others.
 */

/** The minimum evidence: the best weighted sum plus the weighted best coverage. */
const minEvidence = (documents: number) => 6.2 + 0.32 * logOf(documents);
const coverageWeight = 9;
/** Added to the minimum if no memory contains the names in the query, times the share of such names. */
const unknownNamesPenalty = 5;
/** The minimum `meaning` if the evidence does not suffice. */
const minMeaning = (documents: number) => 0.3 + 0.06 * logOf(documents);

/** Bounded: above a thousand memories, a higher minimum would reject right answers. */
function logOf(documents: number): number {
	return Math.log(Math.min(1000, Math.max(1, documents)));
}

/**
 * Whether anything answers the question: a conversation contains enough of its words, or a memory is close in meaning.
 * The more memories there are, the better the best unrelated one scores, so the minimum grows with their number.
 */
export function isAnswered(
	{ names }: Question,
	measured: readonly MeasuredMemory[],
	{ documents, documentsWith }: TermStatistics,
): boolean {
	const best = (value: (signals: Signals) => number) =>
		measured.reduce((most, { signals }) => Math.max(most, value(signals)), -Infinity);
	const unknownShare =
		[...names].filter((name) => (documentsWith.get(name) ?? 0) === 0).length / (names.size || 1);
	const evidence =
		best(weightedSum) + coverageWeight * best(({ conversationCoverage }) => conversationCoverage);
	return (
		evidence >= minEvidence(documents) + unknownNamesPenalty * unknownShare ||
		best(({ meaning }) => meaning) >= minMeaning(documents)
	);
}
