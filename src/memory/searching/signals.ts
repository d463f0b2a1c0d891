import type { Calibration } from "../../endpoints/calibration.ts";
import type { Candidates, StoredMemory, TermStatistics } from "../../store/types.ts";
import { baseForm, formsOf } from "../../text/irregularForms.ts";
import { fieldTerms, indexTerms } from "../../text/terms.ts";
import { mentionsTime } from "../../text/timeExpressions.ts";
import { maxWords, type WordSigns, wordSimilarities } from "../../vectors/wordSigns.ts";
import type { Question } from "./question.ts";

/** Memories that may answer a query, and the data to rank them by. */
export interface Pool extends Pick<Candidates, "memories" | "cosines" | "before"> {
	/** The word signs of the query and the memories, if the model provides them. */
	readonly words?: PoolWords | undefined;
	/** Statistics of the query's terms. */
	readonly statistics: TermStatistics;
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
 * The evidence for a memory, mostly in 0..1. An answer is often near the words of the question, so the conversation
 * counts, too: `conversation…` are the best values in it. A memory without a conversation is one by itself.
 */
export interface Signals {
	/** BM25 as a share of the score of an average-length text that contains every term once. */
	readonly words: number;
	/** The cosine on a scale from `unrelated` (0) to `same` (1). */
	readonly meaning: number;
	/** The mean similarity, in context, of each word of the query to the most similar word of the memory; rare words weigh more. */
	readonly wordMeaning: number;
	readonly conversationWords: number;
	readonly conversationMeaning: number;
	readonly conversationWordMeaning: number;
	/** The share of the query that the memories of the conversation contain together. */
	readonly conversationCoverage: number;
	/** How many other memories of the conversation answer as well, as a logarithm: the more, the less they distinguish this one. */
	readonly conversationCrowd: number;
	readonly wordsBefore: number;
	readonly meaningBefore: number;
	readonly wordsAfter: number;
	readonly meaningAfter: number;
	/** Whether it begins with a name in the query, or has one in its metadata. */
	readonly about: number;
	/** How well it fits a time that the query names. */
	readonly time: number;
	/** Whether the query asks for a time and the text mentions one. */
	readonly dated: number;
	/** Whether it is itself a question, which answers little. */
	readonly question: number;
	/** The logarithm of its number of words. */
	readonly length: number;
}

export interface MeasuredMemory {
	readonly memory: StoredMemory;
	readonly signals: Signals;
	/** The query's words that occur in the memory, as written in the query. */
	readonly matched: readonly string[];
	/** Undefined if it or the query has no vector. */
	readonly cosine: number | undefined;
}

/** BM25: saturation of repeated terms, and length normalisation. */
const k1 = 1.2;
const b = 0.4;
/** Caps a text's length, in average lengths: a long text must not hide a word it contains. */
const maxRelativeLength = 4;
/** Words in an average memory; only ratios to it matter. */
const averageLength = 16;
/** How much a word in the metadata counts, compared with one in the text. */
const fieldWeight = 0.5;

export function measure(question: Question, pool: Pool): MeasuredMemory[] {
	const contentTerms = question.terms.filter((term) => !question.timeTerms.has(term));
	const weights = termWeights(contentTerms.length > 0 ? contentTerms : question.terms, pool.statistics);
	const wordWeights = pool.words && weightsOfWords(pool.words.queryWords, contentTerms, pool.statistics);
	const bases = new Map([...weights.keys()].flatMap((term) => formsOf(term).map((form) => [form, term])));
	const candidates = pool.memories.map((memory) => {
		const { counts, length } = occurrences(memory, bases);
		const words = keywordScore(counts, length, weights);
		const cosine = pool.cosines?.get(memory.seq);
		// Without a vector, assumes that a memory is as close in meaning as in words.
		const meaning = cosine === undefined ? words : closeness(cosine, pool.calibration);
		const assumed =
			assumedWordMeaning.base + assumedWordMeaning.meaning * meaning + assumedWordMeaning.words * words;
		const wordMeaning = wordMeaningOf(pool.words, memory.seq, wordWeights, assumed);
		return { memory, counts, length, words, cosine, meaning, wordMeaning };
	});
	type Candidate = (typeof candidates)[number];

	const bySeq = new Map(candidates.map((candidate) => [candidate.memory.seq, candidate]));
	const after = new Map([...pool.before].map(([seq, before]) => [before, seq]));
	const neighbour = (links: ReadonlyMap<number, number>, { memory }: Candidate) =>
		bySeq.get(links.get(memory.seq) ?? 0);

	const conversations = new Map<
		string | Candidate,
		{ words: number; meaning: number; wordMeaning: number; terms: Set<string>; crowd: number }
	>();
	const conversationKey = (candidate: Candidate) => candidate.memory.conversationId ?? candidate;
	const strength = ({ words, meaning, wordMeaning }: Candidate) => words + meaning + 1.5 * wordMeaning;
	const strongest = candidates.reduce((most, each) => Math.max(most, strength(each)), -Infinity);
	const relativeStrength = (candidate: Candidate) => Math.exp(strength(candidate) - strongest);
	for (const candidate of candidates) {
		const key = conversationKey(candidate);
		const conversation = conversations.get(key);
		if (conversation) {
			conversation.words = Math.max(conversation.words, candidate.words);
			conversation.meaning = Math.max(conversation.meaning, candidate.meaning);
			conversation.wordMeaning = Math.max(conversation.wordMeaning, candidate.wordMeaning);
			conversation.crowd += relativeStrength(candidate);
			for (const term of candidate.counts.keys()) conversation.terms.add(term);
		} else
			conversations.set(key, {
				...candidate,
				terms: new Set(candidate.counts.keys()),
				crowd: relativeStrength(candidate),
			});
	}
	const coverages = new Map(
		[...conversations].map(([key, { terms }]) => {
			let coverage = 0;
			for (const term of terms) coverage += weights.get(term) ?? 0;
			return [key, coverage];
		}),
	);

	return candidates.map((candidate) => {
		const { memory, words, meaning, wordMeaning, cosine, counts } = candidate;
		const conversation = conversations.get(conversationKey(candidate)) ?? { ...candidate, crowd: 0 };
		const before = neighbour(pool.before, candidate);
		const next = neighbour(after, candidate);
		return {
			memory,
			cosine,
			matched: [...counts.keys()].map((term) => question.written.get(term) ?? term),
			signals: {
				words,
				meaning,
				wordMeaning,
				conversationWords: conversation.words,
				conversationMeaning: conversation.meaning,
				conversationWordMeaning: conversation.wordMeaning,
				conversationCoverage: coverages.get(conversationKey(candidate)) ?? 0,
				conversationCrowd: Math.log1p(Math.max(0, conversation.crowd - relativeStrength(candidate))),
				wordsBefore: before?.words ?? 0,
				meaningBefore: before?.meaning ?? 0,
				wordsAfter: next?.words ?? 0,
				meaningAfter: next?.meaning ?? 0,
				about: Number(isAbout(memory, question.names)),
				time: question.times.reduce((best, fits) => Math.max(best, fits(memory.createdAt)), 0),
				dated: Number(question.asksWhen && mentionsTime(memory.text)),
				question: Number(/\?\s*(\[[^\]]*\]\s*)?$/.test(memory.text)),
				length: Math.log(1 + candidate.length),
			},
		};
	});
}

