import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { serverFile } from "../../support/fixtures/builtFiles.ts";
import { endpointFixture, environmentOf, settled } from "../../support/fixtures/endpointFixture.ts";
import { pause } from "../../support/fixtures/serviceFixture.ts";
import { runOnStore, storeEnvironment } from "../../support/postgres/testStore.ts";

const text = "Ada lives in Paris. Alpha is deployed with make ship.";
const prose = 'There is ["Ada", "Paris"] in it, which I note.';

describe("What is pending", function () {
	this.timeout(40_000);
	const memory = endpointFixture();

	const change = (sql: string) => runOnStore(memory.folder, sql);

	it("is said of a text that is saved again while its facts and vectors are still to be made", async () => {
		const server = await memory.server();
		const service = await memory.openOn(server);
		server.fault({ kind: "status", status: 503 });
		const first = await service.save({ text });
		const again = await service.save({ text });
		assert.equal(again.memories[0]?.event, "DUPLICATE");
		assert.deepEqual(again.pending, ["distillation", "embedding"]);
		assert.deepEqual(again.pending, first.pending);
	});

	it("is an embedding, too, when only the vector of a text that is kept word for word is missing", async () => {
		const server = await memory.server();
		const service = await memory.openOn(server);
		server.fault({ kind: "status", status: 503 }, { role: "embeddings" });
		assert.deepEqual((await service.save({ text, infer: false })).pending, ["embedding"]);
		assert.deepEqual((await service.save({ text, infer: false })).pending, ["embedding"]);
		server.mend();
		await settled(service);
		assert.deepEqual((await service.save({ text, infer: false })).pending, []);
	});

	it("is no memory of an earlier model, which waits for nothing", async () => {
		const server = await memory.server();
		const builtin = await memory.open({});
		await builtin.save({ text: "Ada likes tea" });
		await builtin.dispose();
		const service = await memory.openOn(server, {
			LLM_PROVIDER: "none",
			EMBEDDING_PROVIDER: "openai",
			EMBEDDING_BASE_URL: server.baseUrl,
		});
		const before = await service.status();
		assert.deepEqual([before.pending.embedding, before.outsideSpace], [0, 1]);
		await service.save({ text: "Bob likes coffee" });
		const after = await service.status();
		assert.deepEqual([after.pending.embedding, after.outsideSpace], [0, 1]);
		assert.deepEqual((await service.save({ text: "Ada likes tea" })).pending, []);
	});

	it("does not count a text that is being distilled as one of an earlier model", async () => {
		const server = await memory.server();
		const service = await memory.openOn(server);
		await service.save({ text: "Bob lives in Rome." });
		server.fault({ kind: "hang" }, { role: "chat" });
		void service.save({ text }).catch(() => undefined);
		for (let i = 0; i < 200 && (await service.status()).counts.all < 2; i += 1) await pause(20);
		assert.equal((await service.status()).counts.all, 2);
		assert.equal((await service.status()).outsideSpace, 0);
	});

	it("is embedded while the language model hangs", async () => {
		const server = await memory.server();
		const service = await memory.openOn(server);
		server.fault({ kind: "status", status: 503 });
		await service.save({ text });
		await service.save({ text: "Bob is in Rome", infer: false });
		await service.dispose();
		server.mend();
		server.fault({ kind: "hang" }, { role: "chat" });
		const restarted = await memory.openOn(server);
		for (let i = 0; i < 300 && (await restarted.status()).pending.embedding > 0; i += 1) {
			memory.clock.forward(500);
			await pause(20);
		}
		assert.deepEqual((await restarted.status()).pending, { distillation: 1, embedding: 0 });
	});

	it("is never given up because a server refuses everything, or answers with web pages", async () => {
		const server = await memory.server();
		const service = await memory.openOn(server);
		for (const fault of [
			{ kind: "status", status: 400, body: { error: "No." } },
			{ kind: "html" },
		] as const) {
			server.fault(fault, { role: "chat" });
			await service.save({ text });
			const asked = server.count("chat");
			await change("UPDATE {s}.journal SET attempts = 20, next_at = 0");
			service.workSoon();
			await memory.clock.pass(3000);
			assert.ok(server.count("chat") > asked);
			const { pending, keptAsText } = await service.status();
			assert.deepEqual([pending.distillation, keptAsText], [1, 0], fault.kind);
		}
		server.mend();
		await change("UPDATE {s}.journal SET next_at = 0");
		service.workSoon();
		await settled(service);
	});

	it("is a text that a model answers with words in brackets: they are no facts", async () => {
		const server = await memory.server({ chat: () => ({ content: prose }) });
		const service = await memory.openOn(server);
		const { memories, pending, note } = await service.save({ text });
		assert.deepEqual(
			memories.map((each) => each.text),
			[text],
		);
		assert.deepEqual(pending, ["distillation"]);
		assert.match(note ?? "", /answered in prose/);
	});

	it("is due again by itself, after as long as it was left for", async () => {
		const server = await memory.server();
		const service = await memory.openOn(server);
		server.fault({ kind: "status", status: 503 }, { role: "chat" });
		await service.save({ text });
		await service.dispose();
		server.mend();
		await change(`UPDATE {s}.journal SET next_at = ${Date.now() + 500}`);
		await settled(await memory.openOn(server));
	});

	it("leaves the endpoint alone for as long as it asked to wait", async () => {
		const server = await memory.server();
		const service = await memory.openOn(server);
		server.fault({ kind: "rateLimit", retryAfter: 120 }, { role: "chat" });
		await service.save({ text });
		const { pending } = await service.save({ text: "Bob likes coffee." });
		assert.ok(pending.includes("distillation"));
		await memory.clock.pass(110_000);
		assert.equal(server.count("chat"), 1);
	});

	it("is tried once by every model that is configured somewhere, and not in turn by two", async () => {
		const server = await memory.server({ contextLength: 100 });
		const one = await memory.openOn(server, { EMBEDDING_PROVIDER: "builtin" });
		await one.save({ text: "Ada likes tea. ".repeat(60).trim() });
		const other = await memory.openOn(server, { EMBEDDING_PROVIDER: "builtin", LLM_CONTEXT_LENGTH: "8192" });
		await memory.clock.pass(60_000);
		const asked = server.count("chat");
		assert.equal(asked, 3);
		for (const service of [one, other, one, other]) {
			service.startBackgroundWork();
			await memory.clock.pass(0);
		}
		assert.equal(server.count("chat"), asked);
		assert.equal((await one.status()).keptAsText, 1);
	});

	it("is given up after a while where a server fails on one text and answers others", async () => {
		const server = await memory.server({
			chat: ({ messages }) => {
				const [, asked = ""] = /New Messages([^#]*)/.exec(messages.at(-1)?.content ?? "") ?? [];
				if (asked.includes("POISON")) throw new Error("grammar crash");
				return { content: '{"memory":["Somebody likes tea"]}' };
			},
		});
		const service = await memory.openOn(server, { EMBEDDING_PROVIDER: "builtin" });
		await service.save({ text: "POISON" });
		await change("UPDATE {s}.journal SET attempts = 9");
		await service.save({ text: "I like tea" });
		await change("UPDATE {s}.journal SET next_at = 0");
		await memory.clock.pass(10_000);
		assert.deepEqual(
			[(await service.status()).keptAsText, (await service.status()).pending.distillation],
			[1, 0],
		);
	});

	it("is embedded when the process that was distilling it has died, and no language model is configured any more", async () => {
		const server = await memory.server();
		const service = await memory.openOn(server);
		server.fault({ kind: "status", status: 503 });
		await service.save({ text });
		await service.dispose();
		const [row] = await runOnStore<{ owner: string }>(memory.folder, "SELECT owner FROM {s}.journal");
		const dead = (row?.owner ?? "").replace(/:\d+:/, ":4194000:");
		await change(`UPDATE {s}.journal SET claimed_by = '${dead}', claimed_until = 9000000000000000`);
		const restarted = await memory.open({ EMBEDDING_PROVIDER: "builtin" });
		await memory.clock.pass(10_000);
		assert.equal((await change("SELECT 1 FROM {s}.vectors")).length, 1);
		assert.equal((await restarted.status()).pending.embedding, 0);
	});

	it("is answered when the server is told to stop, which does not wait for a model", async () => {
		const server = await memory.server();
		server.fault({ kind: "hang" });
		const child = spawn(process.execPath, [serverFile], {
			env: { PATH: process.env.PATH, ...storeEnvironment(memory.folder), ...environmentOf(server) },
			stdio: ["pipe", "pipe", "ignore"],
		});
		const lines: string[] = [];
		child.stdout.on("data", (chunk: Buffer) => lines.push(...chunk.toString().split("\n").filter(Boolean)));
		const send = (message: object) =>
			child.stdin.write(`${JSON.stringify({ jsonrpc: "2.0", ...message })}\n`);
		send({
			id: 1,
			method: "initialize",
			params: { protocolVersion: "2025-06-18", capabilities: {}, clientInfo: { name: "t", version: "1" } },
		});
		send({ method: "notifications/initialized" });
		send({ id: 2, method: "tools/call", params: { name: "save_memory", arguments: { text } } });
		for (let i = 0; i < 400 && server.requests.length === 0; i += 1) await pause(25);
		assert.ok(server.requests.length > 0);
		const asked = performance.now();
		child.kill("SIGTERM");
		const code = await new Promise((done) => child.once("close", done));
		assert.equal(code, 0);
		// A model may be waited for 15 s and more.
		assert.ok(performance.now() - asked < 10_000, "it waited for the model");
		assert.match(lines.join("\n"), /"id":2.*being closed.*kept word for word|kept word for word.*"id":2/);
	});
});
