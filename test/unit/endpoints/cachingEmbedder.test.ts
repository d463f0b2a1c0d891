import assert from "node:assert/strict";
import { cachingEmbedder, type KeptVectors } from "../../../src/endpoints/cachingEmbedder.ts";
import { type ChatModel, completeJson } from "../../../src/endpoints/chatModel.ts";
import type { Embedder } from "../../../src/endpoints/embedder.ts";
import { Limiter } from "../../../src/endpoints/openai/limiter.ts";

/** Answers when told to. */
function slowEmbedder() {
	const calls: { texts: readonly string[]; signal: AbortSignal | undefined; answer: () => void }[] = [];
	const embedder: Embedder & { model: string } = {
		model: "one",
		get space() {
			return { provider: "test", origin: "", model: this.model, dimensions: 1 };
		},
		description: "test",
		origin: "",
		calibration: undefined,
		embed: (texts, options) =>
			new Promise((resolve, reject) => {
				options?.signal?.addEventListener("abort", () => reject(options.signal?.reason));
				calls.push({
					texts,
					signal: options?.signal,
					answer: () => resolve(texts.map(() => new Float32Array([1]))),
				});
			}),
		dispose: async () => undefined,
	};
	return { calls, embedder, caching: cachingEmbedder(embedder) };
}

const query = { purpose: "query" } as const;

describe("Query embeddings", () => {
	it("are kept: what is asked again is not requested again", async () => {
		const { calls, caching } = slowEmbedder();
		const first = caching.embed(["a"], query);
		calls[0]?.answer();
		await first;
		await caching.embed(["a"], query);
		assert.equal(calls.length, 1);
	});

	it("are kept for queries only, and no longer than the model is the same", async () => {
		const { calls, caching, embedder } = slowEmbedder();
		const ask = async (options?: typeof query) => {
			const asked = caching.embed(["a"], options);
			calls.at(-1)?.answer();
			await asked;
		};
		await ask();
		await ask();
		assert.equal(calls.length, 2);
		await ask(query);
		embedder.model = "two";
		await ask(query);
		assert.equal(calls.length, 4);
	});

	it("are kept up to a number: the one not asked for longest goes first", async () => {
		const { calls, caching } = slowEmbedder();
		for (let i = 0; i <= 500; i += 1) {
			const asked = caching.embed([`query ${i}`], query);
			calls.at(-1)?.answer();
			await asked;
		}
		await caching.embed(["query 1"], query);
		assert.equal(calls.length, 501);
		void caching.embed(["query 0"], query);
		assert.equal(calls.length, 502);
	});

	it("that are equal and under way are one request, which ends when nobody waits any more", async () => {
		const { calls, caching } = slowEmbedder();
		const [one, two] = [new AbortController(), new AbortController()];
		const first = caching.embed(["a"], { ...query, signal: one.signal });
		const second = caching.embed(["a"], { ...query, signal: two.signal });
		assert.equal(calls.length, 1);
		one.abort(new Error("typed on"));
		await assert.rejects(first, /typed on/);
		assert.equal(calls[0]?.signal?.aborted, false);
		two.abort(new Error("closed"));
		await assert.rejects(second, /closed/);
		assert.equal(calls[0]?.signal?.aborted, true);
	});
});

describe("Document embeddings", () => {
	const vectors = (...values: number[]) => values.map((value) => new Float32Array([value]));
	/** Knows "a" as 2. */
	function keeping() {
		const kept: string[] = [];
		const vectorsOf = async (_: unknown, texts: readonly string[]) =>
			texts.map((text) => (text === "a" ? new Float32Array([2]) : undefined));
		const keep = async (_: unknown, made: readonly { text: string }[]) => {
			kept.push(...made.map(({ text }) => text));
		};
		return { kept, vectorsOf, keep };
	}
	/** Embeds with a model that answers 1 at once. */
	async function embed(texts: readonly string[], store: KeptVectors, origin = "http://models.example") {
		const { calls, embedder } = slowEmbedder();
		const caching = cachingEmbedder(Object.defineProperty(embedder, "origin", { value: origin }), store);
		const embedding = caching.embed(texts);
		await new Promise((done) => setImmediate(done));
		calls[0]?.answer();
		return { made: await embedding, asked: calls.map((call) => call.texts) };
	}

	it("are asked for once each, and not where they are known", async () => {
		const store = keeping();
		const { made, asked } = await embed(["b", "a", "c", "b"], store);
		assert.deepEqual(made, vectors(1, 2, 1, 1));
		assert.deepEqual(asked, [["b", "c"]]);
		assert.deepEqual(store.kept, ["b", "c"]);
		assert.deepEqual((await embed(["a", "a"], store)).asked, []);
	});

	it("of the model on this machine are looked up, but not kept", async () => {
		const store = keeping();
		assert.deepEqual((await embed(["a", "b"], store, "")).asked, [["b"]]);
		assert.deepEqual(store.kept, []);
	});

	it("are made all the same while the store fails", async () => {
		const fails = () => Promise.reject(new Error("busy"));
		assert.deepEqual((await embed(["a"], { vectorsOf: fails, keep: fails })).made, vectors(1));
	});
});

