import assert from "node:assert/strict";
import {
	chat,
	contentOf,
	embed,
	extraction,
	post,
	servers,
	vectorsOf,
} from "../../support/openaiServer/requests.ts";
import type {
	Fault,
	FaultScope,
	OpenAiServer,
	OpenAiServerOptions,
} from "../../support/openaiServer/server.ts";

describe("The OpenAI server of the tests, out of order", () => {
	const start = servers();

	describe("goes wrong when told to", () => {
		async function broken(
			fault: Fault,
			options: OpenAiServerOptions = {},
			where?: FaultScope,
		): Promise<OpenAiServer> {
			const server = await start(options);
			server.fault(fault, where);
			return server;
		}

		it("destroys connections before an answer, and after half of one", async () => {
			const server = await broken({ kind: "refuse" });
			await assert.rejects(embed(server, "a cat"), TypeError);
			assert.equal(server.count("embeddings"), 1);
			server.fault({ kind: "reset" });
			const response = await fetch(`${server.baseUrl}/models`);
			assert.equal(response.status, 200);
			await assert.rejects(response.text(), TypeError);
			server.mend();
			assert.equal((await embed(server, "a cat")).status, 200);
		});

		it("hangs, and dies in the middle of it", async () => {
			const server = await broken({ kind: "hang" });
			const hanging = embed(server, "a cat");
			const early = await Promise.race([hanging, new Promise((resolve) => setTimeout(resolve, 100, "late"))]);
			assert.equal(early, "late");
			const failing = assert.rejects(hanging, TypeError);
			await server.close();
			await failing;
			const again = await start({ port: server.port });
			assert.equal(again.baseUrl, server.baseUrl);
			assert.equal((await embed(again, "a cat")).status, 200);
		});

		it("survives clients that go away", async () => {
			const server = await start({ delay: 50 });
			const url = `${server.baseUrl}/embeddings`;
			const body = { model: "test-embed", input: "a cat" };
			await assert.rejects(post(url, body, {}, AbortSignal.timeout(20)));
			server.fault({ kind: "trickle", over: 1000 });
			await assert.rejects(post(url, body, {}, AbortSignal.timeout(150)));
			server.mend();
			assert.equal((await post(url, body)).status, 200);
		});

		it("with a status, as often as it should", async () => {
			const server = await broken({ kind: "status", status: 500 }, { family: "vllm" }, { times: 2 });
			const statuses = [];
			for (let index = 0; index < 3; index += 1) statuses.push((await embed(server, "a cat")).status);
			assert.deepEqual(statuses, [500, 500, 200]);
			server.fault({ kind: "status", status: 418, body: "<html>teapot</html>" });
			const page = await embed(server, "a cat");
			assert.equal(page.status, 418);
			assert.match(page.headers.get("content-type") ?? "", /^text\/html/);
		});

		it("for chat alone, or embeddings alone, one after the other", async () => {
			const server = await broken({ kind: "status", status: 503 }, {}, { role: "chat" });
			server.fault({ kind: "status", status: 424 }, { times: 1 });
			assert.equal((await chat(server, "hi")).status, 424);
			assert.equal((await chat(server, "hi")).status, 503);
			assert.equal((await embed(server, "a cat")).status, 200);
			server.fault({ kind: "loading" }, { role: "chat" });
			assert.equal((await chat(server, "hi")).at("error", "message"), "Loading model");
			assert.throws(() => server.fault({ kind: "zeros" }, { role: "chat" }), /zeros/);
		});

		it("with too many requests", async () => {
			const server = await broken({ kind: "rateLimit", retryAfter: 7 }, { family: "tei" }, { times: 1 });
			const reply = await embed(server, "a cat");
			assert.deepEqual([reply.status, reply.headers.get("retry-after")], [429, "7"]);
			assert.equal(reply.at("type"), "Overloaded");
			assert.equal((await embed(server, "a cat")).status, 200);
		});

		const whole: readonly [Fault, number, RegExp][] = [
			[{ kind: "html" }, 200, /^<!DOCTYPE html>/],
			[{ kind: "errorIn200" }, 200, /^\{"error":\{"message":"Provider returned error","code":502/],
			[{ kind: "unauthorizedText" }, 401, /^Unauthorized$/],
			[{ kind: "unauthorizedEmpty" }, 401, /^$/],
			[{ kind: "loading" }, 503, /"message":"Loading model"/],
			[{ kind: "credits" }, 402, /"message":"Insufficient credits.*"code":402/],
			[{ kind: "poolingNone" }, 400, /Pooling type 'none'/],
		];
		for (const [fault, status, words] of whole)
			it(`with another answer: ${fault.kind}`, async () => {
				const reply = await embed(await broken(fault), "a cat");
				assert.equal(reply.status, status);
				assert.match(reply.text, words);
			});

		it("cuts answers short", async () => {
			const server = await broken({ kind: "truncated" });
			const reply = await chat(server, extraction("I like tea. I hate rain."));
			assert.equal(reply.at("choices", 0, "finish_reason"), "length");
			assert.match(contentOf(reply), /^\{"memory"/);
			assert.throws(() => JSON.parse(contentOf(reply)));
			const cut = await embed(server, "a cat");
			assert.deepEqual([cut.status, cut.at()], [200, undefined]);
		});

		const contents: readonly [
			Fault["kind"] & ("prose" | "empty" | "noFacts" | "think" | "fences"),
			RegExp,
		][] = [
			["prose", /^I am glad/],
			["empty", /^$/],
			["noFacts", /^\{"memory":\[\]\}$/],
			["think", /^<think>[\s\S]*\{"memory": \[\.\.\.\]\}[\s\S]*<\/think>\s+\{"memory":\[\{[\s\S]*\}$/],
			["fences", /^```json\n\{"memory":\[\{[\s\S]*\}\n```$/],
		];
		for (const [kind, words] of contents)
			it(`in what the chat model says: ${kind}`, async () => {
				assert.match(contentOf(await chat(await broken({ kind }), extraction("I like tea."))), words);
			});

		it("in the vectors", async () => {
			const server = await broken({ kind: "zeros" });
			const inputs = ["a cat", "a train", "taxes"];
			assert.ok(
				vectorsOf(await embed(server, inputs))
					.flat()
					.every((value) => value === 0),
			);
			server.fault({ kind: "nan" });
			assert.equal(vectorsOf(await embed(server, inputs))[0]?.[0], null);
			server.fault({ kind: "nan", written: "NaN" });
			assert.match((await embed(server, inputs)).text, /"embedding":\[NaN,NaN/);
			server.fault({ kind: "width", dimensions: 128 });
			assert.equal(vectorsOf(await embed(server, inputs))[0]?.length, 128);
			server.fault({ kind: "fewer" });
			assert.equal(vectorsOf(await embed(server, inputs)).length, 2);
			server.fault({ kind: "shuffled" });
			const shuffled = await embed(server, inputs);
			server.mend();
			const right = await embed(server, inputs);
			assert.deepEqual(shuffled.each("data", "index"), [2, 1, 0]);
			assert.deepEqual(shuffled.at("data", 0), right.at("data", 2));
		});

		it("slowly", async () => {
			const server = await broken({ kind: "trickle", over: 200 });
			const begun = performance.now();
			assert.equal(vectorsOf(await embed(server, "a cat"))[0]?.length, 512);
			assert.ok(performance.now() - begun >= 180);
		});
	});
});
