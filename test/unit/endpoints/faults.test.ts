import assert from "node:assert/strict";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { silentLog } from "../../../src/config/log.ts";
import { BuiltinEmbedder } from "../../../src/endpoints/builtin/embedder.ts";
import { MemoryService } from "../../../src/memory/memoryService.ts";
import { databaseFile, openStore } from "../../../src/store/sqlite/sqliteStore.ts";
import { workerFile } from "../../support/fixtures/builtFiles.ts";
import { endpointFixture, saved, settled, texts } from "../../support/fixtures/endpointFixture.ts";
import { temporaryFolder } from "../../support/fixtures/temporaryFolder.ts";
import type { Fault } from "../../support/openaiServer/server.ts";

const text = "Ada lives in Paris. Alpha is deployed with make ship.";
const facts = ["Ada lives in Paris.", "Alpha is deployed with make ship."];

interface Case {
	readonly fault: Fault;
	/** What the person is told. */
	readonly says: RegExp;
}

/** Of these the text survives word for word, is found at once, and becomes facts when the server is well again. */
const chatFaults: Readonly<Record<string, Case>> = {
	"refuses connections": { fault: { kind: "refuse" }, says: /broke off the connection/ },
	hangs: { fault: { kind: "hang" }, says: /did not answer within 2 s.*MCP_TIMEOUT/ },
	"breaks off in the middle of the answer": { fault: { kind: "reset" }, says: /broke off the connection/ },
	"is asked too often": {
		fault: { kind: "rateLimit", retryAfter: 60 },
		says: /asked too often \(HTTP 429\).*Rate limit reached.*tried again later/,
	},
	"fails with 500": { fault: { kind: "status", status: 500 }, says: /failed \(HTTP 500\).*It said: “/ },
	"answers with a web page": {
		fault: { kind: "html" },
		says: /answered with a web page.*“Sign in”.*Check LLM_BASE_URL/,
	},
	"wants a key": {
		fault: { kind: "unauthorizedText" },
		says: /wants an API key \(HTTP 401\).*Set LLM_API_KEY/,
	},
	"wants a key and says nothing": {
		fault: { kind: "unauthorizedEmpty" },
		says: /wants an API key \(HTTP 401\)/,
	},
	"is loading its model": { fault: { kind: "loading" }, says: /still loading its model.*Loading model/ },
	"has no credit left": {
		fault: { kind: "credits" },
		says: /no credit left \(HTTP 402\).*Insufficient credits/,
	},
	"fails behind a status of 200": { fault: { kind: "errorIn200" }, says: /Provider returned error/ },
	"answers in prose": { fault: { kind: "prose" }, says: /answered in prose where JSON was asked for/ },
	"answers with nothing": { fault: { kind: "empty" }, says: /answered with nothing/ },
	"answers byte by byte": {
		fault: { kind: "trickle", over: 5000 },
		says: /did not answer within 2 s/,
	},
};

