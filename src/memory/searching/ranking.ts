import { isAnswered } from "./noAnswer.ts";
import type { Question } from "./question.ts";
import { type MeasuredMemory, measure, type Pool, type Signals } from "./signals.ts";
import { weightedSum } from "./weights.ts";

export interface ScoredMemory extends MeasuredMemory {
	/** How well it answers the query, in 0..1. */
	readonly score: number;
}

export const scale = {
	/** The weighted sum that scores one half, and the slope of the logistic function. */
	half: 9.9,
	slope: 0.36,
	/** Weak matches are left out: the minimum score, absolute and as a share of the best one. */
	floor: 0.08,
	share: 0.35,
};

/** The matches, best first, ties newest first, without weak ones. Empty if nothing answers. */
export function rank(question: Question, pool: Pool, limit: number): ScoredMemory[] {
	const all = measure(question, pool);
	if (!isAnswered(question, all, pool.statistics)) return [];
	const best = all.reduce((highest, { signals }) => Math.max(highest, scoreOf(signals)), 0);
	const floor = Math.max(scale.floor, scale.share * best);
	return all
		.map((measured) => ({ ...measured, score: scoreOf(measured.signals) }))
		.filter(({ score }) => score >= floor)
		.sort(
			(one, other) =>
				other.score - one.score ||
				other.memory.createdAt - one.memory.createdAt ||
				other.memory.seq - one.memory.seq,
		)
		.slice(0, limit);
}

/** In 0..1. */
function scoreOf(signals: Signals): number {
	return 1 / (1 + Math.exp(-scale.slope * (weightedSum(signals) - scale.half)));
}
