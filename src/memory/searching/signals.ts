import type { Calibration } from "../../endpoints/calibration.ts";
import type { Candidates, StoredMemory, TermStatistics } from "../../store/types.ts";
import { baseForm, formsOf } from "../../text/irregularForms.ts";
import { spelledLike } from "../../text/spelling.ts";
import { fieldTerms, indexTerms } from "../../text/terms.ts";
import { mentionsTime } from "../../text/timeExpressions.ts";
import { type WordSigns, wordSimilarities } from "../../vectors/wordSigns.ts";
import type { Question } from "./question.ts";

/** Memories that may answer a query, and the data to rank them by. */
export interface Pool extends Pick<Candidates, "memories" | "cosines" | "before" | "statistics"> {
	/** The word signs of the query and the memories, if the model provides them. */
	readonly words?: PoolWords | undefined;
	/** Calibration of the model of `cosines`. */
	readonly calibration: Calibration;
}

interface PoolWords {
	/** The words of the embedded query, and their signs. */
	readonly queryWords: readonly string[];
	readonly querySigns: WordSigns;
	/** By `seq`. */
	readonly memorySigns: ReadonlyMap<number, WordSigns>;
	/** Components per word. */
	readonly width: number;
}

/**
 * The evidence in a memory itself, mostly in 0..1. Where a memory lacks a vector, the mean of the other candidates; where
 * all do, their words speak for their meaning.
 */
export interface Signals {
	/** BM25 as a share of the score of an average text that contains every term once. */
	readonly words: number;
	/** The share of the other words of the query that it contains in another form or spelling, times how alike they are. */
	readonly spelling: number;
	/** The cosine on a scale from `unrelated` (0) to `same` (1). */
	readonly meaning: number;
	/** The mean similarity, in context, of each word of the query to the most similar word of the memory; rare words weigh more. */
	readonly wordMeaning: number;
	/** How well it fits a time that the query names. */
	readonly time: number;
	/** Whether the query asks for a time and the text mentions one. */
	readonly dated: number;
}

export interface MeasuredMemory {
	readonly memory: StoredMemory;
	readonly signals: Signals;
	/** The query's words that occur in the memory, as written in the query. */
	readonly matched: readonly string[];
	/** The share of the query's terms that occur in it, the rarer the weightier. */
	readonly coverage: number;
	/** Undefined if it or the query has no vector. */
	readonly cosine: number | undefined;
}

/** BM25: saturation of repeated terms, and length normalisation. */
const k1 = 1.2;
const b = 0.6;
/** Caps a text's length, in average lengths: a long text must not hide a word it contains. */
const maxRelativeLength = 4;
/** How much a word in the metadata counts, compared with one in the text. */
const fieldWeight = 0.5;

export function measure(question: Question, pool: Pool): MeasuredMemory[] {
	const contentTerms = question.terms.filter((term) => !question.timeTerms.has(term));
	const terms = contentTerms.length > 0 ? contentTerms : question.terms;
	const weights = termWeights(terms, pool.statistics);
	const wordWeights = pool.words && weightsOfWords(pool.words.queryWords, terms, pool.statistics);
	const bases = new Map(terms.flatMap((term) => formsOf(term).map((form) => [form, term])));
	const texts = pool.memories.map((memory) => occurrences(memory, bases));
	const alike = new Map(terms.map((term) => [term, spelledLike(term)]));
	const averageLength = meanOf(texts.map((text) => text.terms.length)) ?? 1;
	const wordMeanings = pool.memories.map(({ seq }) => wordMeaningOf(pool.words, seq, wordWeights));
	const meanings = pool.memories.map(({ seq }) => {
		const cosine = pool.cosines?.get(seq);
		return cosine === undefined ? undefined : closeness(cosine, pool.calibration);
	});
	const meanWordMeaning = meanOf(wordMeanings);
	const meanMeaning = meanOf(meanings);
	return pool.memories.map((memory, index) => {
		const { counts, terms: present } = texts[index] as Occurrences;
		const matched = [...counts.keys()];
		const words = keywordScore(counts, present.length / (averageLength || 1), weights);
		return {
			memory,
			cosine: pool.cosines?.get(memory.seq),
			matched: matched.map((term) => question.written.get(term) ?? term),
			coverage: matched.reduce((sum, term) => sum + (weights.get(term) ?? 0), 0),
			signals: {
				words,
				spelling: spellingScore(
					terms.filter((term) => !counts.has(term)),
					present,
					alike,
					weights,
				),
				meaning: meanings[index] ?? meanMeaning ?? words,
				wordMeaning: wordMeanings[index] ?? meanWordMeaning ?? words,
				time: question.times.reduce((best, fits) => Math.max(best, fits(memory.createdAt)), 0),
				dated: Number(question.asksWhen && mentionsTime(memory.text)),
			},
		};
	});
}