/** Added to the number of memories, so that a word in one of very few memories does not count as common. */
const assumedDocuments = 20;

/** Inverse document frequency. */
function rarity(term: string, { documents, documentsWith }: TermStatistics): number {
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

/**
 * Predicts `wordMeaning` for memories without word signs: its average for a memory with the same `meaning` and `words`,
 * fitted by `node test/bench/fit.ts`.
 */
const assumedWordMeaning = { base: 0.19, meaning: 0.21, words: 0.33 };

/** @param assumed the result for a memory without word signs. */
function wordMeaningOf(
	words: PoolWords | undefined,
	seq: number,
	weights: readonly number[] | undefined,
	assumed: number,
): number {
	const signs = words?.memorySigns.get(seq);
	if (!words || !signs || !weights) return assumed;
	const similarities = wordSimilarities(words.querySigns, signs, words.width);
	// The model split the query into other words than `wordsOf`.
	if (similarities.length !== weights.length) return assumed;
	const mean = similarities.reduce((sum, each, index) => sum + each * (weights[index] as number), 0);
	// The signs cover only the beginning of a long text.
	return signs.length < maxWords * (words.width / 8) ? mean : Math.max(mean, assumed);
}

/**
 * How often a memory contains each of the query's terms, and how many words it has.
 * @param bases maps all forms of these terms to the terms.
 */
function occurrences(memory: StoredMemory, bases: ReadonlyMap<string, string>) {
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
	return { counts, length: terms.length };
}

function keywordScore(
	counts: ReadonlyMap<string, number>,
	length: number,
	weights: ReadonlyMap<string, number>,
): number {
	const normalisation = 1 - b + b * Math.min(maxRelativeLength, length / averageLength);
	let score = 0;
	for (const [term, count] of counts) {
		score += ((weights.get(term) as number) * count * (k1 + 1)) / (count + k1 * normalisation);
	}
	return Math.min(1, score);
}

/** Maps a cosine to 0 (unrelated) .. 1 (the same); negative if even less related. */
function closeness(cosine: number, { unrelated, same }: Calibration): number {
	return Math.min(1, Math.max(-0.5, (cosine - unrelated) / (same - unrelated)));
}

function isAbout(memory: StoredMemory, names: ReadonlySet<string>): boolean {
	if (names.size === 0) return false;
	// Ada says "Ada: I moved"; "Ada's cat is black" is about Ada.
	const subject = /^[^\n:]{1,40}(?=:\s)/.exec(memory.text)?.[0] ?? /^\S+/.exec(memory.text)?.[0] ?? "";
	return [...indexTerms(subject), ...fieldTerms(memory)].some((term) => names.has(baseForm(term)));
}
