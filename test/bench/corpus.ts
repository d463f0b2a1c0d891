import { fingerprint } from "../../src/text/fingerprint.ts";
import { Random } from "./random.ts";
import { Topics } from "./topics.ts";
import { isTelling, Vocabulary } from "./vocabulary.ts";

/** Unless others are asked for. */
export const standardDimensions = 512;

const vocabularySize = 5000;
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
export function makeCorpus(
	memoryCount: number,
	queryCount: number,
	{ seed = 1, dimensions = standardDimensions }: { seed?: number; dimensions?: number } = {},
): Corpus {
	// The topics and words do not depend on the seed, so that corpora of several seeds resemble each other.
	const common = new Random(0);
	const vocabulary = new Vocabulary(vocabularySize, common);
	const random = new Random(seed);
	const topics = new Topics(dimensions, common, random);
	const texts = new Set<string>();
	const memories = Array.from({ length: memoryCount }, () => {
		let text = sentence(vocabulary, random);
		// Among a million, some say the same.
		while (texts.has(fingerprint(text))) text = sentence(vocabulary, random);
		texts.add(fingerprint(text));
		return { text, placed: topics.draw() };
	});
	const queries = Array.from({ length: queryCount }, () => {
		const { text, placed } = random.pick(memories);
		return { ...query(text, vocabulary, random), vector: topics.query(placed) };
	});
	return { memories: memories.map(({ text, placed }) => ({ text, vector: placed.vector })), queries };
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
function query(memory: string, vocabulary: Vocabulary, random: Random): Omit<SyntheticQuery, "vector"> {
	const own = new Set(memory.toLowerCase().replace(".", "").split(" ").filter(isTelling));
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
	return { text: `${text}?`, words: [...words] };
}
