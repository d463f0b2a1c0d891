import type { Random } from "./random.ts";

/** The words every English text is full of, the most frequent first. */
export const fillerWords = `the a to and of in for is on with it that this at by from as when are be or not we
	has was will an our their they can`.split(/\s+/);

/** Words that facts about people and projects are full of. */
const commonWords =
	`user project team prefers uses works server build deploy test release branch code review meeting
	database file version python typescript service customer monday always never before after every new old machine
	password`.split(/\s+/);

const onsets = "b br c ch cl d dr f fl g gr h j k l m n p pl pr qu r s sh sl st t tr v w z".split(" ");
const nuclei = "a e i o u ai ea ee io oa ou".split(" ");
const codas = ["", "", "", "l", "m", "n", "nd", "nt", "r", "rk", "s", "st", "t", "x"];
const endings = ["", "", "", "ed", "ing", "s", "er", "ation", "ly"];

/** Words by frequency: filler, then common words, then made-up ones; rank r is drawn in proportion to 1 / r (Zipf). */
export class Vocabulary {
	readonly #words: readonly string[];
	/** The sum of the weights up to each word. */
	readonly #sums: Float64Array;

	constructor(size: number, random: Random) {
		const words = new Set([...fillerWords, ...commonWords]);
		while (words.size < size) words.add(madeUpWord(random));
		this.#words = [...words];
		this.#sums = new Float64Array(size);
		let sum = 0;
		for (let rank = 0; rank < size; rank += 1) {
			sum += 1 / (rank + 1);
			this.#sums[rank] = sum;
		}
	}

	draw(random: Random): string {
		const wanted = random.next() * (this.#sums.at(-1) as number);
		let low = 0;
		let high = this.#sums.length - 1;
		while (low < high) {
			const middle = (low + high) >> 1;
			if ((this.#sums[middle] as number) <= wanted) low = middle + 1;
			else high = middle;
		}
		return this.#words[low] as string;
	}

	/** A word that says something. */
	drawTelling(random: Random): string {
		for (;;) {
			const word = this.draw(random);
			if (isTelling(word)) return word;
		}
	}
}

const filler = new Set(fillerWords);

export function isTelling(word: string): boolean {
	return !filler.has(word);
}

function madeUpWord(random: Random): string {
	const syllables = Array.from(
		{ length: random.between(1, 3) },
		() => random.pick(onsets) + random.pick(nuclei) + random.pick(codas),
	);
	return syllables.join("") + random.pick(endings);
}
