import { fingerprint } from "../../src/text/fingerprint.ts";
import type { Conversation, LocomoQuestion } from "./locomo.ts";

export const cutoffs = [1, 5, 10, 20] as const;

/** How one question fared. */
export interface Outcome {
	readonly category: number;
	/** For each cutoff, the share of the question's evidence that so many first memories carry. */
	readonly recall: readonly number[];
	/** 1 / rank of the first memory that carries any; 0 where none of the first 20 does. */
	readonly reciprocalRank: number;
}

/** Which memories carry which evidence. A fact said twice is one memory, which carries the evidence of both. */
export class Evidence {
	readonly #of = new Map<string, string[]>();

	constructor({ items }: Conversation) {
		for (const { request, evidence } of items) {
			const key = fingerprint(request.text);
			this.#of.set(key, [...(this.#of.get(key) ?? []), ...evidence]);
		}
	}

	of(text: string): readonly string[] {
		return this.#of.get(fingerprint(text)) ?? [];
	}

	/** @param found texts of memories, best first. */
	judge({ category, evidence }: LocomoQuestion, found: readonly string[]): Outcome {
		const wanted = new Set(evidence);
		const seen = new Set<string>();
		let reciprocalRank = 0;
		const after = found.slice(0, Math.max(...cutoffs)).map((text, index) => {
			for (const id of this.of(text).filter((one) => wanted.has(one))) {
				reciprocalRank ||= 1 / (index + 1);
				seen.add(id);
			}
			return seen.size / wanted.size;
		});
		const recall = cutoffs.map((cutoff) => after[Math.min(cutoff, after.length) - 1] ?? 0);
		return { category, recall, reciprocalRank };
	}
}

export function mean(values: readonly number[]): number {
	return values.reduce((sum, value) => sum + value, 0) / values.length;
}
