import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { stdioClient } from "../../support/fixtures/mcpClient.ts";
import { pause } from "../../support/fixtures/serviceFixture.ts";
import { temporaryFolder } from "../../support/fixtures/temporaryFolder.ts";
import { OpenAiServer } from "../../support/openaiServer/server.ts";
import { storeEnvironment } from "../../support/postgres/testStore.ts";

/** Notes every connection, datagram and look-up of a name in the process that it is loaded into. */
const hook = (file: string) => `
const { appendFileSync } = require("node:fs");
const note = (what) => appendFileSync(${JSON.stringify(file)}, what + "\\n");
const net = require("node:net");
const connect = net.Socket.prototype.connect;
net.Socket.prototype.connect = function (...args) {
	const [options] = Array.isArray(args[0]) ? args[0] : args;
	const [port, host] = args;
	note("connect " + (typeof port === "number" ? host + ":" + port : options.path ?? options.host + ":" + options.port));
	return Reflect.apply(connect, this, args);
};
const { Socket } = require("node:dgram");
const send = Socket.prototype.send;
Socket.prototype.send = function (...args) { note("datagram"); return Reflect.apply(send, this, args); };
const dns = require("node:dns");
for (const name of ["lookup", "resolve", "resolve4"])
	for (const object of [dns, dns.promises]) {
		const original = object[name];
		object[name] = function (host, ...rest) { note("dns " + host); return Reflect.apply(original, this, [host, ...rest]); };
	}
`;

describe("With endpoints configured, the server", function () {
	this.timeout(60_000);

	it("connects to the configured hosts and to no other, from the first save to the end", async () => {
		const folder = temporaryFolder();
		const file = join(folder, "connections.log");
		writeFileSync(file, "");
		writeFileSync(join(folder, "hook.cjs"), hook(file));
		const chat = await OpenAiServer.start();
		const embeddings = await OpenAiServer.start();
		const home = join(folder, "home");
		const client = await stdioClient(
			{
				HOME: home,
				MEMORY_DIR: join(folder, "memory"),
				LLM_BASE_URL: chat.baseUrl,
				LLM_CHOICE: "test-chat",
				EMBEDDING_BASE_URL: embeddings.baseUrl,
				EMBEDDING_MODEL_CHOICE: "test-embed",
				LOG_LEVEL: "DEBUG",
			},
			folder,
			["--import", pathToFileURL(join(folder, "hook.cjs")).href],
		);
		const call = async (tool: string, args: object) => {
			const answer = await client.call(tool, args);
			assert.equal(answer.error, undefined);
			return answer.content as { memories?: { id: string; text: string }[]; mode?: string };
		};
		const saved = await call("save_memory", {
			text: "Ada lives in Paris. Alpha is deployed with make ship.",
		});
		assert.equal(saved.mode, "distilled");
		await call("save_memory", { text: "Kept as it is", infer: false });
		const found = await call("search_memories", { query: "Where does Ada Lovelace live?" });
		assert.equal(found.memories?.[0]?.text, "Ada lives in Paris.");
		const [first] = saved.memories ?? [];
		await call("update_memory", { id: first?.id, text: "Ada Lovelace lives in London" });
		await call("get_all_memories", {});
		await call("memory_status", {});
		await call("delete_memory", { id: first?.id });
		// The background work ends with measuring the model, by 24 texts at once.
		const measured = () =>
			embeddings.requests.some(({ body }) => (body as { input?: unknown[] }).input?.length === 24);
		for (let i = 0; i < 400 && !measured(); i += 1) await pause(50);
		assert.ok(measured());
		const log = client.log();
		await client.close();

		const { DATABASE_URL } = storeEnvironment(folder);
		const databases = DATABASE_URL ? [`connect ${new URL(DATABASE_URL).host}`] : [];
		const hosts = new Set(readFileSync(file, "utf8").trim().split("\n"));
		assert.deepEqual(
			[...hosts].sort(),
			[...databases, `connect 127.0.0.1:${chat.port}`, `connect 127.0.0.1:${embeddings.port}`].sort(),
		);
		assert.equal(chat.count("embeddings"), 0);
		assert.equal(embeddings.count("chat"), 0);
		// mem0ai would keep an id for its telemetry in the home folder.
		assert.ok(!existsSync(home) || !readdirSync(home).includes(".mem0"));
		// The log says where texts go, and never what they say.
		assert.match(log, new RegExp(`Set custom OpenAI base URL: ${chat.baseUrl}`));
		assert.match(log, new RegExp(`Using custom OpenAI endpoint: ${embeddings.baseUrl}`));
		assert.doesNotMatch(log, /Paris|make ship|Kept as it is|London/);
		await chat.close();
		await embeddings.close();
	});

	for (const provider of ["azure", "ollama", "openrouter"] as const) {
		it(`speaks to ${provider} as it is packaged`, async () => {
			const folder = temporaryFolder();
			const server = await OpenAiServer.start({ family: provider });
			const client = await stdioClient(
				{
					MEMORY_DIR: join(folder, "memory"),
					LLM_PROVIDER: provider,
					LLM_BASE_URL: provider === "openrouter" ? server.baseUrl : server.origin,
					LLM_CHOICE: "test-chat",
					EMBEDDING_MODEL_CHOICE: "test-embed",
				},
				folder,
			);
			const saved = await client.call("save_memory", { text: "Ada lives in Paris. Bob lives in Rome." });
			assert.equal(saved.content.mode, "distilled", saved.text);
			assert.deepEqual(saved.content.pending, []);
			await client.close();
			await server.close();
		});
	}

	it("answers memory_status with where texts go, what is pending and what is wrong", async () => {
		const folder = temporaryFolder();
		const server = await OpenAiServer.start();
		const client = await stdioClient(
			{
				MEMORY_DIR: join(folder, "memory"),
				LLM_BASE_URL: server.baseUrl,
				LLM_API_KEY: "sk-secret-4711",
				LLM_CHOICE: "test-chat",
				EMBEDDING_MODEL_CHOICE: "test-embed",
			},
			folder,
		);
		server.fault({ kind: "status", status: 500 }, { role: "chat" });
		const saved = await client.call("save_memory", { text: "Ada lives in Paris. Bob lives in Rome." });
		assert.deepEqual(saved.content.pending, ["distillation"]);
		const { content, text } = await client.call("memory_status", {});
		const { llm, embedding, pending, mode } = content as Record<string, Record<string, unknown>>;
		assert.equal(mode, "distilled");
		assert.deepEqual(pending, { embedding: 0, distillation: 1 });
		assert.equal(llm?.state, "failing");
		assert.match(String(llm?.problem), /HTTP 500/);
		assert.equal(llm?.origin, new URL(server.baseUrl).origin);
		assert.equal(embedding?.state, "working");
		assert.equal(embedding?.dimensions, 512);
		assert.doesNotMatch(text, /4711/);
		await client.close();
		await server.close();
	});
});
