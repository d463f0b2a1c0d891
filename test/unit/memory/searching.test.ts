import assert from "node:assert/strict";
import { openService } from "../../support/fixtures/openService.ts";
import { projectA, projectB } from "../../support/fixtures/projects.ts";
import { foundTexts, invalid, serviceFixture } from "../../support/fixtures/serviceFixture.ts";
import { everything } from "../../support/fixtures/storeFixtures.ts";

describe("Searching memories", () => {
	const memory = serviceFixture();

	it("finds by meaning what shares no word with the question", async () => {
		await memory.service.save({ text: "My cat is named Whiskers" });
		await memory.service.save({ text: "The build takes nine minutes" });
		assert.equal((await foundTexts(memory, "what is my pet called?"))[0], "My cat is named Whiskers");
	});

	it("keeps what each word means, however a memory comes", async () => {
		const { service, store, embedder } = memory;
		await service.save({ text: "My cat is named Whiskers" });
		await service.transfer.importAll([{ text: "The build takes nine minutes" }]);
		const [values] = await embedder.embed(["anything"]);
		assert.ok(values);
		const { words } = await store.search.pool({
			terms: [],
			all: false,
			vector: { space: embedder.space, values },
			filter: everything,
			each: 10,
			words: 10,
		});
		const counts = [...words.values()].map((signs) => signs.length / (embedder.space.dimensions / 8));
		assert.deepEqual(counts, [5, 5]);
	});

	it("ranks memories of which no words are told among those of which they are", async () => {
		const texts = ["The doctor looked after the kids", "The invoice is due in March"];
		const { service, store, embedder } = memory;
		for (const text of texts) await service.save({ text });
		const found = async () => (await foundTexts(memory, "Which physician treated the children?"))[0];
		assert.equal(await found(), texts[0]);
		// As an earlier version has left them.
		const { memories } = await store.memories.list(everything, 10);
		for (const one of memories) {
			const [values] = await embedder.embed([one.text]);
			delete values?.words;
			await store.spaces.addVectors(embedder.space, [{ memory: one, values }]);
		}
		assert.equal(await found(), texts[0]);
	});

	it("asks the store once, and for common names first only where the query may have any", async () => {
		const { service, store } = memory;
		await service.save({ text: "Ada deploys with make ship" });
		const asked: string[] = [];
		const { statistics, pool } = store.search;
		store.search.statistics = (terms) => {
			asked.push("statistics");
			return statistics(terms);
		};
		store.search.pool = (query) => {
			asked.push("pool");
			return pool(query);
		};
		await service.search({ query: "How do we deploy" });
		assert.deepEqual(asked, ["pool"]);
		await service.search({ query: "How does Ada deploy" });
		assert.deepEqual(asked, ["pool", "statistics", "pool"]);
	});

	it("finds by word what the model cannot know", async () => {
		for (const text of ["Ticket QX-7731 is about the flaky login", "Ticket QX-7732 is about the slow import"])
			await memory.service.save({ text });
		assert.equal((await foundTexts(memory, "QX-7732"))[0], "Ticket QX-7732 is about the slow import");
	});

	it("scores in 0..1, best first", async () => {
		for (const text of ["Deploy with make ship", "We never deploy on Fridays", "Lunch is at noon"])
			await memory.service.save({ text });
		const { memories } = await memory.service.search({ query: "how do we deploy" });
		const scores = memories.map(({ score }) => score);
		assert.ok(scores.length >= 2 && scores.every((score) => score > 0 && score <= 1));
		assert.deepEqual(
			scores,
			[...scores].sort((a, b) => b - a),
		);
	});

	it("answers a question that nothing answers with weak matches at most", async () => {
		for (const text of ["Deploy with make ship", "The user is called Ada"])
			await memory.service.save({ text });
		const { memories } = await memory.service.search({ query: "photosynthesis in deep sea algae" });
		assert.ok(memories.every(({ weak }) => weak));
	});

	it("is not silent where few memories are there and the words differ", async () => {
		await memory.service.save({ text: "Alice owns the billing service" });
		await memory.service.save({ text: "We deploy with make ship" });
		assert.equal(
			(await foundTexts(memory, "who is responsible for payments?"))[0],
			"Alice owns the billing service",
		);
		assert.equal((await foundTexts(memory, "how do we release?"))[0], "We deploy with make ship");
	});

	it("finds names of code whole and in parts", async () => {
		const texts = [
			"connect fails with ECONNREFUSED when the proxy is down",
			"commit with --no-verify only in emergencies",
			"we are pinned to v8.61.0 of eslint",
			"src/store/db.ts opens the database",
			"parseHTTPResponse handles retries",
			"max_retry_count is 5",
		];
		for (const text of texts) await memory.service.save({ text });
		for (const [query, expected] of [
			["ECONNREFUSED", 0],
			["--no-verify", 1],
			["v8.61.0", 2],
			["src/store/db.ts", 3],
			["db.ts", 3],
			["parseHTTPResponse", 4],
			["HTTP response", 4],
			["max_retry_count", 5],
			["retry count", 5],
		] as const)
			assert.equal((await foundTexts(memory, query))[0], texts[expected], query);
	});

	it("sees global and the current project, and others only when asked", async () => {
		await memory.service.save({ text: "Release notes are written by hand" });
		await memory.service.save({
			text: "Release branch of alpha is main",
			scope: "project",
			project: projectA,
		});
		await memory.service.save({
			text: "Release branch of beta is trunk",
			scope: "project",
			project: projectB,
		});
		const seen = async (more: object) =>
			(await foundTexts(memory, "release branch or notes", { limit: 10, ...more })).sort();
		assert.deepEqual(await seen({ project: projectA }), [
			"Release branch of alpha is main",
			"Release notes are written by hand",
		]);
		assert.deepEqual(await seen({ project: projectA, scope: "project" }), [
			"Release branch of alpha is main",
		]);
		assert.deepEqual(await seen({ project: projectA, scope: "global" }), [
			"Release notes are written by hand",
		]);
		assert.deepEqual(await seen({}), ["Release notes are written by hand"]);
		assert.equal((await seen({ project: projectA, scope: "all" })).length, 3);
	});

	it("takes operators of SQL and FTS as words", async () => {
		await memory.service.save({ text: "Use OR with care" });
		await memory.service.save({ text: 'The column is named "near"' });
		for (const query of [
			'"',
			'"" ""',
			"*",
			"a* b*",
			"NEAR(a b, 5)",
			"col:x",
			"text: near",
			"a AND (b OR",
			"'; DROP TABLE memories; --",
			"-near",
			"^near",
			"\\",
			"%_",
		]) {
			await memory.service.search({ query });
		}
		assert.equal((await memory.service.list()).total, 2);
		assert.equal((await foundTexts(memory, "NEAR("))[0], 'The column is named "near"');
	});

	it("takes a query of stop words only, NUL bytes and halves of characters", async () => {
		await memory.service.save({ text: "To be or not to be" });
		assert.deepEqual(await foundTexts(memory, "to be or not to be"), ["To be or not to be"]);
		assert.deepEqual(await foundTexts(memory, "of the"), []);
		assert.deepEqual(await foundTexts(memory, "to be\0or not\ud83d to be"), ["To be or not to be"]);
	});

	it("finds memories in scripts the model cannot read, and only those", async () => {
		const foreign = [
			"東京の天気は晴れです",
			"データベースは大阪にあります",
			"ผมชอบกินข้าวผัด",
			"Мы развёртываем по четвергам",
			"نحن ننشر يوم الخميس",
		];
		for (const text of foreign) assert.equal((await memory.service.save({ text })).memories[0]?.event, "ADD");
		assert.deepEqual(await foundTexts(memory, "東京"), ["東京の天気は晴れです"]);
		assert.deepEqual(await foundTexts(memory, "大阪"), ["データベースは大阪にあります"]);
		assert.deepEqual(await foundTexts(memory, "ข้าวผัด"), ["ผมชอบกินข้าวผัด"]);
		assert.deepEqual(await foundTexts(memory, "четвергам"), ["Мы развёртываем по четвергам"]);
		assert.deepEqual(await foundTexts(memory, "الخميس"), ["نحن ننشر يوم الخميس"]);
		assert.deepEqual((await memory.service.status()).pending, { distillation: 0, embedding: 0 });
	});

	it("refuses limits and dates that make no sense", async () => {
		await assert.rejects(memory.service.search({ query: "x", limit: 0 }), invalid("limit", /from 1 to 50/));
		await assert.rejects(memory.service.search({ query: "x", limit: 51 }), invalid("limit", /limit=51/));
		await assert.rejects(
			memory.service.search({ query: "x", since: "yesterday" }),
			invalid("since", /ISO 8601/),
		);
		await assert.rejects(memory.service.search({ query: " " }), invalid("query", /empty/));
	});

	it("can be called off", async () => {
		const off = new AbortController();
		const searching = memory.service.search({ query: "anything", signal: off.signal });
		off.abort(new Error("no longer wanted"));
		await assert.rejects(searching, /no longer wanted/);
	});
});