function meanOf(values: readonly (number | undefined)[]): number | undefined {
	const known = values.filter((value) => value !== undefined);
	return known.length === 0 ? undefined : known.reduce((sum, value) => sum + value, 0) / known.length;
}

/** Added to the number of memories, so that a word in one of very few memories does not count as common. */
const assumedDocuments = 20;

/** Inverse document frequency. */
export function rarity(term: string, { documents, documentsWith }: TermStatistics): number {
	const frequency = Math.min(documents, documentsWith.get(term) ?? 0);
	return Math.log(1 + (assumedDocuments + documents - frequency + 0.5) / (frequency + 0.5));
}

/** The terms' inverse document frequencies, scaled to add up to 1. */
function termWeights(terms: readonly string[], statistics: TermStatistics): ReadonlyMap<string, number> {
	const rarities = terms.map((term) => rarity(term, statistics));
	const total = rarities.reduce((sum, idf) => sum + idf, 0);
	return new Map(terms.map((term, index) => [term, (rarities[index] as number) / (total || 1)]));
}

/** A stop word's weight beside the other words' inverse document frequencies: it shows how they relate. */
const stopWordRarity = 0.4;

/** The weights of the query's words, which add up to 1. */
function weightsOfWords(
	words: readonly string[],
	contentTerms: readonly string[],
	statistics: TermStatistics,
): readonly number[] {
	const counted = new Set(contentTerms);
	const rarities = words.map((word) =>
		indexTerms(word)
			.map(baseForm)
			.filter((term) => counted.has(term))
			.reduce((rarest, term) => Math.max(rarest, rarity(term, statistics)), stopWordRarity),
	);
	const total = rarities.reduce((sum, idf) => sum + idf, 0);
	return rarities.map((idf) => idf / total);
}

/** Undefined where it is not known. */
function wordMeaningOf(
	words: PoolWords | undefined,
	seq: number,
	weights: readonly number[] | undefined,
): number | undefined {
	const signs = words?.memorySigns.get(seq);
	if (!words || !signs || !weights) return undefined;
	const similarities = wordSimilarities(words.querySigns, signs, words.width);
	// The model split the query into other words than `wordsOf`.
	if (similarities.length !== weights.length) return undefined;
	return similarities.reduce((sum, each, index) => sum + each * (weights[index] as number), 0);
}

interface Occurrences {
	/** How often the memory contains each of the query's terms. */
	readonly counts: ReadonlyMap<string, number>;
	/** In order and with repeats. */
	readonly terms: readonly string[];
}

/** @param bases maps all forms of the query's terms to the terms. */
function occurrences(memory: StoredMemory, bases: ReadonlyMap<string, string>): Occurrences {
	const terms = indexTerms(memory.text);
	const counts = new Map<string, number>();
	for (const term of terms) {
		const base = bases.get(term);
		if (base !== undefined) counts.set(base, (counts.get(base) ?? 0) + 1);
	}
	for (const term of fieldTerms(memory)) {
		const base = bases.get(term);
		if (base !== undefined && !counts.has(base)) counts.set(base, fieldWeight);
	}
	return { counts, terms };
}

/** @param relativeLength in average lengths. */
function keywordScore(
	counts: ReadonlyMap<string, number>,
	relativeLength: number,
	weights: ReadonlyMap<string, number>,
): number {
	const normalisation = 1 - b + b * Math.min(maxRelativeLength, relativeLength);
	let score = 0;
	for (const [term, count] of counts) {
		score += ((weights.get(term) as number) * count * (k1 + 1)) / (count + k1 * normalisation);
	}
	return Math.min(1.5, score);
}

function spellingScore(
	missing: readonly string[],
	present: readonly string[],
	alike: ReadonlyMap<string, (other: string) => number>,
	weights: ReadonlyMap<string, number>,
): number {
	let score = 0;
	for (const term of missing) {
		const likeness = alike.get(term);
		let best = 0;
		if (likeness) for (const other of present) best = Math.max(best, likeness(other));
		score += best * (weights.get(term) ?? 0);
	}
	return score;
}

/** Maps a cosine to 0 (unrelated) .. 1 (the same); negative if even less related. */
function closeness(cosine: number, { unrelated, same }: Calibration): number {
	return Math.min(1, Math.max(-0.5, (cosine - unrelated) / (same - unrelated)));
}
