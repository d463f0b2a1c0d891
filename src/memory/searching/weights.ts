import type { Signals } from "./signals.ts";

/**
 * The weights of the linear fusion, learned by `node test/bench/fit.ts` from the development conversations of LoCoMo,
 * facts and turns together, with the word signs of the built-in model and without them (listwise softmax, L2).
 */
export const weights: Signals = {
	words: 2.31,
	meaning: 3.31,
	wordMeaning: 3.22,
	conversationWords: 0.27,
	conversationMeaning: 3.41,
	conversationWordMeaning: 7.93,
	conversationCoverage: 2.09,
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

export const signalNames = Object.keys(weights) as (keyof Signals)[];

/** The score before scaling to 0..1. */
export function weightedSum(signals: Signals): number {
	return signalNames.reduce((sum, name) => sum + weights[name] * signals[name], 0);
}
