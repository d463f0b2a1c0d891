import assert from "node:assert/strict";
import { maxWords, signsOf, wordSimilarities, wordsOf } from "../../../src/vectors/wordSigns.ts";
import { sharedEmbedder } from "../../support/fixtures/sharedEmbedder.ts";

const width = 64;
const row = (positive: (at: number) => boolean) =>
	Array.from({ length: width }, (_, at) => (positive(at) ? 1 : -1));
const even = row((at) => at % 2 === 0);
const odd = row((at) => at % 2 === 1);
const low = row((at) => at < width / 2);
const signs = (...rows: number[][]) => signsOf(Float32Array.from(rows.flat()));

describe("What words mean, by their signs", () => {
	it("takes a bit a number", () => {
		assert.equal(signs(even, odd, low).length, 3 * (width / 8));
	});

	it("compares each word asked with the word most like it", () => {
		const likeness = wordSimilarities(signs(even, odd), signs(low, even), width).map((one) => one.toFixed(3));
		assert.deepEqual(likeness, ["1.000", "0.000"]);
		assert.equal(wordSimilarities(signs(even), signs(odd), width)[0], -1);
	});

	it("reads signs wherever they lie in memory", () => {
		const bytes = signs(even, odd);
		const shifted = new Uint8Array(bytes.length + 1);
		shifted.set(bytes, 1);
		assert.deepEqual(wordSimilarities(shifted.subarray(1), bytes, width), [1, 1]);
	});

	it("has nothing to compare where there are no words", () => {
		assert.deepEqual(wordSimilarities(signs(even), new Uint8Array(), width), []);
		assert.deepEqual(wordSimilarities(new Uint8Array(), signs(even), width), []);
	});
});

describe("The built-in model, word by word", () => {
	const embedder = sharedEmbedder();
	const { dimensions } = embedder.space;

	const likeness = async (query: string, text: string) => {
		const [asked, told] = await embedder.embed([query, text]);
		assert.ok(asked?.words && told?.words);
		return wordSimilarities(asked.words, told.words, dimensions);
	};

	it("tells of each word of a text, whatever its form", async () => {
		const texts = ["one", "Ada's cat  is\n black…", "½ a litre, naïvely: #42 🙂 東京", "a\u00a0b c"];
		for (const [index, vector] of (await embedder.embed(texts)).entries()) {
			const text = texts[index] as string;
			assert.equal(vector?.words?.length, wordsOf(text).length * (dimensions / 8), text);
		}
	});

	it("tells of the first words of a long text only", async () => {
		const [vector] = await embedder.embed(["Nothing happened there on that day. ".repeat(60)]);
		assert.equal(vector?.words?.length, maxWords * (dimensions / 8));
	});

	it("tells as much of a text as the model reads, whatever is read beside it", async () => {
		// Long words of many pieces: some 180 in the window, of which the model reads 128.
		const long = "Donaudampfschifffahrtsgesellschaftskapitänsmützenabzeichen ".repeat(7).trim();
		const other = "Nothing happened there on that day, and nobody came. ".repeat(7).trim();
		const [[alone], [beside]] = [await embedder.embed([long]), await embedder.embed([long, other])];
		assert.ok(alone?.words && beside?.words);
		assert.equal(alone.words.length, beside.words.length);
		assert.ok(alone.words.length < 7 * (dimensions / 8), "words that the model has not read");
		for (const like of wordSimilarities(alone.words, beside.words, dimensions)) assert.ok(like > 0.98);
	});

	it("finds a word in the text that says it otherwise", async () => {
		const query = "Which physician treated the children?";
		const [, physician = 0] = await likeness(query, "The doctor looked after the kids");
		const [, stranger = 0] = await likeness(query, "The invoice is due in March");
		assert.ok(physician > stranger + 0.1, `${physician} and ${stranger}`);
	});

	it("tells nothing of a text it cannot read", async () => {
		assert.deepEqual(await embedder.embed(["東京"]), [undefined]);
	});
});
