import assert from "node:assert/strict";
import { openService, unreliable } from "../../support/fixtures/openService.ts";
import { projectA, projectB } from "../../support/fixtures/projects.ts";
import { foundTexts, invalid, pause, serviceFixture } from "../../support/fixtures/serviceFixture.ts";
import { temporaryFolder } from "../../support/fixtures/temporaryFolder.ts";
import { openTestStore, runOnStore } from "../../support/postgres/testStore.ts";

describe("Saving a memory", () => {
	const memory = serviceFixture();

	it("answers with what it read back, and keeps the save's own text", async () => {
		const saved = await memory.service.save({
			text: "  We deploy on Thursdays.  ",
			metadata: { source: "chat" },
			conversationId: "c1",
		});
		assert.equal(saved.mode, "verbatim");
		assert.deepEqual(saved.pending, []);
		const [first] = saved.memories;
		assert.equal(first?.event, "ADD");
		const stored = await memory.service.get(first?.id);
		assert.equal(stored.text, "We deploy on Thursdays.");
		assert.deepEqual(stored.metadata, { source: "chat" });
		assert.equal(stored.conversationId, "c1");
		assert.ok(stored.saveId);
		assert.equal(await memory.store.saves.savedText(stored.saveId, stored.userId), "We deploy on Thursdays.");
	});

	it("commits the text to the journal before the model is asked", async () => {
		const seen: (string | undefined)[] = [];
		const { service: watched, store: own } = await openService(temporaryFolder(), {
			...memory.embedder,
			space: memory.embedder.space,
			embed: async (...args) => {
				// As another process would find it if this one died now, and its lease had expired.
				const [entry] = journalled;
				assert.ok(entry, "the model was asked before the journal was written");
				seen.push(await own.saves.savedText(entry, "ada"));
				return memory.embedder.embed(...args);
			},
			dispose: async () => undefined,
		});
		const journalled: string[] = [];
		const record = own.saves.record.bind(own.saves);
		own.saves.record = async (entry) => {
			const known = await record(entry);
			journalled.push(entry.id);
			return known;
		};
		await watched.save({ text: "first things first" });
		assert.deepEqual(seen, ["first things first"]);
		await watched.dispose();
	});

	it("answers DUPLICATE with the existing id for the same fact in other clothes", async () => {
		const first = (await memory.service.save({ text: "The user prefers tabs over spaces" })).memories[0];
		for (const again of [
			"The user prefers tabs over spaces",
			"user prefers tabs over spaces.",
			"THE USER PREFERS  TABS over spaces!",
		]) {
			assert.deepEqual((await memory.service.save({ text: again })).memories, [
				{ id: first?.id, text: "The user prefers tabs over spaces", event: "DUPLICATE" },
			]);
		}
		assert.equal((await memory.service.list()).total, 1);
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
		for (const text of alike)
			assert.equal((await memory.service.save({ text })).memories[0]?.event, "ADD", text);
		assert.equal((await memory.service.list()).total, alike.length);
	});

	it("knows a project's duplicate from one that must be visible elsewhere too", async () => {
		const save = async (scope: string, project = projectA) =>
			(await memory.service.save({ text: "Tests run with mocha", scope, project })).memories[0]?.event;
		assert.equal(await save("project"), "ADD");
		assert.equal(await save("project"), "DUPLICATE");
		assert.equal(await save("project", projectB), "ADD");
		assert.equal(await save("global"), "ADD");
		assert.equal(await save("project"), "DUPLICATE");
	});

	it("saves the same fact once when it comes many times at once", async () => {
		const saves = await Promise.all(
			Array.from({ length: 20 }, () => memory.service.save({ text: "Only once" })),
		);
		assert.equal(saves.filter(({ memories }) => memories[0]?.event === "ADD").length, 1);
		assert.equal(new Set(saves.map(({ memories }) => memories[0]?.id)).size, 1);
	});

	it("refuses bad input with what to do, and stores nothing", async () => {
		await assert.rejects(memory.service.save({ text: " \n\t " }), invalid("text", /empty/));
		await assert.rejects(
			memory.service.save({ text: "x".repeat(32_001) }),
			invalid("text", /32001 characters.*the maximum is 32000.*Split/),
		);
		await assert.rejects(
			memory.service.save({ text: "a\0b" }),
			invalid("text", /NUL character at position 1/),
		);
		await assert.rejects(
			memory.service.save({ text: "a\ud83d b" }),
			invalid("text", /surrogate pair at position 1/),
		);
		await assert.rejects(
			memory.service.save({ text: "x", scope: "galaxy" }),
			invalid("scope", /one of global, project/),
		);
		await assert.rejects(
			memory.service.save({ text: "x", scope: "project" }),
			invalid("scope", /No project is open/),
		);
		assert.equal((await memory.service.list()).total, 0);
		assert.deepEqual(await memory.store.distillation.abandoned("ada"), []);
	});

	it("takes a text of the greatest length, and finds a word at its end", async () => {
		const text = `${"lorem ipsum dolor ".repeat(1776)}zanzibar`;
		assert.ok(text.length <= 32_000);
		await memory.service.save({ text });
		assert.deepEqual(
			(await foundTexts(memory, "zanzibar")).map(({ length }) => length),
			[text.length],
		);
	});

	it("keeps a save when the model is away, finds it by its words, and embeds it later", async () => {
		const away = unreliable(memory.embedder);
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
		const missing = async () => (await ownStore.spaces.progress("ada", memory.embedder.space)).missing;
		for (let i = 0; i < 100 && (await missing()) > 0; i += 1) await pause(50);
		assert.equal(await missing(), 0);
		await own.dispose();
	});

	it("finishes a save whose process died after the journal, exactly once", async () => {
		const { store: dead } = await openTestStore(memory.folder);
		const entry = {
			id: "dead-1",
			text: "Saved at the last moment",
			userId: "ada",
			scope: "global" as const,
			createdAt: 5,
		};
		await dead.saves.record(entry);
		await dead.close();
		// This process lives, so nobody takes the save over yet.
		assert.deepEqual(await memory.store.distillation.abandoned("ada"), []);
		await runOnStore(memory.folder, "UPDATE {s}.journal SET owner = replace(owner, ':', ':99999')");
		const second = await openService(memory.folder, memory.embedder, "ada", memory.clock);
		memory.service.startBackgroundWork();
		second.service.startBackgroundWork();
		await memory.clock.pass(60_000);
		assert.deepEqual(
			(await memory.service.list()).memories.map(({ text, saveId, createdAt }) => [text, saveId, createdAt]),
			[["Saved at the last moment", "dead-1", 5]],
		);
		await second.service.dispose();
	});
});
