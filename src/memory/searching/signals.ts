import type { Calibration } from "../../endpoints/calibration.ts";
import type { StoredMemory, TermStatistics } from "../../store/types.ts";
import { baseForm, formsOf } from "../../text/irregularForms.ts";
import { fieldTerms, indexTerms } from "../../text/terms.ts";
import { tellsTime } from "../../text/timeExpressions.ts";
import { maxWords, type WordSigns, wordSimilarities } from "../../vectors/wordSigns.ts";
import type { Question } from "./question.ts";

/** Memories that may answer a query, with what the ranking wants to know of them. */
export interface Pool {
	readonly memories: readonly StoredMemory[];
	/** Cosines with the query by `seq`; undefined when the query could not be embedded. */
	readonly cosines?: ReadonlyMap<number, number> | undefined;
	/** What the words of the query and of the memories mean, where the model tells. */
	readonly words?: PoolWords | undefined;
	/** By `seq`, the `seq` of the memory before it in its conversation, where that is known. */
	readonly before?: ReadonlyMap<number, number> | undefined;
	/** Of the query's terms. */
	readonly statistics: TermStatistics;
	/** Of the model the cosines are of. */
	readonly calibration: Calibration;
}

export interface PoolWords {
	/** The words of the query, as it was embedded, and what they mean. */
	readonly asked: readonly string[];
	readonly signs: WordSigns;
	/** By `seq`. */
	readonly of: ReadonlyMap<number, WordSigns>;
	/** Numbers a word. */
	readonly width: number;
}

/**
 * What speaks for a memory, mostly in 0..1. `words` is BM25 as a share of what a text of average length that holds
 * every term once would get; `meaning` the cosine between `unrelated` (0) and `same` (1); `wording` how like each word of
 * the query the memory's word most like it is, by what they mean where they stand; a rare word counts more.
 * `conversation…` are the best in its conversation and the share of the query that all of it together holds: an answer
 * often lies beside the words that were asked for. A memory without a conversation is one by itself.
 */
export interface Signals {
	readonly words: number;
	readonly meaning: number;
	readonly wording: number;
	readonly conversationWords: number;
	readonly conversationMeaning: number;
	readonly conversationWording: number;
	readonly conversationCover: number;
	/** How much else of its conversation answers as well, as a logarithm: so much less does what is said there tell it apart. */
	readonly conversationCrowd: number;
	readonly wordsBefore: number;
	readonly meaningBefore: number;
	readonly wordsAfter: number;
	readonly meaningAfter: number;
	/** It begins with a name the query asks about, or has it in its metadata. */
	readonly about: number;
	/** It is of a time that the query names. */
	readonly time: number;
	/** The query asks for a time and the text tells one. */
	readonly dated: number;
	/** It asks something itself, and answers little. */
	readonly question: number;
	/** The logarithm of the number of its words. */
	readonly length: number;
}

export interface Measured {
	readonly memory: StoredMemory;
	readonly signals: Signals;
	/** Words of the query it holds, as they were asked. */
	readonly matched: readonly string[];
	/** Undefined where it has no vector, or the query has none. */
	readonly cosine: number | undefined;
}

/** BM25: saturation of repeated terms, and how much long texts are held back. */
const k1 = 1.2;
const b = 0.4;
/** A text counts as at most so many times the average length: a long one must not hide the word it holds. */
const longest = 4;
/** Words an average memory holds; only ratios to it matter. */
const averageLength = 16;
/** What a word in the metadata counts beside one in the text. */
const fieldWeight = 0.5;

export function measure(question: Question, pool: Pool): Measured[] {
	const telling = question.terms.filter((term) => !question.ofTime.has(term));
	const weights = termWeights(telling.length > 0 ? telling : question.terms, pool.statistics);
	const wordWeights = pool.words && weightsOfWords(pool.words.asked, telling, pool.statistics);
	const bases = new Map([...weights.keys()].flatMap((term) => formsOf(term).map((form) => [form, term])));
	const own = pool.memories.map((memory) => {
		const { counts, length } = occurrences(memory, bases);
		const words = keywordScore(counts, length, weights);
		const cosine = pool.cosines?.get(memory.seq);
		// What has no vector is taken to mean as much as its words say.
		const meaning = cosine === undefined ? words : closeness(cosine, pool.calibration);
		const assumed = assumedWording.least + assumedWording.meaning * meaning + assumedWording.words * words;
		const wording = wordingOf(pool.words, memory.seq, wordWeights, assumed);
		return { memory, counts, length, words, cosine, meaning, wording };
	});
	type Own = (typeof own)[number];

	const bySeq = new Map(own.map((one) => [one.memory.seq, one]));
	const after = new Map([...(pool.before ?? [])].map(([seq, before]) => [before, seq]));
	const beside = (links: ReadonlyMap<number, number> | undefined, { memory }: Own) =>
		bySeq.get(links?.get(memory.seq) ?? 0);

	const conversations = new Map<
		string | Own,
		{ words: number; meaning: number; wording: number; held: Set<string>; crowd: number }
	>();
	const conversationOf = (one: Own) => one.memory.conversationId ?? one;
	const answering = ({ words, meaning, wording }: Own) => words + meaning + 1.5 * wording;
	const best = own.reduce((most, one) => Math.max(most, answering(one)), -Infinity);
	const shareOf = (one: Own) => Math.exp(answering(one) - best);
	for (const one of own) {
		const key = conversationOf(one);
		const known = conversations.get(key);
		if (known) {
			known.words = Math.max(known.words, one.words);
			known.meaning = Math.max(known.meaning, one.meaning);
			known.wording = Math.max(known.wording, one.wording);
			known.crowd += shareOf(one);
			for (const term of one.counts.keys()) known.held.add(term);
		} else conversations.set(key, { ...one, held: new Set(one.counts.keys()), crowd: shareOf(one) });
	}
	const covers = new Map(
		[...conversations].map(([key, { held }]) => {
			let cover = 0;
			for (const term of held) cover += weights.get(term) ?? 0;
			return [key, cover];
		}),
	);

	return own.map((one) => {
		const { memory, words, meaning, wording, cosine, counts } = one;
		const conversation = conversations.get(conversationOf(one)) ?? { ...one, crowd: 0 };
		const before = beside(pool.before, one);
		const next = beside(after, one);
		return {
			memory,
			cosine,
			matched: [...counts.keys()].map((term) => question.written.get(term) ?? term),
			signals: {
				words,
				meaning,
				wording,
				conversationWords: conversation.words,
				conversationMeaning: conversation.meaning,
				conversationWording: conversation.wording,
				conversationCover: covers.get(conversationOf(one)) ?? 0,
				conversationCrowd: Math.log1p(Math.max(0, conversation.crowd - shareOf(one))),
				wordsBefore: before?.words ?? 0,
				meaningBefore: before?.meaning ?? 0,
				wordsAfter: next?.words ?? 0,
				meaningAfter: next?.meaning ?? 0,
				about: Number(isAbout(memory, question.names)),
				time: question.times.reduce((best, fits) => Math.max(best, fits(memory.createdAt)), 0),
				dated: Number(question.asksWhen && tellsTime(memory.text)),
				question: Number(/\?\s*(\[[^\]]*\]\s*)?$/.test(memory.text)),
				length: Math.log(1 + one.length),
			},
		};
	});
}

