import assert from "node:assert/strict";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { readConfig } from "../../../src/config/config.ts";
import { type ChatEndpoint, httpOnly } from "../../../src/config/endpoints.ts";
import { createLog } from "../../../src/config/log.ts";
import { redactor } from "../../../src/config/redact.ts";
import { EndpointHealth } from "../../../src/endpoints/endpointHealth.ts";
import { OpenAiChat } from "../../../src/endpoints/openai/chat.ts";
import { OpenAiEmbedder } from "../../../src/endpoints/openai/embeddings.ts";
import { LimitError } from "../../../src/endpoints/openai/limiter.ts";
import { completion, inputs, scriptedServer, vectorsFor } from "../../support/fixtures/scriptedServer.ts";
import { type Fault, OpenAiServer, type OpenAiServerOptions } from "../../support/openaiServer/server.ts";

const question = { system: "s", user: "Ada plays chess." };

/** What the tests of one model work with. */
function fixture() {
	const servers: OpenAiServer[] = [];
	const lines: string[] = [];
	const log = createLog("DEBUG", redactor([]), (_, message) => lines.push(message));
	const notes = new Map<string, string>();
	const abilities = {
		get: (key: string) => notes.get(key),
		put: async (k: string, v: string) => void notes.set(k, v),
	};
	let time = 0;
	afterEach(async () => {
		for (const server of servers.splice(0)) await server.close();
		notes.clear();
		lines.splice(0);
		time = 0;
	});
	const read = (given: readonly OpenAiServer[], more: Readonly<Record<string, string>> = {}) => {
		const urls = given.map(({ baseUrl }) => baseUrl).join(", ");
		const env = { LLM_PROVIDER: "openai", LLM_CHOICE: "test-chat", EMBEDDING_MODEL_CHOICE: "test-embed" };
		return readConfig({ ...env, LLM_BASE_URL: urls, ...more }).config;
	};
	return {
		lines,
		/** Puts the clock of pauses forward. */
		pass: (ms: number) => {
			time += ms;
		},
		start: async (options: OpenAiServerOptions = {}) => {
			const server = await OpenAiServer.start(options);
			servers.push(server);
			return server;
		},
		chat: (given: readonly OpenAiServer[], more?: Readonly<Record<string, string>>) => {
			const health = new EndpointHealth();
			const endpoint = httpOnly(read(given, more).llm) as ChatEndpoint;
			return { health, model: new OpenAiChat(endpoint, log, abilities, { health, elapsed: () => time }) };
		},
		embedder: (given: readonly OpenAiServer[], more?: Readonly<Record<string, string>>) => {
			const health = new EndpointHealth();
			const { embedding } = read(given, more);
			assert.ok(embedding);
			const model = new OpenAiEmbedder(embedding, log, abilities, { health, elapsed: () => time });
			return { health, model };
		},
	};
}

const counts = (servers: readonly OpenAiServer[]) => servers.map((server) => server.count("chat"));