describe("A save whose language model", function () {
	this.timeout(60_000);
	const memory = endpointFixture();

	for (const [name, { fault, says }] of Object.entries(chatFaults)) {
		it(`${name}: is kept word for word, found at once, and distilled later`, async () => {
			const server = await memory.server();
			const service = await memory.openOn(server, { MCP_TIMEOUT: "2" });
			server.fault(fault, { role: "chat" });
			const result = await service.save({ text });
			assert.deepEqual(saved(result), [`ADD ${text}`]);
			assert.equal(result.mode, "verbatim");
			assert.deepEqual(result.pending, ["distillation"]);
			assert.match(result.note ?? "", says);
			assert.match(result.note ?? "", /kept word for word and can be found now/);
			assert.equal((await service.search({ query: "where does Ada live" })).memories[0]?.text, text);
			const { pending, llm } = await service.status();
			assert.equal(pending.distillation, 1);
			assert.equal(llm?.state, "failing");
			assert.match(llm?.problem ?? "", says);

			server.mend();
			await service.dispose();
			const restarted = await memory.openOn(server);
			// What failed for a reason of its own waits longer; the clock of the test does not.
			await dueNow(memory.folder);
			restarted.workSoon();
			await settled(restarted);
			assert.deepEqual(await texts(restarted), facts);
			assert.equal((await restarted.status()).llm?.state, "working");
		});
	}

	it("fails twice and then works: is distilled within the same save", async () => {
		const server = await memory.server();
		const service = await memory.openOn(server);
		server.fault({ kind: "status", status: 500 }, { role: "chat", times: 2 });
		assert.equal((await service.save({ text })).mode, "distilled");
		assert.equal(server.count("chat"), 3);
	});

	it("asks to wait a second: is asked again after that second", async () => {
		const server = await memory.server();
		const service = await memory.openOn(server);
		server.fault({ kind: "rateLimit", retryAfter: 1 }, { role: "chat", times: 1 });
		assert.equal((await service.save({ text })).mode, "distilled");
		const [first, second] = server.requests.filter(({ path }) => path.endsWith("/chat/completions"));
		assert.ok(second && first && second.at - first.at >= 950);
	});

	it("refuses the key: is not asked again and again", async () => {
		const server = await memory.server({ apiKey: "right" });
		const service = await memory.openOn(server, { LLM_API_KEY: "sk-wrong-4711" });
		const { note = "" } = await service.save({ text });
		assert.match(note, /refused the API key \(HTTP 401\).*Check LLM_API_KEY/);
		assert.equal(server.count("chat"), 1);
		assert.doesNotMatch(note + memory.lines.join(), /4711/);
	});

	it("is away: is found away at once, not after retries", async () => {
		const server = await memory.server();
		const service = await memory.openOn(server, { EMBEDDING_PROVIDER: "builtin" });
		await service.search({ query: "warm up" });
		await server.close();
		const begun = performance.now();
		const { note = "" } = await service.save({ text });
		assert.match(note, /nothing listens at 127\.0\.0\.1:\d+.*Start the server/);
		assert.ok(performance.now() - begun < 1500);
		assert.deepEqual(await texts(service), [text]);
	});

	it("does not know the model: says which, and where to look", async () => {
		const server = await memory.server();
		const service = await memory.openOn(server, { LLM_CHOICE: "no-such-model" });
		const { note = "" } = await service.save({ text });
		assert.match(note, /has no model "no-such-model" \(HTTP 404\).*LLM_CHOICE.*\/v1\/models/);
	});

	it("finds no fact: is kept word for word, for good, and says so", async () => {
		const server = await memory.server();
		const service = await memory.openOn(server);
		server.fault({ kind: "noFacts" });
		const result = await service.save({ text });
		assert.deepEqual(saved(result), [`ADD ${text}`]);
		assert.equal(result.mode, "verbatim");
		assert.deepEqual(result.pending, []);
		assert.match(result.note ?? "", /found no fact/);
		assert.equal((await service.search({ query: "where does Ada live" })).memories[0]?.text, text);
	});

	for (const kind of ["think", "fences"] as const) {
		it(`answers with ${kind === "think" ? "its thoughts before the JSON" : "JSON in a code fence"}: is distilled`, async () => {
			const server = await memory.server();
			const service = await memory.openOn(server);
			server.fault({ kind });
			assert.deepEqual(
				saved(await service.save({ text })),
				facts.map((fact) => `ADD ${fact}`),
			);
		});
	}

	it("is cut off once: is asked again with room for more", async () => {
		const server = await memory.server();
		const service = await memory.openOn(server);
		server.fault({ kind: "truncated" }, { role: "chat", times: 1 });
		assert.deepEqual(
			saved(await service.save({ text })),
			facts.map((fact) => `ADD ${fact}`),
		);
		const limits = server.requests
			.filter(({ path }) => path.endsWith("/chat/completions"))
			.map(({ body }) => (body as { max_tokens: number }).max_tokens);
		assert.deepEqual(limits, [2000, 8000]);
	});

	it("is always cut off: keeps the text beside the facts that were whole", async () => {
		const server = await memory.server({
			chat: () => ({
				content: '{"memory":[{"id":"0","text":"Ada lives in Paris."},{"id":"1","text":"Alpha is depl',
				finish_reason: "length",
			}),
		});
		const service = await memory.openOn(server);
		const result = await service.save({ text });
		assert.deepEqual(await texts(service), ["Ada lives in Paris.", text]);
		assert.match(result.note ?? "", /incomplete, so the text itself is kept/);
	});

	it("answers in prose five times: the text is kept for good, and it is said how many are", async () => {
		const server = await memory.server();
		const service = await memory.openOn(server);
		server.fault({ kind: "prose" });
		await service.save({ text });
		for (let attempt = 2; attempt <= 5; attempt += 1) {
			await dueNow(memory.folder);
			service.workSoon();
			await memory.clock.pass(3000);
			assert.equal(server.count("chat"), 2 * attempt);
		}
		const { pending, keptAsText } = await service.status();
		assert.deepEqual([pending.distillation, keptAsText], [0, 1]);
		assert.deepEqual(await texts(service), [text]);
	});
});

/** What waits for its next attempt is due now. */
async function dueNow(folder: string): Promise<void> {
	const database = new DatabaseSync(join(folder, databaseFile));
	database.exec("PRAGMA busy_timeout = 2000; UPDATE journal SET next_at = 0");
	database.close();
}

describe("A language model that keeps people waiting", function () {
	this.timeout(30_000);
	const memory = endpointFixture();

	it("does so once: the next saves are kept at once, and all are distilled when it is back", async () => {
		const server = await memory.server();
		const service = await memory.openOn(server, { MCP_TIMEOUT: "2" });
		server.fault({ kind: "hang" }, { role: "chat" });
		await service.save({ text });
		const begun = performance.now();
		for (let i = 0; i < 5; i += 1) {
			const { pending, note } = await service.save({ text: `Member ${i} is here. Member ${i} is there.` });
			assert.ok(pending.includes("distillation"));
			assert.match(note ?? "", /did not answer within 2 s/);
		}
		assert.ok(performance.now() - begun < 1800, "they waited again");
		server.mend();
		await settled(service);
		assert.equal((await texts(service)).length, 12);
		// It is trusted again.
		assert.equal((await service.save({ text: "Eve is in Oslo. Eve paints." })).mode, "distilled");
	});
});

describe("A save whose distillation fails in a way nobody has foreseen", function () {
	this.timeout(30_000);

	it("is kept word for word, and answered as such", async () => {
		const { store } = await openStore(temporaryFolder());
		const service = new MemoryService({
			store,
			embedder: new BuiltinEmbedder({ workerFile }),
			distillation: {
				chat: {
					description: "any model",
					origin: "",
					contextLength: undefined,
					maxTokens: 100,
					complete: () => Promise.reject(new Error("never asked")),
				},
				loadExtractor: () => Promise.reject(new Error("mem0.js is not there.")),
			},
			userId: "ada",
			log: silentLog,
		});
		const { mode, pending, note } = await service.save({ text });
		assert.equal(mode, "verbatim");
		assert.ok(pending.includes("distillation"));
		assert.match(note ?? "", /mem0\.js is not there\. Report it.*kept word for word/);
		assert.deepEqual(await texts(service), [text]);
		await service.dispose();
	});
});
