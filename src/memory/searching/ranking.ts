import type { StoredMemory } from "../../store/types.ts";
import type { Question } from "./question.ts";
import { type Measured, measure, type Pool, type Signals } from "./signals.ts";

export interface ScoredMemory {
	readonly memory: StoredMemory;
	/** How well it answers the query, in 0..1. */
	readonly score: number;
	/** What the score is made of. */
	readonly measured: Measured;
}

/**
 * The weights of the linear fusion and the scale of its scores, learned by `node test/bench/fit.ts` from the
 * development conversations of LoCoMo, facts and turns together, with the built-in model and with one that tells nothing
 * of words (listwise softmax, L2).
 */
export const weights: Signals = {
	words: 2.31,
	meaning: 3.31,
	wording: 3.22,
	conversationWords: 0.27,
	conversationMeaning: 3.41,
	conversationWording: 7.93,
	conversationCover: 2.09,
	conversationCrowd: -0.93,
	wordsBefore: 1.11,
	meaningBefore: 1.19,
	wordsAfter: 0.49,
	meaningAfter: 0.01,
	about: 0.94,
	time: 5.84,
	dated: 1.34,
	question: -1.8,
	length: 0.47,
};

export const scale = {
	/** The sum of weighted signals that is a score of one half, and how steep scores are around it. */
	half: 9.9,
	slope: 0.36,
	/** Matches with a lower score are left out, and those below such a share of the best one's. */
	floor: 0.08,
	share: 0.35,
};

/**
 * Whether anything answers at all, set on questions asked of the conversation of LoCoMo they belong to and of others:
 * some conversation holds enough of what is asked, or a memory means nearly the same. The more memories there are, the
 * better is the best of those that have nothing to do with the question; so much more is asked for.
 */
export const answers = {
	/** Least sum of the best memory and the best cover. */
	least: (documents: number) => 6.2 + 0.32 * logOf(documents),
	/** What the cover counts in it. */
	cover: 9,
	/** How much more is asked for where no memory knows the names that are asked about; by their share. */
	strangers: 5,
	/** Least closeness (`meaning`) where words are no help. */
	meaning: (documents: number) => 0.3 + 0.06 * logOf(documents),
};

/** Bounded: beyond a thousand memories, right answers would be lost. */
function logOf(documents: number): number {
	return Math.log(Math.min(1000, Math.max(1, documents)));
}

/** Scores the pool and leaves out weak matches, best first; of equal ones the newer first. Empty when nothing answers. */
export function rank(question: Question, pool: Pool, limit: number): ScoredMemory[] {
	const all = measure(question, pool);
	const most = (value: (signals: Signals) => number) =>
		all.reduce((best, { signals }) => Math.max(best, value(signals)), -Infinity);
	const evidence = most(sumOf) + answers.cover * most(({ conversationCover }) => conversationCover);
	const { documents, documentsWith } = pool.statistics;
	const names = [...question.names];
	const unknown = names.filter((name) => (documentsWith.get(name) ?? 0) === 0).length / (names.length || 1);
	const least = answers.least(documents) + answers.strangers * unknown;
	const alike = most(({ meaning }) => meaning);
	if (!(evidence >= least || alike >= answers.meaning(documents))) return [];
	const floor = Math.max(scale.floor, scale.share * most(scoreOf));
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

export const signalNames = Object.keys(weights) as (keyof Signals)[];

/** In 0..1. */
export function scoreOf(signals: Signals): number {
	return 1 / (1 + Math.exp(-scale.slope * (sumOf(signals) - scale.half)));
}

function sumOf(signals: Signals): number {
	return signalNames.reduce((sum, name) => sum + weights[name] * signals[name], 0);
}