describe("Changing memories", () => {
	const memory = serviceFixture();

	it("updates the text, what finds it, and its history", async () => {
		const id = (await memory.service.save({ text: "The office is in Berlin" })).memories[0]?.id;
		await memory.service.update(id, "The office is in Lisbon");
		const { memories } = await memory.service.search({ query: "Berlin" });
		assert.ok(memories.every(({ weak, text }) => weak && !text.includes("Berlin")));
		assert.deepEqual(await foundTexts(memory, "Where in Lisbon is the office?"), ["The office is in Lisbon"]);
		assert.deepEqual(
			(await memory.service.history(id)).map(({ event }) => event),
			["ADD", "UPDATE"],
		);
	});

	it("deletes, and restores with id, age and meaning", async () => {
		const id = (await memory.service.save({ text: "Ada plays the cello" })).memories[0]?.id;
		const before = await memory.service.get(id);
		assert.equal((await memory.service.delete(id)).text, "Ada plays the cello");
		assert.deepEqual(await foundTexts(memory, "cello"), []);
		await assert.rejects(
			memory.service.get(id),
			invalid("id", /No memory has the id.*Searches and lists give the ids/),
		);
		await memory.service.restore(id);
		assert.deepEqual({ ...(await memory.service.get(id)), updatedAt: 0 }, { ...before, updatedAt: 0 });
		assert.deepEqual(await foundTexts(memory, "cello"), ["Ada plays the cello"]);
	});

	it("names an unknown id", async () => {
		for (const change of [
			memory.service.update("nope", "x"),
			memory.service.delete("nope"),
			memory.service.restore("nope"),
		]) {
			await assert.rejects(change, invalid("id", /"nope"/));
		}
	});

	it("keeps users apart", async () => {
		const id = (await memory.service.save({ text: "Ada's secret plan" })).memories[0]?.id;
		const bob = await openService(memory.folder, memory.embedder, "bob");
		assert.deepEqual((await bob.service.search({ query: "secret plan", scope: "all" })).memories, []);
		await assert.rejects(bob.service.delete(id), /No memory/);
		await assert.rejects(bob.service.history(id), /No memory/);
		await bob.service.dispose();
	});

	it("waits for saves under way when it is closed", async () => {
		const { service: own } = await openService(memory.folder, memory.embedder);
		const saving = own.save({ text: "Saved while closing" });
		await own.dispose();
		assert.equal((await saving).memories[0]?.event, "ADD");
		assert.deepEqual(await foundTexts(memory, "saved while closing"), ["Saved while closing"]);
	});
});
