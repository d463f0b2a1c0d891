import type { MeasuredMemory, Signals } from "./signals.ts";
import { weights } from "./weights.ts";

/** Why a memory ranks where it does. */
export interface Explanation {
	/** The query's words that occur in the memory, in any form. */
	readonly matched: readonly string[];
	/** With the query; undefined without a vector to compare. */
	readonly cosine?: number;
	/** What each signal adds to the score before scaling to 0..1, strongest first, without signals that add nothing. */
	readonly contributions: readonly { readonly signal: string; readonly adds: number }[];
}

/** Signals by the name that people see. */
const groups: readonly (readonly [signal: string, parts: readonly (keyof Signals)[]])[] = [
	["words", ["words"]],
	["meaning", ["meaning"]],
	["meaning of the words", ["wordMeaning"]],
	[
		"same conversation",
		[
			"conversationWords",
			"conversationMeaning",
			"conversationWordMeaning",
			"conversationCoverage",
			"conversationCrowd",
		],
	],
	["said before or after", ["wordsBefore", "meaningBefore", "wordsAfter", "meaningAfter"]],
	["about the name asked for", ["about"]],
	["from the time asked for", ["time"]],
	["tells a time", ["dated"]],
	["is a question itself", ["question"]],
	["length", ["length"]],
];

export function explain({ matched, cosine, signals }: MeasuredMemory): Explanation {
	const contributions = groups
		.map(([signal, parts]) => ({
			signal,
			adds: hundredths(parts.reduce((sum, part) => sum + weights[part] * signals[part], 0)),
		}))
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
