import assert from "node:assert/strict";
import { builtinCalibration } from "../../../src/endpoints/calibration.ts";
import { parseQuestion } from "../../../src/memory/searching/question.ts";
import { rank } from "../../../src/memory/searching/ranking.ts";
import type { Pool } from "../../../src/memory/searching/signals.ts";
import type { StoredMemory } from "../../../src/store/types.ts";
import { baseForm } from "../../../src/text/irregularForms.ts";
import { indexTerms } from "../../../src/text/terms.ts";
import { maxWords, signsOf } from "../../../src/vectors/wordSigns.ts";

const texts = [
	"The user prefers tabs over spaces",
	"Alice deploys the billing service on Fridays",
	"The database runs PostgreSQL 16",
	"Bob's birthday is in May",
	"Dark mode is used in every editor",
];

function memory(seq: number, text: string, more: Partial<StoredMemory> = {}): StoredMemory {
	return {
		seq,
		id: `id-${seq}`,
		text,
		userId: "ada",
		scope: "global",
		createdAt: 1000,
		updatedAt: 1000,
		...more,
	};
}

const memories = texts.map((text, seq) => memory(seq, text));

interface Asked extends Partial<Pool> {
	readonly limit?: number;
	/** Memories in the store, of which the pool are some. */
	readonly documents?: number;
}

/** Ranks what the store would put forward in a memory of so many texts, of which those of the pool hold the query's words. */
function ranked(
	text: string,
	{ memories: pool = memories, documents = 1000, limit = 5, ...more }: Asked = {},
) {
	const question = parseQuestion(text);
	const holds = (term: string) =>
		pool.filter((one) => indexTerms(one.text).map(baseForm).includes(term)).length;
	const statistics = { documents, documentsWith: new Map(question.terms.map((term) => [term, holds(term)])) };
	const lacking = { cosines: undefined, before: new Map<number, number>() };
	return rank(
		question,
		{ ...lacking, memories: pool, statistics, calibration: builtinCalibration, ...more },
		limit,
	);
}

/** All cosines at `other`, but for those given. */
function cosines(given: Readonly<Record<number, number>>, other = 0) {
	return new Map(memories.map(({ seq }) => [seq, given[seq] ?? other]));
}

const seqs = (found: ReturnType<typeof rank>) => found.map((one) => one.memory.seq);