describe("A limit on requests at the same time", () => {
	const server = { role: "chat", url: "http://gpu1:8000/v1" } as const;

	it("lets so many run, and the next when one is done or has failed", async () => {
		const limiter = new Limiter({ atOnce: 2, server });
		let running = 0;
		let most = 0;
		const work = (index: number) =>
			limiter.run(async () => {
				running += 1;
				most = Math.max(most, running);
				await new Promise((done) => setTimeout(done, 5));
				running -= 1;
				if (index % 3 === 0) throw new Error("failed");
			});
		const settled = await Promise.allSettled(Array.from({ length: 12 }, (_, index) => work(index)));
		assert.equal(most, 2);
		assert.equal(settled.filter(({ status }) => status === "fulfilled").length, 8);
	});

	it("is not used up by those that were called off while they waited", async () => {
		const limiter = new Limiter({ atOnce: 1, server });
		const held = Promise.withResolvers<void>();
		const first = limiter.run(() => held.promise);
		const stop = new AbortController();
		const off = limiter.run(async () => assert.fail("it was called off"), { signal: stop.signal });
		const last = limiter.run(async () => "done");
		stop.abort(new Error("off"));
		held.resolve();
		await first;
		await assert.rejects(off, /off/);
		assert.equal(await last, "done");
	});
});

describe("JSON from a language model", () => {
	const schema = { name: "facts", schema: {} };
	const accept = (value: unknown) => typeof value === "object" && value !== null && "memory" in value;
	function scripted(...answers: { text: string; truncated?: boolean }[]) {
		const asked: { user: string; maxTokens: number | undefined }[] = [];
		const chat: ChatModel = {
			description: "small one",
			origin: "",
			contextLength: undefined,
			maxTokens: 1000,
			complete: async ({ user }, options) => {
				asked.push({ user, maxTokens: options?.maxTokens });
				const { text, truncated = false } = answers[asked.length - 1] ?? answers.at(-1) ?? { text: "" };
				return { text, truncated };
			},
		};
		return { asked, result: completeJson(chat, { system: "s", user: "u" }, { schema, accept }) };
	}

	it("is asked for once more after prose, with a word about it", async () => {
		const { asked, result } = scripted({ text: "I would love to." }, { text: '{"memory":[]}' });
		assert.deepEqual(await result, { value: { memory: [] }, whole: true });
		assert.match(asked[1]?.user ?? "", /^u\n\n.*JSON/);
	});

	it("is asked for again with room for more when it was cut off", async () => {
		const { asked, result } = scripted(
			{ text: '{"memory":["a', truncated: true },
			{ text: '{"memory":["ab"]}' },
		);
		assert.deepEqual(await result, { value: { memory: ["ab"] }, whole: true });
		assert.deepEqual(
			asked.map(({ maxTokens }) => maxTokens),
			[undefined, 4000],
		);
	});

	it("that never comes is an error that says what to do", async () => {
		await assert.rejects(
			scripted({ text: "No." }).result,
			/\(small one\) answered in prose.*follows instructions better/,
		);
		await assert.rejects(scripted({ text: " " }).result, /answered with nothing/);
		await assert.rejects(scripted({ text: "<think>hm", truncated: true }).result, /cut off.*LLM_MAX_TOKENS/);
	});
});
