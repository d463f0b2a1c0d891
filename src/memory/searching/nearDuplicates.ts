import { contentTerms } from "../../text/terms.ts";
import type { RankedMemory } from "./rankedMemory.ts";

/** Say nothing by themselves. Any other word that differs, such as a number or "not", makes another fact. */
export const fillers: ReadonlySet<string> = new Set(
	contentTerms("now just also always still currently really very quite simply"),
);

/** The best `limit`; of texts with the same words only the best one, unless there is nothing else. */
export function withoutNearDuplicates(
	ranked: readonly RankedMemory[],
	limit: number,
): readonly RankedMemory[] {
	const distinct = new Map<string, RankedMemory>();
	const duplicates: RankedMemory[] = [];
	for (const one of ranked) {
		if (distinct.size === limit) break;
		const key = wordsOf(one.memory.text);
		if (distinct.has(key)) duplicates.push(one);
		else distinct.set(key, one);
	}
	const kept = new Set([...distinct.values(), ...duplicates].slice(0, limit));
	return ranked.filter((one) => kept.has(one));
}

function wordsOf(text: string): string {
	const words = contentTerms(text).filter((term) => !fillers.has(term));
	return words.length > 0 ? words.toSorted().join(" ") : text;
}
