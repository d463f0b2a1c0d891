import type { RankedMemory } from "./rankedMemory.ts";
import type { Signals } from "./signals.ts";
import { evidenceWeights, signalNames, sumWeights } from "./weights.ts";

/** Why a memory ranks where it does. */
export interface Explanation {
	/** The query's words that occur in the memory, in any form. */
	readonly matched: readonly string[];
	/** With the query; undefined without a vector to compare. */
	readonly cosine?: number;
	/** What adds how much to the sum that the rank is by, strongest first, without what adds nothing. */
	readonly contributions: readonly { readonly signal: string; readonly adds: number }[];
}

/** Signals by the name that people see. */
const titles: Readonly<Record<keyof Signals, string>> = {
	words: "words",
	spelling: "words in another form",
	meaning: "meaning",
	wordMeaning: "meaning of the words",
	time: "from the time asked for",
	dated: "tells a time",
};

export function explain({ matched, cosine, signals, context, newer }: RankedMemory): Explanation {
	const contributions = [
		...signalNames.map((name) => ({
			signal: titles[name],
			adds: sumWeights.evidence * evidenceWeights[name] * signals[name],
		})),
		{ signal: "said before or after", adds: sumWeights.surroundings * context.surroundings },
		{ signal: "same conversation", adds: sumWeights.conversation * context.conversation },
		{ signal: "newer than what it replaces", adds: newer },
	]
		.map(({ signal, adds }) => ({ signal, adds: hundredths(adds) }))
		.filter(({ adds }) => adds !== 0)
		.sort((one, other) => Math.abs(other.adds) - Math.abs(one.adds));
	return { matched, ...(cosine === undefined ? {} : { cosine: hundredths(cosine) }), contributions };
}

/** One line: `words +3.89 (deploy, ship), meaning +2.10 (cosine 0.50), …`. */
export function explanationText({ matched, cosine, contributions }: Explanation): string {
	const details: Readonly<Record<string, string>> = {
		words: matched.length > 0 ? ` (${matched.join(", ")})` : "",
		meaning: cosine === undefined ? " (no vector)" : ` (cosine ${cosine.toFixed(2)})`,
	};
	return contributions
		.map(
			({ signal, adds }) =>
				`${signal} ${adds < 0 ? "−" : "+"}${Math.abs(adds).toFixed(2)}${details[signal] ?? ""}`,
		)
		.join(", ");
}

function hundredths(value: number): number {
	return Math.round(value * 100) / 100;
}
