import assert from "node:assert/strict";
import type { NewMemory } from "../../src/store/types.ts";
import { projectA } from "../support/fixtures/projects.ts";
import {
	add,
	everything,
	memoriesWith,
	nearMemories,
	newMemory,
	remove,
	rewrite,
} from "../support/fixtures/storeFixtures.ts";
import { contract } from "./backends.ts";
import { space, vector } from "./vectors.ts";

contract("Searches", (fixture) => {
	it("find by words as many in a narrow filter as elsewhere", async () => {
		const { store } = fixture;
		const many = (count: number, part: Partial<NewMemory>) =>
			store.saves.addAll(
				Array.from({ length: count }, (_, index) => ({
					...newMemory(`zebra ${part.scope} ${index}`),
					...(part as object),
				})),
			);
		await many(12, { scope: "project", project: projectA });
		// Newer ones, which are better.
		await many(150, { scope: "global" });
		const narrow = { ...everything, global: false, projects: [projectA.id] };
		assert.equal((await memoriesWith(store, ["zebra"], narrow)).length, 10);
		assert.equal((await memoriesWith(store, ["zebra"], everything)).length, 10);
	});

	it("count common words to within a fiftieth as memories come and go", async () => {
		const { store } = fixture;
		const addUpTo = async (from: number, to: number) =>
			store.saves.addAll(
				Array.from({ length: to - from }, (_, index) => newMemory(`common number ${from + index}`)),
			);
		const countOfCommon = async () => {
			const { documentsWith } = await store.search.statistics(["common"]);
			const count = documentsWith.get("common");
			assert.ok(count !== undefined);
			return count;
		};
		for (const [from, to] of [
			[0, 600],
			[600, 609],
			[609, 700],
			[700, 1400],
		] as const) {
			await addUpTo(from, to);
			const counted = await countOfCommon();
			assert.ok(Math.abs(counted - to) <= 0.02 * to, `${counted} of ${to}`);
		}
		// Updates change the words, but not the number of memories.
		const { memories } = await store.memories.list(everything, 300);
		for (const [index, { id }] of memories.entries()) await rewrite(store, id, `changed ${index}`);
		const left = 1400 - memories.length;
		const counted = await countOfCommon();
		assert.ok(Math.abs(counted - left) <= 0.02 * left, `${counted} of ${left}`);
		// Counts of rare words are exact.
		const { documents, documentsWith } = await store.search.statistics(["399"]);
		assert.equal(documentsWith.get("399"), 1);
		assert.equal(documents, 1400);
	});

	it("have no words to index anew in a store of this version", async () => {
		const { store } = fixture;
		await add(store, "red plum");
		assert.equal(await store.search.refreshWords(), false);
		assert.equal((await memoriesWith(store, ["plum"], everything))[0]?.text, "red plum");
	});

	it("find any or all of the words", async () => {
		const { store } = fixture;
		for (const text of ["red plum", "red pear", "green plum"]) await add(store, text);
		const found = async (all: boolean) => {
			const terms = ["red", "plum"];
			const query = { terms, all, filter: everything, each: 10, words: 0 };
			return (await store.search.pool(query)).memories.map(({ text }) => text);
		};
		assert.deepEqual(await found(true), ["red plum"]);
		const any = await found(false);
		assert.equal(any[0], "red plum");
		assert.equal(any.length, 3);
		assert.deepEqual(await memoriesWith(store, ["blue"], everything), []);
	});

	it("find what is worth most by the rarity of its words, the newest of equals first", async () => {
		const { store } = fixture;
		/** So many of 700 memories have the word, in no order that another has. */
		const shares = { alfa: 45, bravo: 60, delta: 150, tango: 330, zulu: 600 };
		const has = (word: keyof typeof shares, n: number) => (n * 263 + shares[word] * 97) % 700 < shares[word];
		const all = Object.keys(shares) as (keyof typeof shares)[];
		await store.saves.addAll(
			Array.from({ length: 700 }, (_, n) =>
				newMemory(`number ${n} ${all.filter((word) => has(word, n)).join(" ")}`, {
					...(n % 5 === 0 ? { scope: "project" as const, project: projectA } : {}),
				}),
			),
		);
		const wanted = (terms: typeof all, numbers: readonly number[]) =>
			numbers
				.map((n) => ({
					n,
					worth: terms.reduce((sum, word) => sum + (has(word, n) ? Math.log(1 + 700 / shares[word]) : 0), 0),
				}))
				.filter(({ worth }) => worth > 0)
				.sort((one, other) => other.worth - one.worth || other.n - one.n)
				.slice(0, 10)
				.map(({ n }) => n);
		const numbers = Array.from({ length: 700 }, (_, n) => n);
		const narrow = { ...everything, global: false, projects: [projectA.id] };
		for (const terms of [
			all,
			["alfa", "delta"],
			["bravo", "zulu"],
			["delta", "tango"],
			["zulu"],
		] as (typeof all)[])
			for (const [filter, seen] of [
				[everything, numbers],
				[narrow, numbers.filter((n) => n % 5 === 0)],
			] as const) {
				const found = await memoriesWith(store, terms, filter);
				const order = found.map(({ text }) => Number(text.split(" ")[1]));
				assert.deepEqual(order, wanted(terms, seen), terms.join());
			}
	});

	it("find what is worth most where most memories with the rarest word are others', in several of its forms", async () => {
		const { store } = fixture;
		const many = (count: number, text: string) => Array.from({ length: count }, (_, n) => `${text} ${n}`);
		await store.saves.addAll([
			...many(3, "child children").map((text) => newMemory(text)),
			...many(17, "children and child").map((text) => newMemory(text, { userId: "bob" })),
			...[...many(60, "bravo"), ...many(272, "tango zulu"), ...many(848, "filler")].map((text) =>
				newMemory(text),
			),
		]);
		const found = await memoriesWith(store, ["child", "bravo", "tango", "zulu"], everything);
		assert.deepEqual(
			found.map(({ text }) => text.replace(/ \d+$/, "")),
			[...Array<string>(3).fill("child children"), ...Array<string>(7).fill("tango zulu")],
		);
	});

	it("tell how common the terms are, as alone", async () => {
		const { store } = fixture;
		for (const text of ["red plum", "red pear", "green plum"]) await add(store, text);
		for (const terms of [["red", "plum", "pear", "blue"], []]) {
			const pool = await store.search.pool({ terms, all: false, filter: everything, each: 10, words: 0 });
			const { documents, documentsWith } = pool.statistics;
			assert.equal(documents, 3);
			assert.deepEqual(
				[...documentsWith],
				terms.map((term) => [term, { red: 2, plum: 2, pear: 1 }[term] ?? 0]),
			);
			assert.deepEqual(pool.statistics, await store.search.statistics(terms));
		}
	});

	it("include the memories before and after a match in its conversation", async () => {
		const { store } = fixture;
		const say = (text: string, createdAt: number, more: Partial<NewMemory> = {}) =>
			add(store, text, { conversationId: "run", createdAt, ...more });
		await say("What is the colour of the gate?", 1);
		await say("It is blue.", 2);
		await say("And of the roof?", 3);
		await say("bob's", 2, { userId: "bob" });
		await say("elsewhere", 2, { conversationId: "other" });
		const terms = ["blue"];
		const query = { terms, all: false, filter: everything, each: 10, words: 0 };
		const { memories, before, cosines } = await store.search.pool(query);
		const seqOf = (text: string) => memories.find((memory) => memory.text === text)?.seq;
		assert.equal(memories.length, 3);
		assert.equal(memories[0]?.text, "It is blue.");
		const [answer, question, next] = [
			"It is blue.",
			"What is the colour of the gate?",
			"And of the roof?",
		].map(seqOf);
		assert.ok(answer !== undefined && question !== undefined && next !== undefined);
		assert.deepEqual([before.get(answer), before.get(next)], [question, answer]);
		assert.equal(cosines, undefined);
	});

	it("return the cosine of every candidate that has a vector in the query's space", async () => {
		const { store } = fixture;
		const near = (await add(store, "near", { vector: { space, values: vector(1, 1, 0) } })).memory;
		const word = (await add(store, "a word", { vector: { space, values: vector(0, 0, 1) } })).memory;
		const bare = (await add(store, "a bare word")).memory;
		const terms = ["word"];
		const queryVector = { space, values: vector(1, 0, 0) };
		const query = {
			terms,
			all: false,
			vector: queryVector,
			filter: everything,
			each: 3,
			words: 0,
		};
		const { cosines, memories } = await store.search.pool(query);
		assert.deepEqual(memories.map(({ id }) => id).sort(), [near.id, word.id, bare.id].sort());
		assert.ok(cosines);
		assert.ok(Math.abs((cosines.get(near.seq) ?? Number.NaN) - Math.SQRT1_2) < 1e-6);
		assert.ok(Math.abs(cosines.get(word.seq) ?? Number.NaN) < 1e-6);
		assert.equal(cosines.get(bare.seq), undefined);
	});

	it("return a text's word signs until the text changes", async () => {
		const { store } = fixture;
		const withWords = (...words: number[]) =>
			Object.assign(vector(1, 0, 0), words.length > 0 ? { words: Uint8Array.from(words) } : {});
		const save = async (text: string, ...words: number[]) =>
			(await add(store, text, { vector: { space, values: withWords(...words) } })).memory;
		const first = await save("first", 1, 2);
		const second = await save("second", 3);
		await save("third");
		const wordSigns = async (words = 10) => {
			const queryVector = { space, values: vector(1, 0, 0) };
			const query = {
				terms: [],
				all: false,
				vector: queryVector,
				filter: everything,
				each: 10,
				words,
			};
			const pool = await store.search.pool(query);
			return [...pool.words].map(([seq, signs]) => [seq, ...signs]).sort();
		};
		assert.deepEqual(await wordSigns(), [
			[first.seq, 1, 2],
			[second.seq, 3],
		]);
		assert.deepEqual(await wordSigns(0), []);
		await rewrite(store, first.id, "changed", { vector: { space, values: withWords(4) } });
		await remove(store, second.id);
		assert.deepEqual(await wordSigns(), [[first.seq, 4]]);
		await rewrite(store, first.id, "changed again");
		assert.deepEqual(await wordSigns(), []);
	});

	it("find the same nearest memories every time, even if not all vectors fit in memory", async () => {
		const { store } = fixture;
		const wide = { ...space, model: "wide", dimensions: 2048 };
		let seed = 7;
		const random = () => {
			seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
			return seed / 2 ** 32 - 0.5;
		};
		const anyVector = () => vector(...Array.from({ length: wide.dimensions }, random));
		const vectors = Array.from({ length: 1400 }, anyVector);
		await store.saves.addAll(
			vectors.map((values, index) => newMemory(`number ${index}`, { vector: { space: wide, values } })),
		);
		for (let i = 0; i < 12; i += 1) {
			const query = { space: wide, values: anyVector() };
			const ask = async () =>
				(await nearMemories(store, query, everything, 50)).map(({ memory }) => memory.seq);
			const first = await ask();
			assert.equal(first.length, 50);
			assert.deepEqual(await ask(), first);
		}
	});
});