describe("Several servers of a language model", () => {
	const { lines, pass, start, chat } = fixture();

	it("share requests one after the other, and those at the same time", async () => {
		const servers = [await start({ delay: 30 }), await start({ delay: 30 }), await start({ delay: 30 })];
		const { model } = chat(servers);
		for (let i = 0; i < 6; i += 1) await model.complete(question);
		assert.deepEqual(counts(servers), [2, 2, 2]);
		await Promise.all(Array.from({ length: 9 }, () => model.complete(question)));
		assert.deepEqual(counts(servers), [5, 5, 5]);
	});

	it("leave more to the one with the least to do", async () => {
		const servers = [await start({ delay: 400 }), await start({ delay: 10 })];
		const { model } = chat(servers);
		let left = 12;
		const worker = async () => {
			for (; left > 0; left -= 1) await model.complete(question);
		};
		await Promise.all([worker(), worker()]);
		const [slow = 0, fast = 0] = counts(servers);
		assert.ok(fast >= 3 * slow, `${slow} and ${fast}`);
	});

	const faults: Readonly<Record<string, Fault>> = {
		"breaks the connection": { kind: "refuse" },
		"breaks off its answer": { kind: "reset" },
		"answers 500": { kind: "status", status: 500 },
		"answers 503 while it loads": { kind: "loading" },
		"answers 429": { kind: "rateLimit", retryAfter: 3600 },
		"has no credit": { kind: "credits" },
		"refuses the key": { kind: "status", status: 401 },
		"has not the model": { kind: "status", status: 404, body: { error: { message: "model not found" } } },
		"is a web page": { kind: "html" },
		"does not answer": { kind: "hang" },
	};
	for (const [name, fault] of Object.entries(faults))
		it(`go on without one that ${name}, and name it`, async () => {
			const [bad, good] = [await start(), await start()];
			bad.fault(fault);
			const { model, health } = chat([bad, good], { MCP_TIMEOUT: "1" });
			for (let i = 0; i < 4; i += 1) assert.match((await model.complete(question)).text, /ok/);
			assert.deepEqual(counts([bad, good]), [1, 4]);
			const { leftOut = [] } = health.status();
			assert.deepEqual(
				leftOut.map(({ url }) => url),
				[bad.baseUrl],
			);
			assert.ok(leftOut[0]?.problem.includes(bad.baseUrl), leftOut[0]?.problem);
		});

	it("do not get a request again that is refused for its content", async () => {
		const servers = [await start(), await start()];
		const body = { error: { message: "This text was flagged by our moderation." } };
		for (const status of [400, 403]) {
			for (const server of servers) server.fault({ kind: "status", status, body });
			const { model, health } = chat(servers);
			const before = counts(servers).reduce((a, b) => a + b);
			await assert.rejects(model.complete(question), { kind: "rejected" });
			assert.equal(
				counts(servers).reduce((a, b) => a + b),
				before + 1,
			);
			assert.equal(health.status().leftOut, undefined);
		}
	});

	it("try one again after pauses that grow up to five minutes, and take it back when it works", async () => {
		const [bad, good] = [await start(), await start()];
		bad.fault({ kind: "status", status: 500 });
		const { model, health } = chat([bad, good]);
		await model.complete(question);
		/** Whether the server gets one of the next requests. */
		const isAsked = async () => {
			const before = bad.count("chat");
			for (let i = 0; i < 2; i += 1) await model.complete(question);
			return bad.count("chat") > before;
		};
		for (const seconds of [1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300]) {
			pass(1000 * seconds - 1);
			assert.equal(await isAsked(), false, `${seconds}`);
			pass(1);
			assert.equal(await isAsked(), true, `${seconds}`);
		}
		bad.mend();
		pass(300_000);
		const before = bad.count("chat");
		for (let i = 0; i < 4; i += 1) await model.complete(question);
		assert.equal(bad.count("chat"), before + 2);
		assert.equal(health.status().leftOut, undefined);
		assert.ok(lines.some((line) => line.includes(`${bad.baseUrl} is used again`)));
	});

	it("count a fault that hits several requests at the same time once", async () => {
		const [bad, good] = [await start({ delay: 50 }), await start({ delay: 50 })];
		bad.fault({ kind: "status", status: 500 });
		const { model } = chat([bad, good]);
		await Promise.all(Array.from({ length: 6 }, () => model.complete(question)));
		const before = bad.count("chat");
		pass(1000);
		await model.complete(question);
		await model.complete(question);
		assert.equal(bad.count("chat"), before + 1);
	});

	it("are not blamed for a request on which all of them fail", async () => {
		const servers = [await start(), await start()];
		for (const server of servers) server.fault({ kind: "status", status: 500 });
		const { model, health } = chat(servers);
		await assert.rejects(model.complete(question), { kind: "server-error" });
		assert.equal(health.status().leftOut, undefined);
	});

	it("are not blamed for a request on which all fail that can be reached", async () => {
		const [gone, good] = [await start(), await start()];
		await gone.close();
		good.fault({ kind: "status", status: 500 });
		const { model, health } = chat([gone, good]);
		await assert.rejects(model.complete(question), { kind: "server-error" });
		assert.deepEqual(
			health.status().leftOut?.map(({ url }) => url),
			[gone.baseUrl],
		);
	});

	it("go on without one whose proxy does not let requests through", async () => {
		const [bad, good] = [await start(), await start()];
		const proxy = createServer((_, response) => response.writeHead(403).end());
		await new Promise<void>((listening) => proxy.listen(0, "127.0.0.1", listening));
		const { port } = proxy.address() as AddressInfo;
		const elsewhere = bad.baseUrl.replace("127.0.0.1", "models.example");
		const { model, health } = chat([good], {
			LLM_BASE_URL: `${elsewhere}, ${good.baseUrl}`,
			HTTP_PROXY: `http://127.0.0.1:${port}`,
		});
		for (let i = 0; i < 4; i += 1) assert.match((await model.complete(question)).text, /ok/);
		proxy.close();
		assert.deepEqual(
			health.status().leftOut?.map(({ url }) => url),
			[elsewhere],
		);
	});

	it("wait no longer because they were asked again while all were left out", async () => {
		const servers = [await start(), await start()];
		for (const server of servers) server.fault({ kind: "loading" });
		const { model } = chat(servers);
		for (let i = 0; i < 4; i += 1) await assert.rejects(model.complete(question), { kind: "loading" });
		assert.deepEqual(
			lines.filter((line) => line.includes("is left out")).map((line) => / for \d+ s/.exec(line)?.[0]),
			[" for 1 s", " for 1 s"],
		);
	});

	it("are each asked in the form that they take", async () => {
		const streams = await scriptedServer(({ stream }, response) => {
			if (!stream) return [400, "This model only supports stream mode."];
			const chunk = { choices: [{ index: 0, delta: { content: "ok" }, finish_reason: "stop" }] };
			response.writeHead(200, { "content-type": "text/event-stream" });
			response.end(`data: ${JSON.stringify(chunk)}\n\ndata: [DONE]\n\n`);
			return undefined;
		});
		const plain = await scriptedServer(({ stream, messages }) => {
			if (stream) return [400, "Streaming is not supported: stream must be false."];
			const { role } = (messages as { role: string }[])[0] ?? {};
			return role === "system" ? [400, "System role not supported"] : completion("ok");
		});
		const { model } = chat([], { LLM_BASE_URL: `${streams.baseUrl}, ${plain.baseUrl}` });
		for (let i = 0; i < 6; i += 1) assert.equal((await model.complete(question)).text, "ok");
		assert.deepEqual([streams.bodies.length, plain.bodies.length], [4, 4]);
		for (const server of [streams, plain]) server.close();
	});

	it("are all tried when all were left out, and the error is one that may pass", async () => {
		const servers = [await start(), await start()];
		servers[0]?.fault({ kind: "status", status: 401 });
		servers[1]?.fault({ kind: "loading" });
		const { model } = chat(servers);
		await assert.rejects(model.complete(question), { kind: "loading" });
		for (const server of servers) server.mend();
		assert.match((await model.complete(question)).text, /ok/);
	});
});

