import type { TermStatistics } from "../../store/types.ts";
import type { Question } from "./question.ts";
import type { RankedMemory } from "./rankedMemory.ts";

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
	readonly coverage: number;
	readonly meaning: number;
	/** The share of the query's terms that no memory contains. */
	readonly unknown: number;
}

/** Learned by `node test/bench/fit.ts`: a logistic regression on the first results of every question. */
export const prospectWeights: Prospects = {
	base: -1.65,
	behind: -1.07,
	lead: 0.68,
	coverage: 0.94,
	meaning: 0.97,
	unknown: -1.02,
};

export const prospectNames = Object.keys(prospectWeights) as (keyof Prospects)[];

/** A greater lead says no more. */
const maxLead = 4;

export type Summed = Pick<RankedMemory, "own" | "sum" | "coverage" | "signals">;

/** @param ranked best first. */
export function prospects(
	{ terms }: Question,
	statistics: TermStatistics,
	ranked: readonly Summed[],
): Prospects | undefined {
	const [best, second] = ranked;
	const unknown = terms.filter((term) => !statistics.documentsWith.get(term)).length;
	return (
		best && {
			base: 1,
			behind: 0,
			lead: Math.min(maxLead, best.own, second ? best.sum - second.sum : Infinity),
			coverage: best.coverage,
			meaning: best.signals.meaning,
			unknown: unknown / Math.max(1, terms.length),
		}
	);
}

/** Of results with the same, about this share answers the query. */
export function probability(of: Prospects): number {
	const sum = prospectNames.reduce((total, name) => total + prospectWeights[name] * of[name], 0);
	return 1 / (1 + Math.exp(-sum));
}
