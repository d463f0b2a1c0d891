import assert from "node:assert/strict";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { databaseFile } from "../../../src/store/sqlite/sqliteStore.ts";
import { endpointFixture, saved, settled, texts } from "../../support/fixtures/endpointFixture.ts";
import { pause } from "../../support/fixtures/serviceFixture.ts";
import { itOnSqlite } from "../../support/postgres/testStore.ts";

const text = "Ada plays the cello in an orchestra";

describe("While a save is with its language model", function () {
	this.timeout(40_000);
	const memory = endpointFixture();

	/** A service whose model answers when it is let, with the answer it is given. */
	async function waiting(answer: () => string) {
		let let_ = (): void => undefined;
		const released = new Promise<void>((done) => {
			let_ = done;
		});
		const server = await memory.server({
			chat: async () => {
				await released;
				return { content: answer() };
			},
		});
		const service = await memory.openOn(server);
		const saving = service.save({ text });
		for (let i = 0; i < 400 && server.count("chat") === 0; i += 1) await pause(20);
		const [saved] = (await service.list({})).memories;
		assert.ok(saved);
		return { service, server, saving, id: saved.id, release: let_ };
	}

	const answers = { "no facts": '{"memory":[]}', prose: "I cannot do that." };
	for (const [name, answer] of Object.entries(answers)) {
		it(`its memory may be changed: it keeps the new text and its vector (${name})`, async () => {
			const { service, saving, id, release } = await waiting(() => answer);
			await service.update(id, "The database listens on port 5433");
			release();
			const result = await saving;
			assert.deepEqual(saved(result), ["ADD The database listens on port 5433"]);
			assert.match(result.note ?? "", /Somebody else changed or deleted it/);
			await settled(service);
			const found = await service.search({ query: "which port does the database listen on" });
			assert.equal(found.memories[0]?.id, id);
			assert.deepEqual((await service.search({ query: "who is a musician" })).memories, []);
		});

		it(`its memory may be deleted: it stays so, and the answer says it (${name})`, async () => {
			const { service, saving, id, release } = await waiting(() => answer);
			await service.delete(id);
			release();
			const { memories, note } = await saving;
			assert.deepEqual(memories, []);
			assert.match(note ?? "", /Somebody else changed or deleted it/);
			assert.deepEqual(await texts(service), []);
		});
	}

	itOnSqlite(
		"the database may be busy when the facts come: the answer says that the text is stored",
		async function () {
			// As long as writes wait for others.
			this.timeout(90_000);
			let lock: DatabaseSync | undefined;
			const { service, saving, release } = await waiting(() => {
				if (!lock) {
					lock = new DatabaseSync(join(memory.folder, databaseFile));
					lock.exec("BEGIN IMMEDIATE");
				}
				return '{"memory":["Ada is a cellist"]}';
			});
			release();
			const result = await saving;
			lock?.exec("COMMIT");
			lock?.close();
			assert.deepEqual(saved(result), [`ADD ${text}`]);
			assert.ok(result.pending.includes("distillation"));
			assert.match(result.note ?? "", /could not be stored.*kept word for word/);
			await settled(service);
			assert.deepEqual(await texts(service), ["Ada is a cellist"]);
		},
	);

	it("the memory may be closed: a search under way is answered by words", async () => {
		const server = await memory.server({ delay: 1500 });
		const service = await memory.openOn(server, {
			LLM_PROVIDER: "none",
			EMBEDDING_PROVIDER: "openai",
			EMBEDDING_BASE_URL: server.baseUrl,
		});
		await service.save({ text });
		const asked = server.count("embeddings");
		const searching = service.search({ query: "cello orchestra" });
		while (server.count("embeddings") === asked) await pause(10);
		await service.dispose();
		const { memories, note } = await searching;
		assert.equal(memories[0]?.text, text);
		assert.match(note ?? "", /being closed. Searched by words only/);
	});

	it("what was deleted before is not shown to the model again", async () => {
		const server = await memory.server();
		const service = await memory.openOn(server, { EMBEDDING_PROVIDER: "builtin" });
		const { memories } = await service.save({ text: "The door code is 4711 Zebra.", conversationId: "c" });
		for (const { id } of memories) await service.delete(id);
		const before = server.requests.length;
		await service.save({ text: "Bob likes coffee.", conversationId: "c" });
		const sent = JSON.stringify(server.requests.slice(before));
		assert.match(sent, /Bob likes coffee/);
		assert.doesNotMatch(sent, /Zebra/);
	});
});
