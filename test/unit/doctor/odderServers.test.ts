import assert from "node:assert/strict";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { databaseFile } from "../../../src/store/sqlite/sqliteStore.ts";
import { examined } from "../../support/fixtures/brokenSetups.ts";
import { openService } from "../../support/fixtures/openService.ts";
import {
	completion,
	inputs,
	type ScriptedBody,
	scriptedServer,
} from "../../support/fixtures/scriptedServer.ts";
import { sharedEmbedder } from "../../support/fixtures/sharedEmbedder.ts";
import { temporaryFolder } from "../../support/fixtures/temporaryFolder.ts";
import { warmUp } from "../../support/fixtures/warmUp.ts";
import { vectorOf } from "../../support/openaiServer/vectors.ts";

const models = { object: "list", data: ["test-chat", "test-embed"].map((id) => ({ id, object: "model" })) };

/** @param refuse what the server says against a request, if anything. */
async function server(refuse: (body: ScriptedBody) => string | undefined, model?: string) {
	const vectors = new Map<string, number[]>();
	const { calibrationTexts } = await import("../../../src/endpoints/calibration.ts");
	for (const text of calibrationTexts) vectors.set(text, [...(await vectorOf(text, "test-embed", 512))]);
	return scriptedServer((body) => {
		if (body.model === undefined) return models;
		const why = refuse(body);
		if (why !== undefined) return [400, why];
		if (body.messages) return completion(JSON.stringify({ ok: true }));
		const data = inputs(body).map((text, index) => ({ index, embedding: vectors.get(text) }));
		return { object: "list", model: model ?? body.model, data };
	});
}

describe("The Endpoint Doctor, of servers that the memory can do with", function () {
	this.timeout(30_000);
	before(warmUp);

	const refusing: Readonly<Record<string, (body: ScriptedBody) => string | undefined>> = {
		"only answer as a stream": ({ messages, stream }) =>
			messages && !stream ? "This model only support stream mode" : undefined,
		"take no format of vectors": (body) =>
			"encoding_format" in body ? "extra fields: encoding_format" : undefined,
		"give short answers": ({ max_tokens }) =>
			Number(max_tokens) > 500 ? "Range of max_tokens should be [1, 500]" : undefined,
		"embed one text at once": ({ input }) => (Array.isArray(input) && input.length > 1 ? "No." : undefined),
	};
	for (const [what, refuse] of Object.entries(refusing))
		it(`finds nothing wrong with those that ${what}`, async () => {
			const { env, close } = await server(refuse);
			const { findings } = await examined(env, {}, { roles: ["chat", "embedding"] });
			const wrong = findings.filter(
				({ status, id }) => status === "failed" || (status !== "ok" && /vectors|batch/.test(id)),
			);
			assert.deepEqual(wrong, []);
			close();
		});

	it("warns of an embedding model that is not the one that was asked for", async () => {
		const { env, close } = await server(() => undefined, "other-model");
		const { findings } = await examined(env, {}, { roles: ["chat", "embedding"] });
		const found = findings.find(({ id }) => id === "embedding.vectors");
		assert.equal(found?.status, "warning");
		assert.match(found.seen, /was asked for test-embed and answers with other-model/);
		close();
	});
});

describe("The Endpoint Doctor, of memories without a vector", function () {
	this.timeout(30_000);

	it("counts them, and offers to embed them", async () => {
		const folder = temporaryFolder();
		const { service } = await openService(folder, sharedEmbedder());
		for (let i = 0; i < 3; i += 1) await service.save({ text: `Fact number ${i} is about the storage` });
		await service.dispose();
		const database = new DatabaseSync(join(folder, databaseFile));
		database.exec("DELETE FROM vectors WHERE seq IN (SELECT seq FROM vectors LIMIT 2)");
		database.close();
		const { findings } = await examined(
			{ MEMORY_DIR: folder, DEFAULT_USER_ID: "ada" },
			{},
			{ roles: ["storage"] },
		);
		const found = findings.find(({ id }) => id === "storage.vectors");
		assert.equal(found?.status, "warning");
		assert.match(found.seen, /^2 memories have no vector yet\.$/);
		assert.equal(found.fixes[0]?.kind, "reembed");
	});
});