describe("Several servers of an embedding model", () => {
	const { pass, start, embedder } = fixture();
	const embedded = ({ requests }: OpenAiServer, text: string) =>
		requests.filter(({ body }) => JSON.stringify(body).includes(text)).length;

	it("share texts if their vectors agree, within one space", async () => {
		const servers = [await start(), await start()];
		const { model } = embedder(servers);
		for (let i = 0; i < 4; i += 1) await model.embed([`text ${i}`]);
		assert.deepEqual(
			servers.map((server) => embedded(server, "text ")),
			[2, 2],
		);
		assert.equal(model.space?.origin, servers[0]?.origin);
	});

	it("leave out one that makes other vectors, or of another width, and name it", async () => {
		const first = await start();
		const others = [
			await start({ embeddingModels: ["other-weights"], family: "llamacpp" }),
			await start({ dimensions: 256 }),
		];
		const { model, health } = embedder([first, ...others]);
		for (let i = 0; i < 4; i += 1) assert.equal((await model.embed([`text ${i}`]))[0]?.length, 512);
		assert.deepEqual(
			[first, ...others].map((server) => embedded(server, "text ")),
			[4, 0, 0],
		);
		const { leftOut = [] } = health.status();
		assert.deepEqual(
			leftOut.map(({ url }) => url),
			others.map(({ baseUrl }) => baseUrl),
		);
		assert.match(leftOut[0]?.problem ?? "", /makes other vectors .*cosine of/);
		assert.match(leftOut[1]?.problem ?? "", /of another width/);
	});

	it("are in one space though each calls the model by a name of its own, in any order", async () => {
		const named = (name: string) => scriptedServer((body) => vectorsFor(body, { model: name }));
		const [plain, alias] = [await named("test-embed"), await named("text-embeddings")];
		const listed = (...list: readonly { readonly baseUrl: string }[]) =>
			embedder([], { EMBEDDING_BASE_URL: list.map(({ baseUrl }) => baseUrl).join(", ") }).model;
		const models = new Set<string | undefined>();
		for (const list of [[plain, alias], [alias, plain], [alias]]) {
			const model = listed(...list);
			for (let i = 0; i < 4; i += 1) {
				for (const vector of await model.embed([`text ${i}`])) models.add(vector?.model);
				models.add(model.space?.model);
			}
			assert.equal(model.remark, undefined);
		}
		assert.deepEqual([...models], ["test-embed"]);
		for (const server of [plain, alias]) server.close();
	});

	it("are compared again when one answers with another name", async () => {
		let replaced = false;
		const first = await scriptedServer((body) => vectorsFor(body));
		const second = await scriptedServer((body) => {
			const data = inputs(body).map((text, index) => ({ index, embedding: [text.length, -1] }));
			return vectorsFor(body, replaced ? { model: "other-weights", data } : {});
		});
		const list = [first, second].map(({ baseUrl }) => baseUrl).join(", ");
		const { model, health } = embedder([], { EMBEDDING_BASE_URL: list });
		for (let i = 0; i < 2; i += 1) await model.embed([`text ${i}`]);
		replaced = true;
		for (let i = 0; i < 4; i += 1) {
			const [vector] = await model.embed(["more"]);
			assert.equal(vector?.model, "test-embed");
			assert.ok((vector?.[1] ?? 0) > 0);
		}
		assert.match(health.status().leftOut?.[0]?.problem ?? "", /other vectors/);
		for (const server of [first, second]) server.close();
	});

	it("leave out one whose vectors have another width than is configured, also if it is the first", async () => {
		const fixed = (width: number) =>
			scriptedServer((body) => {
				const data = inputs(body).map((_, index) => ({ index, embedding: new Array(width).fill(1) }));
				return vectorsFor(body, { data });
			});
		const servers = [await fixed(256), await fixed(512)];
		const { model, health } = embedder([], {
			EMBEDDING_BASE_URL: servers.map(({ baseUrl }) => baseUrl).join(", "),
			EMBEDDING_MODEL_DIMS: "512",
		});
		for (let i = 0; i < 3; i += 1) assert.equal((await model.embed([`text ${i}`]))[0]?.length, 512);
		assert.match(health.status().leftOut?.[0]?.problem ?? "", /EMBEDDING_MODEL_DIMS is 512/);
		for (const server of servers) server.close();
	});

	it("leave out one whose vectors are none", async () => {
		const [bad, good] = [await start(), await start()];
		bad.fault({ kind: "zeros" });
		const { model, health } = embedder([bad, good]);
		for (let i = 0; i < 3; i += 1) await model.embed([`text ${i}`]);
		assert.equal(embedded(good, "text "), 3);
		assert.match(health.status().leftOut?.[0]?.problem ?? "", /vector of zeros/);
	});

	it("are compared with the vectors of earlier starts, even while the first is away", async () => {
		const [first, second] = [await start(), await start()];
		const earlier = embedder([first, second]).model;
		await earlier.embed(["one"]);
		const impostor = await start({ embeddingModels: ["other-weights"], family: "llamacpp" });
		first.fault({ kind: "refuse" });
		const { model, health } = embedder([first, impostor, second]);
		for (let i = 0; i < 3; i += 1) await model.embed([`text ${i}`]);
		assert.equal(embedded(impostor, "text "), 0);
		assert.equal(embedded(second, "text "), 3);
		assert.equal(health.status().leftOut?.length, 2);
	});

	it("keep their space in another order, with a further server, and when the first is gone", async () => {
		const [first, second, third] = [await start(), await start(), await start()];
		const { model } = embedder([first, second]);
		for (let i = 0; i < 2; i += 1) await model.embed([`text ${i}`]);
		for (const list of [[second, first], [second]]) {
			const { model: other } = embedder(list);
			await other.embed(["another"]);
			assert.equal(other.space?.origin, first.origin);
		}
		const later = embedder([third, second]).model;
		for (let i = 0; i < 2; i += 1) await later.embed([`more ${i}`]);
		assert.equal(later.space?.origin, first.origin);
		assert.equal(embedded(third, "more "), 1);
		const impostor = await start({ embeddingModels: ["other-weights"], family: "llamacpp" });
		for (let i = 0; i < 2; i += 1) {
			const { model: last } = embedder([impostor, second]);
			await last.embed(["last"]);
			assert.equal(last.space?.origin, first.origin);
			assert.equal(embedded(impostor, "last"), 0);
		}
	});

	it("go on when another model has taken the name on all of them", async () => {
		const before = [await start(), await start()];
		await embedder(before).model.embed(["one"]);
		await embedder(before).model.embed(["two"]);
		const now = [];
		for (const { port, close } of before.map((server) => ({
			port: server.port,
			close: () => server.close(),
		}))) {
			await close();
			now.push(await start({ port, embeddingModels: ["other-weights"], family: "llamacpp" }));
		}
		const { model } = embedder(now);
		assert.equal((await model.embed(["three"])).length, 1);
	});

	it("are compared again after they were away", async () => {
		const [first, second] = [await start(), await start()];
		const { model, health } = embedder([first, second]);
		for (let i = 0; i < 2; i += 1) await model.embed([`text ${i}`]);
		await second.close();
		for (let i = 0; i < 2; i += 1) await model.embed([`more ${i}`]);
		const { port } = second;
		const impostor = await start({ port, embeddingModels: ["other-weights"], family: "llamacpp" });
		pass(2000);
		for (let i = 0; i < 3; i += 1) await model.embed([`last ${i}`]);
		assert.equal(embedded(impostor, "last "), 0);
		assert.match(health.status().leftOut?.[0]?.problem ?? "", /other vectors/);
	});

	it("do not let the first text wait long for one that does not answer", async function () {
		this.timeout(20_000);
		const [bad, good] = [await start(), await start()];
		bad.fault({ kind: "hang" });
		const { model } = embedder([bad, good]);
		const signal = AbortSignal.timeout(14_000);
		await model.embed(["query"], { purpose: "query", signal });
		assert.equal(embedded(good, "query"), 1);
	});

	it("do not let a search wait long for one that does not answer", async function () {
		this.timeout(14_000);
		const [bad, good] = [await start(), await start()];
		const { model } = embedder([bad, good]);
		for (let i = 0; i < 2; i += 1) await model.embed([`text ${i}`]);
		bad.fault({ kind: "hang" });
		const signal = AbortSignal.timeout(12_000);
		for (let i = 0; i < 4; i += 1) await model.embed([`query ${i}`], { purpose: "query", signal });
		assert.equal(embedded(good, "query "), 4);
	});
});

