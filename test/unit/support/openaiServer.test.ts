import assert from "node:assert/strict";
import { Agent, request as httpRequest } from "node:http";
import { sharedEmbedder } from "../../support/fixtures/sharedEmbedder.ts";
import {
	chat,
	contentOf,
	cosine,
	embed,
	extraction,
	post,
	servers,
	vectorsOf,
} from "../../support/openaiServer/requests.ts";
import { families, type OpenAiServerOptions } from "../../support/openaiServer/server.ts";

describe("The OpenAI server of the tests", () => {
	const start = servers();

	describe("answers", () => {
		for (const family of families.filter((name) => name !== "tei"))
			it(`chat as ${family} does, and distils mem0ai's prompt`, async () => {
				const server = await start({ family });
				const reply = await chat(server, extraction("I like tea. My sister is called Ada!"));
				assert.deepEqual(JSON.parse(contentOf(reply)), {
					memory: [
						{ id: "0", text: "I like tea.", attributed_to: "user" },
						{ id: "1", text: "My sister is called Ada!", attributed_to: "user" },
					],
				});
				assert.equal(reply.at("choices", 0, "finish_reason"), "stop");
				assert.ok(Number(reply.at("usage", "prompt_tokens")) > 20);
				assert.ok(Number(reply.at("usage", "completion_tokens")) > 10);
				assert.equal(contentOf(await chat(server, "Are you there?")), "ok");
			});

		for (const family of families)
			it(`embeddings as ${family} does, one or many, in order`, async () => {
				const server = await start({ family });
				const many = await embed(server, ["a cat", "a train"]);
				const [cat, train] = vectorsOf(many);
				const [alone] = vectorsOf(await embed(server, "a train"));
				assert.equal(cat?.length, 512);
				assert.deepEqual(alone, train);
				assert.notDeepEqual(cat, train);
				assert.deepEqual(many.each("data", "index"), [0, 1]);
				assert.ok(Number(many.at("usage", "total_tokens")) > 0);
			});

		it("the built-in model's vectors", async () => {
			const [expected] = await sharedEmbedder().embed(["My sister is called Ada"]);
			const [vector] = vectorsOf(await embed(await start(), "My sister is called Ada"));
			assert.ok(cosine(vector, expected) > 0.9999);
		});

		for (const dimensions of [64, 256, 768, 1536])
			it(`vectors of ${dimensions} numbers and length 1 that are about as close`, async () => {
				const server = await start({ dimensions });
				const [a, b, c] = vectorsOf(
					await embed(server, ["How old are you?", "What is your age?", "The invoice was paid in March"]),
				);
				assert.equal(a?.length, dimensions);
				assert.ok(Math.abs(cosine(a, a) - 1) < 1e-5);
				assert.ok(cosine(a, b) > cosine(a, c) + 0.2);
			});

		it("vectors of another model that mean nothing beside the first one's, and as much among themselves", async () => {
			const server = await start({ embeddingModels: ["test-embed", "other-embed"] });
			const texts = ["How old are you?", "What is your age?"];
			const [a, b] = vectorsOf(await embed(server, texts));
			const [c, d] = vectorsOf(await embed(server, texts, { model: "other-embed" }));
			assert.ok(Math.abs(cosine(a, c)) < 0.3);
			assert.ok(Math.abs(cosine(a, b) - cosine(c, d)) < 1e-5);
		});

		it("the same vector each time, and no other's, for texts the model cannot read", async () => {
			const server = await start();
			const [a, b] = vectorsOf(await embed(server, ["東京", "Москва"]));
			const [again] = vectorsOf(await embed(server, "東京"));
			assert.deepEqual(again, a);
			assert.ok(Math.abs(cosine(a, a) - 1) < 1e-5);
			assert.ok(Math.abs(cosine(a, b)) < 0.3);
		});

		it("base64 only when it is asked for, the same numbers", async () => {
			const server = await start();
			const [floats] = vectorsOf(await embed(server, "a cat", { encoding_format: "float" }));
			const reply = await embed(server, "a cat", { encoding_format: "base64" });
			const bytes = Buffer.from(reply.at("data", 0, "embedding") as string, "base64");
			assert.equal(bytes.length, 512 * 4);
			assert.equal(bytes.readFloatLE(40), floats?.[10]);
			assert.ok(Array.isArray((await embed(server, "a cat")).at("data", 0, "embedding")));
		});

		it("floats from LM Studio and base64 from the stubborn, whatever was asked", async () => {
			const lmstudio = await start({ family: "lmstudio" });
			assert.equal(vectorsOf(await embed(lmstudio, "a cat", { encoding_format: "base64" }))[0]?.length, 512);
			const stubborn = await start({ base64Unasked: true });
			const reply = await embed(stubborn, "a cat", { encoding_format: "float" });
			assert.equal(typeof reply.at("data", 0, "embedding"), "string");
		});

		it("with what the script says, which sees the prompt", async () => {
			const server = await start({
				chat: async ({ messages }) => ({ content: `You said: ${messages.at(-1)?.content}` }),
			});
			const reply = await post(`${server.baseUrl}/chat/completions`, {
				model: "test-chat",
				messages: [
					{
						role: "user",
						content: [
							{ type: "text", text: "Hello " },
							{ type: "text", text: "there" },
						],
					},
				],
			});
			assert.equal(contentOf(reply), "You said: Hello there");
		});

		it("an error 500 when the script throws", async () => {
			const server = await start({
				family: "lmstudio",
				chat: () => {
					throw new Error("out of memory");
				},
			});
			const reply = await chat(server, "hi");
			assert.deepEqual([reply.status, reply.at("error")], [500, "out of memory"]);
		});

		it("no more tokens than the request allows, and says so", async () => {
			const server = await start({ chat: () => ({ content: "x".repeat(100) }) });
			const short = await chat(server, "hi", { max_completion_tokens: 5 });
			assert.equal(contentOf(short).length, 20);
			assert.equal(short.at("choices", 0, "finish_reason"), "length");
			const ollama = await start({ family: "ollama", chat: () => ({ content: "x".repeat(100) }) });
			assert.equal(contentOf(await chat(ollama, "hi", { max_completion_tokens: 5 })).length, 100);
			assert.equal(contentOf(await chat(ollama, "hi", { max_tokens: 5 })).length, 20);
		});
	});

	describe("takes parameters as its family does", () => {
		const json = (type: string) => ({ response_format: { type } });

		it("JSON modes", async () => {
			const lmstudio = await start({ family: "lmstudio" });
			const refused = await chat(lmstudio, "JSON?", json("json_object"));
			assert.equal(refused.status, 400);
			assert.equal(refused.at("error"), "'response_format.type' must be 'json_schema' or 'text'");
			assert.deepEqual(JSON.parse(contentOf(await chat(lmstudio, "hi", json("json_schema")))), { ok: true });
			assert.equal(contentOf(await chat(lmstudio, "hi", json("text"))), "ok");
			const old = await start({ family: "vllm", jsonModes: ["json_object"] });
			assert.match((await chat(old, "hi", json("json_schema"))).text, /^\{"object":"error".*response_format/);
			assert.equal((await chat(old, "hi", json("json_object"))).status, 200);
		});

		it("the word JSON that OpenAI wants in the prompt", async () => {
			const server = await start();
			assert.match((await chat(server, "hi", json("json_object"))).text, /must contain the word 'json'/);
			assert.equal((await chat(server, "hi, in JSON", json("json_object"))).status, 200);
		});

		it("max_tokens and temperature that reasoning models refuse", async () => {
			const server = await start({ refuseMaxTokens: true, refuseTemperature: true });
			assert.match((await chat(server, "hi", { max_tokens: 9 })).text, /Use 'max_completion_tokens' instead/);
			assert.match(
				(await chat(server, "hi", { temperature: 0.2 })).text,
				/'temperature' does not support 0\.2 with this model\. Only the default \(1\) value is supported\./,
			);
			assert.equal((await chat(server, "hi", { max_completion_tokens: 9, temperature: 1 })).status, 200);
		});

		it("dimensions", async () => {
			const refused: readonly [OpenAiServerOptions, RegExp][] = [
				[{ family: "vllm" }, /"code":400/],
				[{ family: "vllm" }, /does not support matryoshka representation/],
				[{ family: "litellm" }, /UnsupportedParamsError/],
				[{ refuseDimensions: true }, /does not support specifying dimensions/],
				[{}, /less than or equal to 512/],
			];
			for (const [options, words] of refused) {
				const reply = await embed(await start(options), "a cat", { dimensions: 1024 });
				assert.equal(reply.status, 400);
				assert.match(reply.text, words);
			}
			for (const options of [{}, { family: "vllm", refuseDimensions: false }] as const) {
				const [vector] = vectorsOf(await embed(await start(options), "a cat", { dimensions: 100 }));
				assert.equal(vector?.length, 100);
				assert.ok(Math.abs(cosine(vector, vector) - 1) < 1e-5);
			}
			const ignoring = await start({ family: "lmstudio" });
			assert.equal(vectorsOf(await embed(ignoring, "a cat", { dimensions: 100 }))[0]?.length, 512);
		});
	});

	it("remembers what it was asked, in order", async () => {
		const server = await start({ family: "azure", apiKey: "secret" });
		await chat(server, "hi", { temperature: 0.2 }, { "api-key": "secret" });
		await embed(server, "a cat");
		const [first, second] = server.requests;
		assert.deepEqual(
			[first?.method, first?.path, first?.query],
			["POST", "/openai/deployments/test-chat/chat/completions", "?api-version=2024-10-21"],
		);
		assert.equal(first?.headers["api-key"], "secret");
		assert.equal((first?.body as { temperature?: number } | undefined)?.temperature, 0.2);
		assert.ok((second?.at ?? 0) >= (first?.at ?? 1));
		assert.deepEqual(
			(["chat", "embeddings", "models"] as const).map((role) => server.count(role)),
			[1, 1, 0],
		);
	});

	it("keeps connections alive and counts them", async () => {
		const server = await start();
		const agent = new Agent({ keepAlive: true, maxSockets: 1 });
		for (let index = 0; index < 5; index += 1) {
			await new Promise<void>((resolve, reject) => {
				httpRequest(`${server.baseUrl}/models`, { agent }, (response) => {
					response.resume().on("end", resolve);
				})
					.on("error", reject)
					.end();
			});
		}
		agent.destroy();
		assert.equal(server.connections(), 1);
	});

	it("answers hundreds at once", async () => {
		const server = await start();
		const replies = await Promise.all(
			Array.from({ length: 400 }, (_, index) => embed(server, `Sentence number ${index % 40}`)),
		);
		const vectors = replies.map((reply) => vectorsOf(reply)[0]);
		assert.deepEqual(vectors[0], vectors[40]);
		assert.equal(server.count("embeddings"), 400);
	});
});
