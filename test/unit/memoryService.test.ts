import assert from "node:assert/strict";
import type { BuiltinEmbedder } from "../../src/endpoints/builtinEmbedder.ts";
import { InputError } from "../../src/memory/errors.ts";
import type { MemoryService } from "../../src/memory/memoryService.ts";
import type { MemoryStore } from "../../src/store/memoryStore.ts";
import { openStore } from "../../src/store/sqliteStore.ts";
import {
	builtinEmbedder,
	openService,
	projectA,
	projectB,
	temporaryFolder,
	unreliable,
} from "../support/fixtures.ts";

describe("The memory service, on the built-in model", () => {
	let embedder: BuiltinEmbedder;
	let folder: string;
	let service: MemoryService;
	let store: MemoryStore;

	before(() => {
		embedder = builtinEmbedder();
	});
	after(() => embedder.dispose());
	beforeEach(async () => {
		folder = temporaryFolder();
		({ service, store } = await openService(folder, embedder));
	});
	afterEach(() => service.dispose());

	const texts = async (query: string, more: object = {}) =>
		(await service.search({ query, ...more })).memories.map(({ text }) => text);
	const invalid = (field: string, pattern: RegExp) => (error: unknown) => {
		assert.ok(error instanceof InputError, String(error));
		assert.equal(error.field, field);
		assert.match(error.message, pattern);
		return true;
	};

	describe("saving", () => {
		it("answers with what it read back, and keeps the save's own text", async () => {
			const saved = await service.save({
				text: "  We deploy on Thursdays.  ",
				metadata: { source: "chat" },
				conversationId: "c1",
			});
			assert.equal(saved.mode, "verbatim");
			assert.deepEqual(saved.pending, []);
			const [first] = saved.memories;
			assert.equal(first?.event, "ADD");
			const memory = service.get(first?.id);
			assert.equal(memory.text, "We deploy on Thursdays.");
			assert.deepEqual(memory.metadata, { source: "chat" });
			assert.equal(memory.conversationId, "c1");
			assert.equal(store.journal.text(memory.saveId ?? ""), "We deploy on Thursdays.");
		});

		it("commits the text to the journal before the model is asked", async () => {
			const seen: number[] = [];
			const { service: watched, store: own } = await openService(temporaryFolder(), {
				...embedder,
				space: embedder.space,
				embed: (...args) => {
					// As another process would find it if this one died now, and its lease had run out.
					seen.push(own.journal.text(journalled[0] ?? "") === undefined ? 0 : 1);
					return embedder.embed(...args);
				},
				dispose: async () => undefined,
			});
			const journalled: string[] = [];
			const record = own.journal.record.bind(own.journal);
			own.journal.record = async (entry) => {
				journalled.push(entry.id);
				await record(entry);
			};
			await watched.save({ text: "first things first" });
			assert.deepEqual(seen, [1]);
			await watched.dispose();
		});

		it("answers DUPLICATE with the existing id for the same fact in other clothes", async () => {
			const first = (await service.save({ text: "The user prefers tabs over spaces" })).memories[0];
			for (const again of [
				"The user prefers tabs over spaces",
				"user prefers tabs over spaces.",
				"THE USER PREFERS  TABS over spaces!",
			]) {
				assert.deepEqual((await service.save({ text: again })).memories, [
					{ id: first?.id, text: "The user prefers tabs over spaces", event: "DUPLICATE" },
				]);
			}
			assert.equal(service.list().total, 1);
		});

		it("keeps facts that only look alike", async () => {
			const alike = [
				"The user prefers tabs over spaces",
				"The user prefers spaces over tabs",
				"The user does not prefer tabs over spaces",
				"The API listens on port 8080",
				"The API listens on port 8081",
				"Maria is the product owner",
				"Marta is the product owner",
			];
			for (const text of alike) assert.equal((await service.save({ text })).memories[0]?.event, "ADD", text);
			assert.equal(service.list().total, alike.length);
		});

		it("knows a project's duplicate from one that must be visible elsewhere too", async () => {
			const save = async (scope: string, project = projectA) =>
				(await service.save({ text: "Tests run with mocha", scope, project })).memories[0]?.event;
			assert.equal(await save("project"), "ADD");
			assert.equal(await save("project"), "DUPLICATE");
			assert.equal(await save("project", projectB), "ADD");
			assert.equal(await save("global"), "ADD");
			assert.equal(await save("project"), "DUPLICATE");
		});

		it("saves the same fact once when it comes many times at once", async () => {
			const saves = await Promise.all(Array.from({ length: 20 }, () => service.save({ text: "Only once" })));
			assert.equal(saves.filter(({ memories }) => memories[0]?.event === "ADD").length, 1);
			assert.equal(new Set(saves.map(({ memories }) => memories[0]?.id)).size, 1);
		});

		it("refuses bad input with what to do, and stores nothing", async () => {
			await assert.rejects(service.save({ text: " \n\t " }), invalid("text", /empty/));
			await assert.rejects(
				service.save({ text: "x".repeat(32_001) }),
				invalid("text", /32001 characters.*at most 32000.*Split/),
			);
			await assert.rejects(service.save({ text: "a\0b" }), invalid("text", /NUL character at position 1/));
			await assert.rejects(
				service.save({ text: "a\ud83d b" }),
				invalid("text", /surrogate pair at position 1/),
			);
			await assert.rejects(
				service.save({ text: "x", scope: "galaxy" }),
				invalid("scope", /one of global, project/),
			);
			await assert.rejects(
				service.save({ text: "x", scope: "project" }),
				invalid("scope", /No project is open/),
			);
			assert.equal(service.list().total, 0);
			assert.deepEqual(store.journal.abandoned(), []);
		});

		it("takes a text of the greatest length, and finds a word at its end", async () => {
			const text = `${"lorem ipsum dolor ".repeat(1776)}zanzibar`;
			assert.ok(text.length <= 32_000);
			await service.save({ text });
			assert.deepEqual(
				(await texts("zanzibar")).map(({ length }) => length),
				[text.length],
			);
		});

		it("keeps a save when the model is away, finds it by its words, and embeds it later", async () => {
			const away = unreliable(embedder);
			away.failing = true;
			const { service: own, store: ownStore } = await openService(temporaryFolder(), {
				...away,
				embed: (...args) => away.embed(...args),
			});
			const saved = await own.save({ text: "The staging database is called marmot" });
			assert.equal(saved.memories[0]?.event, "ADD");
			assert.deepEqual(saved.pending, ["embedding"]);
			assert.match(saved.note ?? "", /The model is away\..*found by its words now/);
			const { memories, note } = await own.search({ query: "marmot" });
			assert.equal(memories[0]?.text, "The staging database is called marmot");
			assert.match(note ?? "", /Searched by words only/);
			away.failing = false;
			own.startBackgroundWork();
			for (let i = 0; i < 100 && ownStore.vectors.countMissing(embedder.space) > 0; i += 1) await pause(50);
			assert.equal(ownStore.vectors.countMissing(embedder.space), 0);
			await own.dispose();
		});

		it("finishes a save whose process died after the journal, exactly once", async () => {
			const { store: dead } = await openStore(folder);
			const entry = {
				id: "dead-1",
				text: "Saved at the last moment",
				userId: "ada",
				scope: "global" as const,
				createdAt: 5,
			};
			await dead.journal.record(entry);
			await dead.close();
			// This process lives, so nobody takes the save over yet.
			assert.deepEqual(store.journal.abandoned(), []);
			const { DatabaseSync } = await import("node:sqlite");
			const raw = new DatabaseSync(store.path);
			raw.exec("UPDATE journal SET owner = replace(owner, ':', ':99999')");
			raw.close();
			const second = await openService(folder, embedder);
			service.startBackgroundWork();
			second.service.startBackgroundWork();
			for (let i = 0; i < 100 && service.list().total === 0; i += 1) await pause(20);
			await pause(100);
			assert.deepEqual(
				service.list().memories.map(({ text, saveId, createdAt }) => [text, saveId, createdAt]),
				[["Saved at the last moment", "dead-1", 5]],
			);
			await second.service.dispose();
		});
	});

	describe("searching", () => {
		it("finds by meaning what shares no word with the question", async () => {
			await service.save({ text: "My cat is named Whiskers" });
			await service.save({ text: "The build takes nine minutes" });
			assert.equal((await texts("what is my pet called?"))[0], "My cat is named Whiskers");
		});

		it("finds by word what the model cannot know", async () => {
			for (const text of [
				"Ticket QX-7731 is about the flaky login",
				"Ticket QX-7732 is about the slow import",
			])
				await service.save({ text });
			assert.equal((await texts("QX-7732"))[0], "Ticket QX-7732 is about the slow import");
		});

		it("scores in 0..1, best first", async () => {
			for (const text of ["Deploy with make ship", "We never deploy on Fridays", "Lunch is at noon"])
				await service.save({ text });
			const { memories } = await service.search({ query: "how do we deploy" });
			const scores = memories.map(({ score }) => score);
			assert.ok(scores.length >= 2 && scores.every((score) => score > 0 && score <= 1));
			assert.deepEqual(
				scores,
				[...scores].sort((a, b) => b - a),
			);
		});

		it("answers nothing to a question that nothing answers", async () => {
			for (const text of ["Deploy with make ship", "The user is called Ada"]) await service.save({ text });
			assert.deepEqual(await texts("photosynthesis in deep sea algae"), []);
		});

		it("sees global and the current project, and others only when asked", async () => {
			await service.save({ text: "Release notes are written by hand" });
			await service.save({ text: "Release branch of alpha is main", scope: "project", project: projectA });
			await service.save({ text: "Release branch of beta is trunk", scope: "project", project: projectB });
			const seen = async (more: object) =>
				(await texts("release branch or notes", { limit: 10, ...more })).sort();
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
			await service.save({ text: "Use OR with care" });
			await service.save({ text: 'The column is named "near"' });
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
				await service.search({ query });
			}
			assert.equal(service.list().total, 2);
			assert.deepEqual(await texts("NEAR("), ['The column is named "near"']);
		});

		it("takes a query of stop words only, NUL bytes and halves of characters", async () => {
			await service.save({ text: "To be or not to be" });
			assert.deepEqual(await texts("to be or not to be"), ["To be or not to be"]);
			assert.deepEqual(await texts("of the"), []);
			assert.deepEqual(await texts("to be\0or not\ud83d to be"), ["To be or not to be"]);
		});

		it("finds memories in scripts the model cannot read, and only those", async () => {
			const foreign = [
				"東京の天気は晴れです",
				"データベースは大阪にあります",
				"ผมชอบกินข้าวผัด",
				"Мы развёртываем по четвергам",
				"نحن ننشر يوم الخميس",
			];
			for (const text of foreign) assert.equal((await service.save({ text })).memories[0]?.event, "ADD");
			assert.deepEqual(await texts("東京"), ["東京の天気は晴れです"]);
			assert.deepEqual(await texts("大阪"), ["データベースは大阪にあります"]);
			assert.deepEqual(await texts("ข้าวผัด"), ["ผมชอบกินข้าวผัด"]);
			assert.deepEqual(await texts("четвергам"), ["Мы развёртываем по четвергам"]);
			assert.deepEqual(await texts("الخميس"), ["نحن ننشر يوم الخميس"]);
			assert.deepEqual(service.status().pending, { embedding: 0 });
		});

		it("refuses limits and dates that make no sense", async () => {
			await assert.rejects(service.search({ query: "x", limit: 0 }), invalid("limit", /from 1 to 50/));
			await assert.rejects(service.search({ query: "x", limit: 51 }), invalid("limit", /limit=51/));
			await assert.rejects(service.search({ query: "x", since: "yesterday" }), invalid("since", /ISO 8601/));
			await assert.rejects(service.search({ query: " " }), invalid("query", /empty/));
		});

		it("can be called off", async () => {
			const off = new AbortController();
			const searching = service.search({ query: "anything", signal: off.signal });
			off.abort(new Error("no longer wanted"));
			await assert.rejects(searching, /no longer wanted/);
		});
	});

	describe("changing", () => {
		it("updates the text, what finds it, and its history", async () => {
			const id = (await service.save({ text: "The office is in Berlin" })).memories[0]?.id;
			await service.update(id, "The office is in Lisbon");
			assert.deepEqual(await texts("Berlin"), []);
			assert.deepEqual(await texts("Where in Lisbon is the office?"), ["The office is in Lisbon"]);
			assert.deepEqual(
				service.history(id).map(({ event }) => event),
				["ADD", "UPDATE"],
			);
		});

		it("deletes, and restores with id, age and meaning", async () => {
			const id = (await service.save({ text: "Ada plays the cello" })).memories[0]?.id;
			const before = service.get(id);
			assert.equal((await service.delete(id)).text, "Ada plays the cello");
			assert.deepEqual(await texts("cello"), []);
			assert.throws(() => service.get(id), invalid("id", /No memory has the id.*search_memories/));
			await service.restore(id);
			assert.deepEqual({ ...service.get(id), updatedAt: 0 }, { ...before, updatedAt: 0 });
			assert.deepEqual(await texts("cello"), ["Ada plays the cello"]);
		});

		it("names an unknown id", async () => {
			for (const change of [service.update("nope", "x"), service.delete("nope"), service.restore("nope")]) {
				await assert.rejects(change, invalid("id", /"nope"/));
			}
		});

		it("keeps users apart", async () => {
			const id = (await service.save({ text: "Ada's secret plan" })).memories[0]?.id;
			const bob = await openService(folder, embedder, "bob");
			assert.deepEqual((await bob.service.search({ query: "secret plan", scope: "all" })).memories, []);
			await assert.rejects(bob.service.delete(id), /No memory/);
			assert.throws(() => bob.service.history(id), /No memory/);
			await bob.service.dispose();
		});

		it("waits for saves under way when it is closed", async () => {
			const { service: own } = await openService(folder, embedder);
			const saving = own.save({ text: "Saved while closing" });
			await own.dispose();
			assert.equal((await saving).memories[0]?.event, "ADD");
			assert.deepEqual(await texts("saved while closing"), ["Saved while closing"]);
		});
	});
});

function pause(ms: number): Promise<void> {
	return new Promise((resolve) => setTimeout(resolve, ms));
}
