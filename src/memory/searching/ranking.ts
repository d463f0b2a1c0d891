import type { StoredMemory } from "../../store/types.ts";
import { isAnswered } from "./noAnswer.ts";
import type { Question } from "./question.ts";
import { type Measured, measure, type Pool, type Signals } from "./signals.ts";
import { sumOf } from "./weights.ts";

export interface ScoredMemory {
	readonly memory: StoredMemory;
	/** How well it answers the query, in 0..1. */
	readonly score: number;
	/** What the score is made of. */
	readonly measured: Measured;
}

export const scale = {
	/** The sum of weighted signals that is a score of one half, and how steep scores are around it. */
	half: 9.9,
	slope: 0.36,
	/** Matches with a lower score are left out, and those below such a share of the best one's. */
	floor: 0.08,
	share: 0.35,
};

/** Scores the pool and leaves out weak matches, best first; of equal ones the newer first. Empty when nothing answers. */
export function rank(question: Question, pool: Pool, limit: number): ScoredMemory[] {
	const all = measure(question, pool);
	if (!isAnswered(question, all, pool.statistics)) return [];
	const best = all.reduce((most, { signals }) => Math.max(most, scoreOf(signals)), 0);
	const floor = Math.max(scale.floor, scale.share * best);
	return all
		.map((measured) => ({ memory: measured.memory, score: scoreOf(measured.signals), measured }))
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
export function scoreOf(signals: Signals): number {
	return 1 / (1 + Math.exp(-scale.slope * (sumOf(signals) - scale.half)));
}