describe("The limits of requests", () => {
	const { start, chat, embedder } = fixture();

	it("hold for each server", async () => {
		const servers = [await start({ delay: 40 }), await start({ delay: 40 })];
		const { model } = chat(servers, { LLM_MAX_CONCURRENCY: "2" });
		await Promise.all(Array.from({ length: 20 }, () => model.complete(question)));
		assert.deepEqual(
			servers.map(({ mostAtOnce }) => mostAtOnce),
			[2, 2],
		);
	});

	it("count attempts that are repeated", async () => {
		const server = await start();
		server.fault({ kind: "status", status: 500 });
		const { model } = chat([server], { LLM_REQUESTS_PER_MINUTE: "2" });
		await assert.rejects(model.complete(question), LimitError);
		assert.equal(server.count("chat"), 2);
	});

	it("let a search pass background work", async () => {
		const server = await start({ delay: 100 });
		const { model } = embedder([server], {
			EMBEDDING_MAX_CONCURRENCY: "1",
			EMBEDDING_REQUESTS_PER_MINUTE: "5",
		});
		const done: string[] = [];
		const stop = new AbortController();
		const work = Array.from({ length: 8 }, (_, i) =>
			model.embed([`document ${i}`], { signal: stop.signal }).then(() => done.push(`document ${i}`)),
		);
		await model.embed(["query"], { purpose: "query" });
		assert.ok(done.length <= 1, done.join());
		await new Promise((wait) => setTimeout(wait, 1000));
		// One of the five is left to the next search.
		assert.equal(server.count("embeddings"), 4);
		await model.embed(["another query"], { purpose: "query" });
		stop.abort(new Error("enough"));
		await Promise.allSettled(work);
		assert.equal(server.count("embeddings"), 5);
	});

	it("tell at once who does not wait for the next minute, also behind those who do, and blame no server", async () => {
		const server = await start();
		const { model, health } = embedder([server], { EMBEDDING_REQUESTS_PER_MINUTE: "1" });
		await model.embed(["one"]);
		const stop = new AbortController();
		const background = model.embed(["two"], { signal: stop.signal });
		const begun = performance.now();
		for (const purpose of ["query", "document"] as const)
			await assert.rejects(model.embed(["three"], { purpose, patience: 5000 }), (error) => {
				assert.ok(error instanceof LimitError);
				assert.match(
					error.message,
					/as many requests as EMBEDDING_REQUESTS_PER_MINUTE allows in a minute \(1\)/,
				);
				return true;
			});
		assert.ok(performance.now() - begun < 5000);
		assert.equal(server.count("embeddings"), 1);
		assert.deepEqual([health.traffic.failures, health.status().leftOut], [0, undefined]);
		stop.abort(new Error("enough"));
		await assert.rejects(background, /enough/);
	});

	it("of one server leave requests to the others", async () => {
		const servers = [await start(), await start()];
		const { model, health } = chat(servers, { LLM_REQUESTS_PER_MINUTE: "2" });
		for (let i = 0; i < 4; i += 1) await model.complete(question);
		assert.deepEqual(counts(servers), [2, 2]);
		await assert.rejects(model.complete(question), LimitError);
		assert.equal(health.status().leftOut, undefined);
	});

	it("end the wait of a request that is called off", async () => {
		const server = await start();
		const { model } = chat([server], { LLM_REQUESTS_PER_MINUTE: "1" });
		await model.complete(question);
		const options = { signal: AbortSignal.timeout(100), unattended: true };
		await assert.rejects(model.complete(question, options), { name: "TimeoutError" });
	});
});