describe("The ranking", () => {
	it("puts the memory with the words and the meaning first", () => {
		const found = ranked("Which database do we run?", { cosines: cosines({ 2: 0.7, 4: 0.45 }, 0.1) });
		assert.equal(seqs(found)[0], 2);
		assert.ok((found[0]?.score ?? 0) > 0.5);
	});

	it("finds by meaning alone what shares no word", () => {
		assert.equal(seqs(ranked("indentation", { cosines: cosines({ 0: 0.7 }, 0.1) }))[0], 0);
	});

	it("prefers what means the same word by word, where the model tells", () => {
		const width = 64;
		const signs = (...words: number[][]) => signsOf(Float32Array.from(words.flat()));
		const alike = Array.from({ length: width }, (_, at) => (at % 3 === 0 ? 1 : -1));
		const strange = Array.from({ length: width }, (_, at) => (at % 2 === 0 ? 1 : -1));
		const question = { cosines: cosines({ 0: 0.5, 4: 0.5 }, 0.1) };
		const words = (best: number) => ({
			queryWords: ["code", "style"],
			querySigns: signs(alike, alike),
			memorySigns: new Map(memories.map(({ seq }) => [seq, signs(strange, seq === best ? alike : strange)])),
			width,
		});
		for (const best of [0, 4])
			assert.equal(seqs(ranked("code style", { ...question, words: words(best) }))[0], best);
	});

	it("ranks memories that the model has told nothing of beside the others", () => {
		const width = 64;
		const nothing = {
			queryWords: ["database", "PostgreSQL"],
			querySigns: new Uint8Array(16),
			memorySigns: new Map(),
			width,
		};
		const plain = ranked("database PostgreSQL");
		assert.deepEqual(
			ranked("database PostgreSQL", { words: nothing }).map(({ score }) => score),
			plain.map(({ score }) => score),
		);
		// Words that the model takes apart in another way than we do.
		const other = {
			...nothing,
			querySigns: new Uint8Array(8),
			memorySigns: new Map([[2, new Uint8Array(8)]]),
		};
		assert.equal(ranked("database PostgreSQL", { words: other })[0]?.score, plain[0]?.score);
	});

	it("does not hold against a long text what is told of its beginning only", () => {
		const width = 64;
		const strange = Float32Array.from({ length: width }, (_, at) => (at % 2 === 0 ? 1 : -1));
		const beginning = signsOf(new Float32Array(maxWords * width).fill(1));
		const words = {
			queryWords: ["database", "PostgreSQL"],
			querySigns: signsOf(Float32Array.from([...strange, ...strange])),
			memorySigns: new Map([[2, beginning]]),
			width,
		};
		assert.equal(ranked("database PostgreSQL", { words })[0]?.score, ranked("database PostgreSQL")[0]?.score);
	});

	it("finds by words alone where there are no cosines", () => {
		const found = ranked("database PostgreSQL");
		assert.deepEqual(seqs(found), [2]);
		assert.equal(found[0]?.weak, false);
	});

	it("finds by words alone a memory that has no vector yet", () => {
		const some = new Map([[0, 0.1]]);
		assert.deepEqual(seqs(ranked("database PostgreSQL", { cosines: some })), [2]);
	});

	it("marks as weak what is likelier wrong than right", () => {
		const weak = (asked: Asked) => ranked("quantum chromodynamics", asked).map((one) => one.weak);
		assert.deepEqual(weak({ cosines: cosines({ 2: 0.35 }, 0.3) }), [true, true, true, true, true]);
		const found = ranked("database PostgreSQL", { cosines: cosines({ 2: 0.7 }, 0.3) });
		assert.deepEqual(
			found.map(({ weak: isWeak }) => isWeak),
			[false, true, true, true, true],
		);
		assert.ok(found.every((one) => one.weak === one.score < 0.5));
	});

	it("is empty only where nothing shares a word or a meaning", () => {
		assert.deepEqual(ranked("quantum chromodynamics", { cosines: cosines({}, 0.1) }), []);
		assert.deepEqual(ranked("quantum chromodynamics"), []);
		assert.deepEqual(ranked("zebra", { memories: [], cosines: cosines({}) }), []);
		assert.deepEqual(seqs(ranked("quantum chromodynamics", { cosines: cosines({ 3: 0.25 }, 0.1) })), [3]);
	});

	it("lets texts that say nearly the same take one place", () => {
		const said = [
			memory(1, "The billing service is deployed with make ship"),
			memory(2, "The billing service is deployed with make ship now"),
			memory(3, "Our billing service is deployed with make ship."),
			memory(4, "The billing service is not deployed with make ship"),
			memory(5, "The login service is deployed with make land"),
		];
		const found = (limit: number) =>
			seqs(ranked("How is the billing service deployed?", { memories: said, limit }));
		assert.equal(found(2).filter((seq) => seq <= 3).length, 1);
		assert.ok(found(2).includes(4));
		assert.equal(found(5).length, 5);
	});

	it("finds a word in another spelling or form", () => {
		const said = [memory(1, "Lunch is at noon"), memory(2, "The Kubernetes cluster is in Oslo")];
		assert.equal(seqs(ranked("Kubernets cluster", { memories: said }))[0], 2);
		const near = new Map(said.map(({ seq }) => [seq, 0.3]));
		const score = (text: string) => ranked(text, { memories: said, cosines: near })[0];
		assert.equal(score("kuberntes")?.memory.seq, 2);
	});

	it("puts a memory behind the newer one that has replaced it, unless the past is asked for", () => {
		const at = (month: number) => ({ createdAt: Date.UTC(2026, month) });
		const homes = [
			memory(1, "The user lives in Lisbon", at(2)),
			memory(2, "The user moved to Porto", at(5)),
			memory(3, "The user likes the sea", at(6)),
		];
		const found = ranked("Where does the user live?", { memories: homes });
		assert.deepEqual(seqs(found).slice(0, 2), [2, 1]);
		assert.deepEqual(
			found.map(({ supersededBy }) => supersededBy?.seq),
			[undefined, 2, undefined].slice(0, found.length),
		);
		assert.equal(seqs(ranked("Where did the user live before?", { memories: homes }))[0], 1);
	});

	it("answers scores from 0 to 1, best first", () => {
		const all = ranked("tabs spaces database editor billing birthday", {
			cosines: cosines({ 0: 1, 1: 0.9, 2: 0.8, 3: 0.7, 4: 0.6 }),
		}).map(({ score }) => score);
		assert.equal(all.length, 5);
		for (const score of all) assert.ok(score >= 0 && score <= 1, String(score));
		assert.deepEqual(
			all,
			all.toSorted((a, b) => b - a),
		);
		const [best] = ranked(texts[0] as string, { cosines: cosines({ 0: 1 }), limit: 1 });
		assert.ok(best && best.score > 0.8 && best.score <= 1, String(best?.score));
	});

	it("gives more for a closer meaning and for more of the words", () => {
		const score = (text: string, cosine: number) =>
			ranked(text, { cosines: cosines({ 2: cosine }), limit: 1 })[0]?.score ?? 0;
		assert.ok(score("database", 0.7) > score("database", 0.5));
		assert.ok(score("database PostgreSQL", 0.5) > score("database oracle", 0.5));
	});

	it("gives more for a rare word than for a common one", () => {
		const common = Array.from({ length: 20 }, (_, index) => memory(100 + index, `service number ${index}`));
		const all = [memory(1, "billing"), memory(2, "service"), ...common];
		const [first, second] = ranked("billing service", { memories: all, documents: 30, limit: 2 });
		assert.equal(first?.memory.seq, 1);
		assert.ok((second?.score ?? 0) < (first?.score ?? 0));
	});

	it("puts the newer of equal ones first", () => {
		const equal = [
			memory(1, "tabs", { createdAt: 100 }),
			memory(2, "tabs", { createdAt: 300 }),
			memory(3, "tabs", { createdAt: 200 }),
			memory(4, "tabs", { createdAt: 300 }),
		];
		assert.deepEqual(seqs(ranked("tabs", { memories: equal })), [4, 2, 3, 1]);
	});

	it("answers at most as many as are asked for, and those the best", () => {
		const found = (limit: number) =>
			seqs(ranked("zebra", { limit, cosines: cosines({ 0: 0.7, 1: 0.78, 2: 0.74, 3: 0.66 }, -0.4) }));
		assert.deepEqual(found(2), [1, 2]);
		assert.deepEqual(found(50), [1, 2, 0, 3]);
	});

	it("finds the word that a long text holds", () => {
		const filler = Array.from({ length: 1500 }, (_, index) => `filler${index}`).join(" ");
		const long = [memory(1, `${filler} The parking code is XQ4711. ${filler}`)];
		assert.deepEqual(seqs(ranked("XQ4711", { memories: long })), [1]);
	});

	it("does not stumble over a query without words or a store without memories", () => {
		assert.deepEqual(ranked("!!!"), []);
		assert.equal(seqs(ranked("!!!", { cosines: cosines({ 3: 0.9 }) }))[0], 3);
		const found = ranked("tabs", { documents: 0 });
		assert.ok(found.every(({ score }) => Number.isFinite(score)));
	});

	it("prefers what was said beside the words that are asked for, and in the same conversation", () => {
		const talk = { conversationId: "talk" };
		const said = [
			memory(1, "Which name shall the new server get?", talk),
			memory(2, "Let us take Andromeda", talk),
			memory(3, "Lunch is at noon", talk),
			memory(4, "Nobody was there"),
		];
		const near = new Map([1, 2, 3, 4].map((seq) => [seq, seq === 1 ? 0.6 : 0.3]));
		const before = new Map([
			[2, 1],
			[3, 2],
		]);
		const found = ranked("What is the name of the new server?", { memories: said, cosines: near, before });
		assert.deepEqual(seqs(found).slice(1, 3), [2, 3]);
	});

	it("prefers what is of the time that is asked for", () => {
		const at = (day: string) => ({ createdAt: Date.parse(`${day}T12:00:00`) });
		const trips = [
			memory(1, "A trip to the mountains", at("2023-08-04")),
			memory(2, "A trip to the mountains", at("2023-05-10")),
			memory(3, "A trip to the mountains", at("2024-08-01")),
		];
		assert.equal(seqs(ranked("Which trip was in May 2023?", { memories: trips }))[0], 2);
		assert.equal(seqs(ranked("Which trip was on 4 August 2023?", { memories: trips }))[0], 1);
		assert.equal(seqs(ranked("Which trip?", { memories: trips }))[0], 3);
	});

	it("prefers a text that tells a time where one is asked for", () => {
		const moves = [memory(1, "Ada moved to Lisbon last week"), memory(2, "Ada moved to Lisbon with her cat")];
		assert.equal(seqs(ranked("When did Ada move to Lisbon?", { memories: moves }))[0], 1);
	});

	it("finds irregular forms of a word", () => {
		const said = [memory(1, "Ada bought a bicycle"), memory(2, "The children went home")];
		assert.equal(seqs(ranked("What did Ada buy?", { memories: said }))[0], 1);
		assert.equal(seqs(ranked("Where does the child go?", { memories: said }))[0], 2);
	});
});
