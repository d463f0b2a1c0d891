import { builtinCalibration, type Calibration } from "../endpoints/calibration.ts";
import type { StoredMemory, TermStatistics } from "../store/memoryStore.ts";
import { indexTerms } from "../store/terms.ts";

export interface ScoredMemory {
	readonly memory: StoredMemory;
	/** How well it answers the query, in 0..1. */
	readonly score: number;
}

export interface RankingQuery {
	readonly terms: readonly string[];
	readonly statistics: TermStatistics;
}

/**
 * The parameters of the fusion, set on the development conversations of LoCoMo: recall@5 is flat around them, the
 * threshold keeps 95 of 100 first right answers and silences about half of the questions asked of the wrong conversation.
 */
export const ranking = {
	cosineWeight: 0.5,
	/** Matches below this score answer nothing. */
	threshold: 0.2,
	/** BM25: saturation of repeated terms, and how much long texts are held back. */
	k1: 1.2,
	b: 0.4,
	/** A text counts as at most so many times the average length: a long one must not hide the word it holds. */
	longest: 4,
};

/** Words an average memory holds; only ratios to it matter. */
const averageLength = 16;

/**
 * Scores candidates by both signals and leaves out the weak ones, best first; of equal ones the newer first.
 * @param cosines by `seq`; undefined when the query could not be embedded, so that keywords alone count.
 * @param calibration of the model the cosines are of.
 */
export function rank(
	query: RankingQuery,
	candidates: readonly StoredMemory[],
	cosines: ReadonlyMap<number, number> | undefined,
	limit: number,
	calibration: Calibration = builtinCalibration,
): ScoredMemory[] {
	const weights = termWeights(query);
	return candidates
		.map((memory) => {
			const keyword = keywordScore(memory.text, weights);
			const cosine = cosines?.get(memory.seq);
			return {
				memory,
				score: cosine === undefined ? keyword : fused(closeness(cosine, calibration), keyword),
			};
		})
		.filter(({ score }) => score >= ranking.threshold)
		.sort(
			(a, b) => b.score - a.score || b.memory.createdAt - a.memory.createdAt || b.memory.seq - a.memory.seq,
		)
		.slice(0, limit);
}

function fused(close: number, keyword: number): number {
	return ranking.cosineWeight * close + (1 - ranking.cosineWeight) * keyword;
}

/** A cosine as 0 (unrelated) to 1 (the same). */
function closeness(cosine: number, { unrelated, same }: Calibration): number {
	return Math.min(1, Math.max(0, (cosine - unrelated) / (same - unrelated)));
}

/** Each term's share of what the query asks, by inverse document frequency; the shares add up to 1. */
function termWeights({ terms, statistics: { documents, documentsWith } }: RankingQuery): Map<string, number> {
	const frequencies = terms.map((term) => {
		const found = documentsWith.get(term) ?? 0;
		return Math.log(1 + (documents - found + 0.5) / (found + 0.5));
	});
	const total = frequencies.reduce((sum, idf) => sum + idf, 0);
	return new Map(terms.map((term, index) => [term, (frequencies[index] as number) / (total || 1)]));
}

/** BM25 as a share of what a text of average length that holds every term once would get, at most 1. */
function keywordScore(text: string, weights: ReadonlyMap<string, number>): number {
	const terms = indexTerms(text);
	const counts = new Map<string, number>();
	for (const term of terms) if (weights.has(term)) counts.set(term, (counts.get(term) ?? 0) + 1);
	const length = 1 - ranking.b + ranking.b * Math.min(ranking.longest, terms.length / averageLength);
	let score = 0;
	for (const [term, count] of counts) {
		score += ((weights.get(term) as number) * count * (ranking.k1 + 1)) / (count + ranking.k1 * length);
	}
	return Math.min(1, score);
}
