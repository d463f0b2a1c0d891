import type { Signals } from "./signals.ts";

/*
 * All numbers here are learned by `node test/bench/fit.ts`, from data sets of several kinds that weigh the same; see
 * docs/search.md. None is of one data set.
 */

/** The evidence in a memory itself is the sum of its signals, times these. */
export const evidenceWeights: Signals = {
	words: 4.87,
	spelling: 6.11,
	meaning: 3.73,
	wordMeaning: 5.8,
	time: 4.2,
	dated: 1.82,
};

/** What a memory is part of, relative to the other candidates; 0 for a memory without a conversation. */
export interface Context {
	/** How likely the memories just before and after it in its conversation are, compared with it. */
	readonly surroundings: number;
	/** How likely a memory of its conversation is, compared with any candidate. */
	readonly conversation: number;
}

/** The rank is by the sum of these. */
export const sumWeights: Context & { readonly evidence: number } = {
	evidence: 0.91,
	surroundings: 0.64,
	conversation: 0.62,
};

export const signalNames = Object.keys(evidenceWeights) as (keyof Signals)[];

export function evidenceOf(signals: Signals): number {
	return signalNames.reduce((sum, name) => sum + evidenceWeights[name] * signals[name], 0);
}
