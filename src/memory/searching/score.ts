import type { TermStatistics } from "../../store/types.ts";
import type { Question } from "./question.ts";
import type { RankedMemory } from "./rankedMemory.ts";
import { rarity } from "./signals.ts";

/** A score below it means: likelier wrong than right. */
export const weakBelow = 0.5;

/** What tells how likely a result is right; apart from `behind`, all of it is about the best one. */
export interface Prospects {
	/** Always 1. */
	readonly base: number;
	/** How far a result is behind the best. */
	readonly behind: number;
	/** How far the second is, or a memory would be in which nothing speaks for it. */
	readonly lead: number;
	readonly meaning: number;
	/** How much nearer it is in meaning than other candidates are. */
	readonly meaningLead: number;
	/** How much the query's words that it contains tell: the logarithm of their rarities' sum. */
	readonly matched: number;
	/** The rarity of the query's rarest word: the rarer, the surer one may be that the answer has it. */
	readonly rarest: number;
}

/** Learned by `node test/bench/fit.ts`: a logistic regression on the first results of every question. */
export const prospectWeights: Prospects = {
	base: -1.02,
	behind: -1.06,
	lead: 0.6,
	meaning: 0.95,
	meaningLead: 0.61,
	matched: 0.6,
	rarest: -0.3,
};

export const prospectNames = Object.keys(prospectWeights) as (keyof Prospects)[];

/** A greater lead says no more. */
const maxLead = 4;
/** The place, by meaning, of the candidate that stands for the others. */
const other = 10;

export type Summed = Pick<RankedMemory, "own" | "sum" | "coverage" | "signals">;

/** @param ranked best first. */
export function prospects(
	{ terms }: Question,
	statistics: TermStatistics,
	ranked: readonly Summed[],
): Prospects | undefined {
	const [best, second] = ranked;
	if (!best) return undefined;
	const rarities = terms.map((term) => rarity(term, statistics));
	const meanings = ranked.map(({ signals }) => signals.meaning).sort((a, b) => b - a);
	const { meaning } = best.signals;
	return {
		base: 1,
		behind: 0,
		lead: Math.min(maxLead, best.own, second ? best.sum - second.sum : Infinity),
		meaning,
		meaningLead: meaning - (meanings[Math.min(other, meanings.length) - 1] ?? meaning),
		matched: Math.log1p(best.coverage * rarities.reduce((sum, each) => sum + each, 0)),
		rarest: Math.max(0, ...rarities),
	};
}

/** Of results with the same, about this share answers the query. */
export function probability(of: Prospects): number {
	const sum = prospectNames.reduce((total, name) => total + prospectWeights[name] * of[name], 0);
	return 1 / (1 + Math.exp(-sum));
}