/** Memories that are assumed besides those there are, so that in a small memory a word that one holds is not a common one. */
const assumedDocuments = 20;

/** Inverse document frequency. */
function rarity(term: string, { documents, documentsWith }: TermStatistics): number {
	const found = Math.min(documents, documentsWith.get(term) ?? 0);
	return Math.log(1 + (assumedDocuments + documents - found + 0.5) / (found + 0.5));
}

/** Each term's share of what the query asks, by inverse document frequency; the shares add up to 1. */
function termWeights(terms: readonly string[], statistics: TermStatistics): ReadonlyMap<string, number> {
	const rarities = terms.map((term) => rarity(term, statistics));
	const total = rarities.reduce((sum, idf) => sum + idf, 0);
	return new Map(terms.map((term, index) => [term, (rarities[index] as number) / (total || 1)]));
}

/** What a word of filler counts beside the others' inverse document frequency: it says how they belong together. */
const fillerRarity = 0.4;

/** The shares of the query's words, which add up to 1. */
function weightsOfWords(
	words: readonly string[],
	telling: readonly string[],
	statistics: TermStatistics,
): readonly number[] {
	const told = new Set(telling);
	const rarities = words.map((word) =>
		indexTerms(word)
			.map(baseForm)
			.filter((term) => told.has(term))
			.reduce((most, term) => Math.max(most, rarity(term, statistics)), fillerRarity),
	);
	const total = rarities.reduce((sum, idf) => sum + idf, 0);
	return rarities.map((idf) => idf / total);
}

/**
 * What `wording` is taken to be where no model has told what words mean: what it is on average for a memory that
 * means as much, and holds as much of the query; by `node test/bench/fit.ts`.
 */
const assumedWording = { least: 0.19, meaning: 0.21, words: 0.33 };

function wordingOf(
	words: PoolWords | undefined,
	seq: number,
	weights: readonly number[] | undefined,
	/** What it is taken to be where it is not known. */
	assumed: number,
): number {
	const told = words?.of.get(seq);
	if (!words || !told || !weights) return assumed;
	const likeness = wordSimilarities(words.signs, told, words.width);
	// A text that the model takes apart in another way.
	if (likeness.length !== weights.length) return assumed;
	const wording = likeness.reduce((sum, like, index) => sum + like * (weights[index] as number), 0);
	// What a long text says further on is not told.
	return told.length < maxWords * (words.width / 8) ? wording : Math.max(wording, assumed);
}

/**
 * How often a memory holds each of the terms asked for, and how many words it has.
 * @param bases of all forms of these terms.
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
	words: number,
	weights: ReadonlyMap<string, number>,
): number {
	const length = 1 - b + b * Math.min(longest, words / averageLength);
	let score = 0;
	for (const [term, count] of counts) {
		score += ((weights.get(term) as number) * count * (k1 + 1)) / (count + k1 * length);
	}
	return Math.min(1, score);
}

/** A cosine as 0 (unrelated) to 1 (the same); below 0 for what is even less related. */
function closeness(cosine: number, { unrelated, same }: Calibration): number {
	return Math.min(1, Math.max(-0.5, (cosine - unrelated) / (same - unrelated)));
}

function isAbout(memory: StoredMemory, names: ReadonlySet<string>): boolean {
	if (names.size === 0) return false;
	// "Ada: I moved" is said by Ada; "Ada's cat is black" is about Ada.
	const subject = /^[^\n:]{1,40}(?=:\s)/.exec(memory.text)?.[0] ?? /^\S+/.exec(memory.text)?.[0] ?? "";
	return [...indexTerms(subject), ...fieldTerms(memory)].some((term) => names.has(baseForm(term)));
}
