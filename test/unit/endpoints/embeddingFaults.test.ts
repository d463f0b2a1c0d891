import assert from "node:assert/strict";
import { endpointFixture, saved, settled, texts } from "../../support/fixtures/endpointFixture.ts";
import type { Fault } from "../../support/openaiServer/server.ts";

const text = "Ada lives in Paris. Alpha is deployed with make ship.";
const facts = ["Ada lives in Paris.", "Alpha is deployed with make ship."];

/** What comes of these is never stored as a vector. */
const faults: Readonly<Record<string, { readonly fault: Fault; readonly says: RegExp }>> = {
	"refuses connections": { fault: { kind: "refuse" }, says: /broke off the connection/ },
	hangs: { fault: { kind: "hang" }, says: /did not answer within 2 s/ },
	"breaks off in the middle": { fault: { kind: "reset" }, says: /broke off the connection/ },
	"answers byte by byte": { fault: { kind: "trickle", over: 5000 }, says: /did not answer within 2 s/ },
	"is asked too often": {
		fault: { kind: "rateLimit", retryAfter: 60 },
		says: /asked too often \(HTTP 429\)/,
	},
	"fails with 500": { fault: { kind: "status", status: 500 }, says: /failed \(HTTP 500\)/ },
	"answers with a web page": {
		fault: { kind: "html" },
		says: /answered with a web page.*Check LLM_BASE_URL/,
	},
	"is cut off in its JSON": { fault: { kind: "truncated" }, says: /something that is not JSON/ },
	"gives zeros": { fault: { kind: "zeros" }, says: /a vector of zeros.*Nothing was stored/ },
	"gives NaN as null": { fault: { kind: "nan" }, says: /a vector that contains NaN/ },
	"gives NaN as a word": { fault: { kind: "nan", written: "NaN" }, says: /not JSON/ },
	"gives fewer vectors than texts": { fault: { kind: "fewer" }, says: /gave \d vectors? for \d texts?\./ },
	"cannot pool": { fault: { kind: "poolingNone" }, says: /Pooling type 'none'/ },
	"wants a key": {
		fault: { kind: "unauthorizedText" },
		says: /wants an API key \(HTTP 401\).*Set EMBEDDING_API_KEY\./,
	},
};

describe("A save whose embedding model", function () {
	this.timeout(60_000);
	const memory = endpointFixture();

	for (const [name, { fault, says }] of Object.entries(faults)) {
		it(`${name}: is stored, found by its words at once, and by its meaning later`, async () => {
			const server = await memory.server();
			const service = await memory.openOn(server, { MCP_TIMEOUT: "2" });
			server.fault(fault, { role: "embeddings" });
			const result = await service.save({ text });
			assert.deepEqual(
				saved(result),
				facts.map((fact) => `ADD ${fact}`),
			);
			assert.deepEqual(result.pending, ["embedding"]);
			assert.match(result.note ?? "", says);
			assert.match(result.note ?? "", /found by its words now, and by its meaning later/);
			const found = await service.search({ query: "Paris" });
			assert.equal(found.memories[0]?.text, facts[0]);
			assert.match(found.note ?? "", /Searched by words only/);
			assert.equal((await service.status()).pending.embedding, 2);
			assert.match((await service.status()).embedding.problem ?? "", says);

			server.mend();
			await service.dispose();
			const restarted = await memory.openOn(server);
			await settled(restarted);
			const again = await restarted.search({ query: "where is the home of Ada" });
			assert.equal(again.memories[0]?.text, facts[0]);
			assert.equal(again.note, undefined);
			assert.deepEqual(await texts(restarted), facts);
		});
	}

	it("gives vectors of another width than configured: names both numbers, and stores none", async () => {
		const server = await memory.server({ dimensions: 768 });
		const service = await memory.openOn(server, { EMBEDDING_MODEL_DIMS: "1536" });
		const { note = "", pending } = await service.save({ text });
		assert.match(note, /gives vectors of 768 numbers for test-embed, but EMBEDDING_MODEL_DIMS is 1536/);
		assert.match(note, /Set EMBEDDING_MODEL_DIMS to 768, or unset it/);
		assert.deepEqual(pending, ["embedding"]);
		assert.equal((await service.status()).pending.embedding, 2);
	});

	it("answers out of order: gives each text its own vector", async () => {
		const server = await memory.server();
		const service = await memory.openOn(server);
		server.fault({ kind: "shuffled" });
		await service.save({ text });
		server.mend();
		assert.equal((await service.search({ query: "where is the home of Ada" })).memories[0]?.text, facts[0]);
		assert.equal((await service.search({ query: "how to release alpha" })).memories[0]?.text, facts[1]);
	});

	it("answers base64 unasked: is understood", async () => {
		const service = await memory.openOn(await memory.server({ base64Unasked: true }));
		assert.deepEqual((await service.save({ text })).pending, []);
		assert.equal((await service.search({ query: "where is the home of Ada" })).memories[0]?.text, facts[0]);
	});

	it("changes the width of its vectors under the same name: starts a new space", async () => {
		const server = await memory.server({ dimensions: 512 });
		const service = await memory.openOn(server);
		await service.save({ text });
		await service.dispose();
		await server.close();
		const changed = await memory.server({ dimensions: 768, port: server.port });
		const restarted = await memory.openOn(changed);
		const found = await restarted.search({ query: "Ada" });
		assert.equal(found.memories[0]?.text, facts[0]);
		const { embedding, outsideSpace } = await restarted.status();
		assert.equal(embedding.space?.dimensions, 768);
		assert.equal(outsideSpace, 2);
		assert.ok(memory.lines.some((line) => /512 numbers before and gives 768 now/.test(line)));
	});
});

describe("Queries", function () {
	this.timeout(30_000);
	const memory = endpointFixture();

	it("cost one request, and none when they come again", async () => {
		const server = await memory.server();
		const service = await memory.openOn(server);
		await service.save({ text });
		const before = server.requests.length;
		await service.search({ query: "where does Ada Lovelace live?" });
		assert.equal(server.requests.length, before + 1);
		await service.search({ query: "where does Ada Lovelace live?" });
		assert.equal(server.requests.length, before + 1);
	});

	it("that are equal and come at the same time are one request", async () => {
		const server = await memory.server({ delay: 50 });
		const service = await memory.openOn(server);
		await Promise.all(Array.from({ length: 10 }, () => service.search({ query: "where does Ada live?" })));
		assert.equal(server.count("embeddings"), 1);
	});

	it("can be called off", async () => {
		const server = await memory.server();
		const service = await memory.openOn(server);
		server.fault({ kind: "hang" });
		const stop = new AbortController();
		const search = service.search({ query: "anything", signal: stop.signal });
		setTimeout(() => stop.abort(new Error("typed on")), 100);
		await assert.rejects(search, /typed on/);
	});

	it("find nothing in an endpoint's space that they have nothing to do with", async () => {
		const service = await memory.openOn(await memory.server());
		await service.save({ text });
		assert.deepEqual((await service.search({ query: "xylophone zeppelin quartz" })).memories, []);
	});

	it("are ranked by the range of the model's own cosines, which is measured once and remembered", async () => {
		const server = await memory.server();
		const first = await memory.openOn(server);
		await first.save({ text });
		await memory.clock.pass(10_000);
		const calibrated = () =>
			server.requests.some(({ body }) => (body as { input?: unknown[] }).input?.length === 24);
		assert.ok(calibrated());
		await first.dispose();
		const before = server.requests.length;
		const second = await memory.openOn(server);
		second.workSoon();
		await memory.clock.pass(60_000);
		assert.equal(server.requests.length, before);
	});
});
