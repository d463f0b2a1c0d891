import assert from "node:assert/strict";
import { calibrationTexts } from "../../../src/endpoints/calibration.ts";
import type { MemoryService } from "../../../src/memory/memoryService.ts";
import { endpointFixture, settled, texts } from "../../support/fixtures/endpointFixture.ts";
import { projectA, projectB } from "../../support/fixtures/projects.ts";
import type { OpenAiServer } from "../../support/openaiServer/server.ts";

describe("The embedding of a text", function () {
	this.timeout(60_000);
	const memory = endpointFixture();
	let server: OpenAiServer;
	beforeEach(async () => {
		server = await memory.server({ embeddingModels: ["test-embed", "other-embed"] });
	});

	/** How often the endpoint was asked for each text, but for those by which a model is calibrated. */
	const asked = () => {
		const counts = new Map<string, number>();
		for (const { path, body } of server.requests) {
			if (!path.endsWith("/embeddings")) continue;
			for (const text of [(body as { input: string | string[] }).input].flat())
				if (!calibrationTexts.includes(text)) counts.set(text, (counts.get(text) ?? 0) + 1);
		}
		return Object.fromEntries(counts);
	};
	const save = async (service: MemoryService, text: string, more = {}) => {
		const { memories } = await service.save({ text, infer: false, ...more });
		return memories[0]?.id ?? "";
	};
	/** Every memory has a vector. */
	const isEmbedded = async (service: MemoryService) => {
		await settled(service);
		const { pending, outsideSpace } = await service.status();
		assert.deepEqual([pending.embedding, outsideSpace], [0, 0]);
	};

	it("is asked for once, also when it is deleted and saved again, restored, or changed and changed back", async () => {
		const service = await memory.openOn(server);
		const id = await save(service, "Ada likes tea");
		await service.delete(id);
		const again = await save(service, "Ada likes tea");
		await service.delete(again);
		await service.restore(again);
		service.workSoon();
		await isEmbedded(service);
		await service.update(again, "Ada likes coffee");
		await service.update(again, "Ada likes tea");
		await isEmbedded(service);
		assert.deepEqual(asked(), { "Ada likes tea": 1, "Ada likes coffee": 1 });
		assert.deepEqual(await texts(service), ["Ada likes tea"]);
	});

	it("is asked for once for all projects, users and processes", async () => {
		const service = await memory.openOn(server);
		await service.transfer.importAll([
			{ text: "We use mocha", scope: "project", project: projectA },
			{ text: "We use mocha", scope: "project", project: projectB },
		]);
		const other = await memory.openOn(server, { DEFAULT_USER_ID: "bob" });
		await save(other, "We use mocha");
		await isEmbedded(other);
		assert.deepEqual(asked(), { "We use mocha": 1 });
	});

	it("is asked for once when it is imported again", async () => {
		const service = await memory.openOn(server);
		const facts = Array.from({ length: 100 }, (_, index) => ({ text: `Ticket ${index} is closed` }));
		// Says the same as another, so that it becomes no memory.
		const all = [...facts, { text: "ticket 7 is closed." }];
		for (let i = 0; i < 2; i += 1) await service.transfer.importAll(all);
		assert.deepEqual(new Set(Object.values(asked())), new Set([1]));
	});

	it("is asked for once when facts take its place, and they and it are saved again", async () => {
		const service = await memory.openOn(server);
		const text = "Bob plays chess. Bob lives in Oslo.";
		const { memories } = await service.save({ text });
		assert.equal(memories.length, 2);
		for (const { id } of memories) await service.delete(id);
		await service.save({ text });
		await isEmbedded(service);
		assert.deepEqual(new Set(Object.values(asked())), new Set([1]));
		assert.equal((await texts(service)).length, 2);
	});

	it("is asked for once for each model, also when models are switched to and fro", async () => {
		for (const model of ["test-embed", "other-embed", "test-embed", "other-embed"]) {
			const service = await memory.openOn(server, { EMBEDDING_MODEL_CHOICE: model });
			if (Object.keys(asked()).length === 0) {
				await save(service, "Ada likes tea");
				await service.delete(await save(service, "Bob likes chess"));
			}
			await service.reembed();
			await isEmbedded(service);
			await service.dispose();
		}
		const { "Ada likes tea": tea, "Bob likes chess": chess } = asked();
		assert.deepEqual([tea, chess], [2, 1]);
		const service = await memory.openOn(server, { EMBEDDING_MODEL_CHOICE: "other-embed" });
		await save(service, "Bob likes chess");
		assert.equal(asked()["Bob likes chess"], 2);
	});

	it("is asked for by nobody while it is known, whatever the endpoint does; that says nothing about the endpoint", async () => {
		const service = await memory.openOn(server);
		const id = await save(service, "Ada likes tea");
		server.fault({ kind: "status", status: 401 }, { role: "embeddings" });
		await save(service, "Bob likes chess");
		assert.equal((await service.status()).embedding.state, "failing");
		await service.delete(id);
		const { note, pending } = await service.save({ text: "Ada likes tea", infer: false });
		assert.deepEqual([note, pending], [undefined, []]);
		assert.equal((await service.status()).embedding.state, "failing");
	});
});
