import assert from "node:assert/strict";
import { builtinCalibration } from "../../src/endpoints/calibration.ts";
import { type RankingQuery, rank, ranking } from "../../src/memory/ranking.ts";
import type { StoredMemory } from "../../src/store/memoryStore.ts";
import { indexTerms, queryTerms } from "../../src/store/terms.ts";

const texts = [
	"The user prefers tabs over spaces",
	"Alice deploys the billing service on Fridays",
	"The database runs PostgreSQL 16",
	"Bob's birthday is in May",
	"Dark mode is used in every editor",
];

function memory(seq: number, text: string, createdAt = 1000): StoredMemory {
	return { seq, id: `id-${seq}`, text, userId: "ada", scope: "global", createdAt, updatedAt: createdAt };
}

const memories = texts.map((text, seq) => memory(seq, text));

/** What the store would say of the query in a memory of 1,000 texts, of which the given ones are known. */
function query(text: string, known: readonly StoredMemory[] = memories, documents = 1000): RankingQuery {
	const { terms } = queryTerms(text);
	const holds = (term: string) => known.filter((one) => indexTerms(one.text).includes(term)).length;
	return {
		terms,
		statistics: { documents, documentsWith: new Map(terms.map((term) => [term, holds(term)])) },
	};
}

/** All cosines at `other`, but for those given. */
function cosines(given: Readonly<Record<number, number>>, other = 0) {
	return new Map(memories.map(({ seq }) => [seq, given[seq] ?? other]));
}

const seqs = (found: ReturnType<typeof rank>) => found.map((one) => one.memory.seq);

describe("The ranking", () => {
	it("puts the memory with the words and the meaning first", () => {
		const found = rank(query("Which database do we run?"), memories, cosines({ 2: 0.7, 4: 0.45 }, 0.1), 5);
		assert.equal(seqs(found)[0], 2);
		assert.ok((found[0]?.score ?? 0) > 0.5);
	});

	it("finds by meaning alone what shares no word", () => {
		assert.deepEqual(seqs(rank(query("indentation"), memories, cosines({ 0: 0.7 }, 0.1), 5)), [0]);
	});

	it("finds by words alone where there are no cosines", () => {
		const found = rank(query("database PostgreSQL"), memories, undefined, 5);
		assert.deepEqual(seqs(found), [2]);
		assert.ok((found[0]?.score ?? 0) > 0.9, String(found[0]?.score));
	});

	it("finds by words alone a memory that has no vector yet", () => {
		const some = new Map([[0, 0.1]]);
		assert.deepEqual(seqs(rank(query("database PostgreSQL"), memories, some, 5)), [2]);
	});

	it("leaves out weak matches, so that a question nothing answers gets nothing", () => {
		assert.deepEqual(rank(query("quantum chromodynamics"), memories, cosines({}, 0.3), 5), []);
		assert.deepEqual(rank(query("quantum chromodynamics"), memories, undefined, 5), []);
		assert.deepEqual(rank(query("zebra"), [], cosines({}), 5), []);
	});

	it("leaves out nothing that reaches the threshold", () => {
		// By meaning alone the score is half the way from `unrelated` to `same`.
		const at = (score: number) =>
			builtinCalibration.unrelated +
			((builtinCalibration.same - builtinCalibration.unrelated) * score) / ranking.cosineWeight;
		const above = at(ranking.threshold + 0.01);
		const below = at(ranking.threshold - 0.01);
		assert.deepEqual(seqs(rank(query("zebra"), memories, cosines({ 1: above, 2: below }), 5)), [1]);
	});

	it("answers scores from 0 to 1, best first", () => {
		const all = rank(
			query("tabs spaces database editor billing birthday"),
			memories,
			cosines({ 0: 1, 1: 0.9, 2: 0.8, 3: 0.7, 4: 0.6 }),
			5,
		).map(({ score }) => score);
		assert.equal(all.length, 5);
		for (const score of all) assert.ok(score >= 0 && score <= 1, String(score));
		assert.deepEqual(
			all,
			all.toSorted((a, b) => b - a),
		);
		const [best] = rank(query(texts[0] as string), memories, cosines({ 0: 1 }), 1);
		assert.ok(best && best.score > 0.9 && best.score <= 1, String(best?.score));
	});

	it("gives more for a closer meaning and for more of the words", () => {
		const score = (text: string, cosine: number) =>
			rank(query(text), memories, cosines({ 2: cosine }), 1)[0]?.score ?? 0;
		assert.ok(score("database", 0.7) > score("database", 0.5));
		assert.ok(score("database PostgreSQL", 0.5) > score("database oracle", 0.5));
	});

	it("gives more for a rare word than for a common one", () => {
		const common = Array.from({ length: 20 }, (_, index) => memory(100 + index, `service number ${index}`));
		const all = [memory(1, "billing"), memory(2, "service"), ...common];
		const [first, second] = rank(query("billing service", all, 30), all, undefined, 2);
		assert.equal(first?.memory.seq, 1);
		assert.ok((second?.score ?? 0) < (first?.score ?? 0));
	});

	it("puts the newer of equal ones first", () => {
		const equal = [
			memory(1, "tabs", 100),
			memory(2, "tabs", 300),
			memory(3, "tabs", 200),
			memory(4, "tabs", 300),
		];
		assert.deepEqual(seqs(rank(query("tabs", equal), equal, undefined, 5)), [4, 2, 3, 1]);
	});

	it("answers at most as many as are asked for, and those the best", () => {
		const found = (limit: number) =>
			seqs(rank(query("zebra"), memories, cosines({ 0: 0.65, 1: 0.75, 2: 0.7, 3: 0.6 }), limit));
		assert.deepEqual(found(2), [1, 2]);
		assert.deepEqual(found(50), [1, 2, 0, 3]);
	});

	it("finds the word that a long text holds", () => {
		const filler = Array.from({ length: 1500 }, (_, index) => `filler${index}`).join(" ");
		const long = [memory(1, `${filler} The parking code is XQ4711. ${filler}`)];
		assert.deepEqual(seqs(rank(query("XQ4711", long), long, undefined, 5)), [1]);
	});

	it("does not stumble over a query without words or a store without memories", () => {
		assert.deepEqual(rank(query("!!!"), memories, undefined, 5), []);
		assert.deepEqual(seqs(rank(query("!!!"), memories, cosines({ 3: 0.9 }), 5)), [3]);
		const found = rank(query("tabs", memories, 0), memories, undefined, 5);
		assert.ok(found.every(({ score }) => Number.isFinite(score)));
	});
});
