import { fingerprint } from "../../../src/text/fingerprint.ts";
import type { Collection, Query } from "./sets.ts";

export const cutoffs = [1, 5, 10] as const;
const most = 10;

/** How one question fared. */
export interface Outcome {
	readonly answerable: boolean;
	/** For each cutoff, the share of what is relevant that so many first memories carry. */
	readonly recall: readonly number[];
	/** 1 / rank of the first relevant memory; 0 where none of the first 10 is. */
	readonly reciprocalRank: number;
	readonly ndcg: number;
	readonly empty: boolean;
	/** The score of the best, and whether it is relevant. Undefined for a search without scores. */
	readonly best: { readonly score: number; readonly right: boolean } | undefined;
}

export interface Found {
	readonly text: string;
	readonly score?: number | undefined;
}

/** Judges answers. A text that is there twice is one memory, which carries the ids of both. */
export class Judge {
	readonly #ids = new Map<string, string[]>();
	readonly #wholeRecall: boolean;

	constructor({ items }: Collection, wholeRecall: boolean) {
		this.#wholeRecall = wholeRecall;
		for (const { request, ids } of items) {
			const key = fingerprint(request.text);
			this.#ids.set(key, [...(this.#ids.get(key) ?? []), ...ids]);
		}
	}

	/** How many of the query's relevant ids a memory carries. */
	gain({ relevant }: Query, text: string): number {
		const ids = new Set(this.#ids.get(fingerprint(text)));
		return new Set(relevant).size === 0 ? 0 : relevant.filter((id) => ids.has(id)).length;
	}

	/** @param found best first. */
	judge({ relevant }: Query, found: readonly Found[]): Outcome {
		const wanted = new Set(relevant);
		const seen = new Set<string>();
		let reciprocalRank = 0;
		let dcg = 0;
		const after = found.slice(0, most).map(({ text }, index) => {
			const before = seen.size;
			for (const id of this.#ids.get(fingerprint(text)) ?? []) if (wanted.has(id)) seen.add(id);
			if (seen.size > before) {
				reciprocalRank ||= 1 / (index + 1);
				dcg += 1 / Math.log2(index + 2);
			}
			return seen.size;
		});
		const ideal = sum(Array.from({ length: Math.min(most, wanted.size) }, (_, at) => 1 / Math.log2(at + 2)));
		const score = found[0]?.score;
		return {
			answerable: wanted.size > 0,
			recall: cutoffs.map(
				(cutoff) =>
					(after[Math.min(cutoff, after.length) - 1] ?? 0) /
					(this.#wholeRecall ? wanted.size : Math.min(cutoff, wanted.size)),
			),
			reciprocalRank,
			ndcg: Math.min(1, dcg / ideal),
			empty: found.length === 0,
			best: score === undefined ? undefined : { score, right: reciprocalRank === 1 },
		};
	}
}

/** The area under the ROC curve: the chance that a positive has a greater value than a negative. */
export function areaUnderCurve(positives: readonly number[], negatives: readonly number[]): number {
	let wins = 0;
	for (const positive of positives)
		for (const negative of negatives) wins += positive > negative ? 1 : positive === negative ? 0.5 : 0;
	return wins / (positives.length * negatives.length);
}

/** Expected calibration error: how far the score is from the share that is right, over ten bins of the score. */
export function calibrationError(
	scored: readonly { readonly score: number; readonly right: boolean }[],
): number {
	const bins = Map.groupBy(scored, ({ score }) => Math.min(9, Math.floor(score * 10)));
	return sum(
		[...bins.values()].map(
			(bin) => Math.abs(sum(bin.map(({ score, right }) => score - Number(right)))) / scored.length,
		),
	);
}

export function mean(values: readonly number[]): number {
	return sum(values) / values.length;
}

function sum(values: readonly number[]): number {
	return values.reduce((total, value) => total + value, 0);
}