contract("Embedding spaces", (fixture) => {
	it("are never compared with one another", async () => {
		const { store } = fixture;
		const wide = { ...space, model: "other" };
		await add(store, "in one space", { vector: { space, values: vector(1, 0, 0) } });
		assert.deepEqual(await nearMemories(store, { space: wide, values: vector(1, 0, 0) }, everything, 5), []);
		// Memories of another model are re-embedded only on request.
		const unused = { inUse: false, missing: 0, outside: 1, older: 1 };
		assert.deepEqual(await store.spaces.progress("ada", wide), unused);
		await store.spaces.adopt("ada", wide, true);
		assert.deepEqual(await store.spaces.progress("ada", wide), {
			inUse: true,
			missing: 1,
			outside: 1,
			older: 0,
		});
	});

	it("need vectors for memories saved since they came into use, and for those that no model has embedded", async () => {
		const { store } = fixture;
		const newer = { ...space, model: "newer" };
		await add(store, "embedded by the older one", { vector: { space, values: vector(1, 0, 0) } });
		await add(store, "never embedded");
		await store.spaces.adopt("ada", newer);
		await add(store, "saved since");
		const missing = async (limit = 10, below?: number) =>
			(await store.spaces.missing("ada", newer, limit, below)).map(({ text }) => text);
		assert.deepEqual(await missing(), ["saved since", "never embedded"]);
		const [first] = await store.spaces.missing("ada", newer, 1);
		assert.ok(first);
		assert.deepEqual(await missing(10, first.seq), ["never embedded"]);
		assert.deepEqual(await store.spaces.progress("ada", newer), {
			inUse: true,
			missing: 2,
			outside: 3,
			older: 1,
		});
		assert.deepEqual(
			(await store.spaces.missing("ada", undefined, 10)).map(({ text }) => text),
			["saved since", "never embedded"],
		);
	});

	it("accept vectors only for texts that have not changed since they were embedded", async () => {
		const { store } = fixture;
		const one = (await add(store, "one")).memory;
		const two = (await add(store, "two")).memory;
		await store.spaces.adopt("ada", space);
		await rewrite(store, two.id, "changed meanwhile");
		await store.spaces.addVectors(space, [
			{ memory: one, values: vector(1, 0, 0) },
			{ memory: two, values: vector(0, 1, 0) },
		]);
		const near = await nearMemories(store, { space, values: vector(1, 1, 0) }, everything, 5);
		assert.deepEqual(
			near.map(({ memory }) => memory.text),
			["one"],
		);
	});

	it("leave the rest out after re-embedding is cancelled", async () => {
		const { store } = fixture;
		const newer = { ...space, model: "newer" };
		await add(store, "older", { vector: { space, values: vector(1, 0, 0) } });
		await store.spaces.adopt("ada", newer, true);
		await store.spaces.leaveRest("ada", newer);
		assert.deepEqual(await store.spaces.progress("ada", newer), {
			inUse: true,
			missing: 0,
			outside: 1,
			older: 1,
		});
	});
});
