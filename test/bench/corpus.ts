import { Random } from "./random.ts";
import { isTelling, Vocabulary } from "./vocabulary.ts";

export const dimensions = 512;

const vocabularySize = 5000;
/**
 * What the vectors gather around, as facts do around topics: the largest with a fifth of them, many with few. Within
 * a topic they point anywhere, which is harder for an index than what a model makes of real texts.
 */
const centreCount = 100;
/** Length of the noise around a centre of length 1: the cosine of two memories of a topic is about 0.6. */
const noise = 0.8;
/** A query lies about this far from the memory it asks for: a cosine of about 0.86. */
const queryNoise = 0.6;

export interface SyntheticMemory {
	/** 8 to 20 words. */
	readonly text: string;
	/** Of length 1. */
	readonly vector: Float32Array;
}

export interface SyntheticQuery {
	/** A question with rare and common words, and filler. */
	readonly text: string;
	/** Its words without the filler. */
	readonly words: readonly string[];
	readonly vector: Float32Array;
}

export interface Corpus {
	readonly memories: readonly SyntheticMemory[];
	readonly queries: readonly SyntheticQuery[];
}

/** Memories and as many distinct queries for them as asked for; the same ones in every run. */
export function makeCorpus(memoryCount: number, queryCount: number, seed = 1): Corpus {
	// The centres and words do not depend on the seed, so that corpora of several seeds resemble each other.
	const common = new Random(0);
	const vocabulary = new Vocabulary(vocabularySize, common);
	const origin = new Float32Array(dimensions);
	const centres = Array.from({ length: centreCount }, () => near(origin, 1, common));
	const random = new Random(seed);
	const memories = Array.from({ length: memoryCount }, () => ({
		text: sentence(vocabulary, random),
		vector: near(topic(centres, random), noise, random),
	}));
	const queries = Array.from({ length: queryCount }, () => query(random.pick(memories), vocabulary, random));
	return { memories, queries };
}

function topic(centres: readonly Float32Array[], random: Random): Float32Array {
	return centres[Math.floor(centres.length ** random.next()) - 1] as Float32Array;
}

function sentence(vocabulary: Vocabulary, random: Random): string {
	const words = Array.from({ length: random.between(6, 18) }, () => vocabulary.draw(random));
	// Facts that a model distilled very often begin like this.
	const subject = random.next() < 0.3 ? ["the", "user"] : [vocabulary.draw(random), vocabulary.draw(random)];
	const text = [...subject, ...words].join(" ");
	return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}

const questions: readonly (readonly [string, string])[] = [
	["What is the", "of the"],
	["How does the", "work with"],
	["When did we", "for"],
	["Where is", "and"],
	["", ""],
];

/** Asks for a memory by two to four of its own words and up to two that it may not hold. */
function query(memory: SyntheticMemory, vocabulary: Vocabulary, random: Random): SyntheticQuery {
	const own = new Set(memory.text.toLowerCase().replace(".", "").split(" ").filter(isTelling));
	const shuffled = [...own].map((word) => ({ word, at: random.next() })).sort((a, b) => a.at - b.at);
	const words = new Set(shuffled.slice(0, random.between(2, 4)).map(({ word }) => word));
	for (let others = random.between(words.size === 0 ? 1 : 0, 2); others > 0; others -= 1) {
		words.add(vocabulary.drawTelling(random));
	}
	const [first = "", ...rest] = words;
	const [opening, middle] = random.pick(questions);
	const text = [opening, first, rest.length > 0 ? middle : "", ...rest]
		.filter((part) => part !== "")
		.join(" ");
	return { text: `${text}?`, words: [...words], vector: near(memory.vector, queryNoise, random) };
}

/** A vector of length 1 in a random direction from `centre`, about `distance` away before it is brought to that length. */
function near(centre: Float32Array, distance: number, random: Random): Float32Array {
	const spread = distance / Math.sqrt(dimensions);
	const vector = centre.map((component) => component + spread * random.normal());
	const length = Math.hypot(...vector);
	return vector.map((component) => component / length);
}
