import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { BuiltinEmbedder } from "../../../src/endpoints/builtin/embedder.ts";
import { EmbedderError } from "../../../src/endpoints/embedder.ts";
import { workerFile } from "../../support/fixtures/builtFiles.ts";
import { temporaryFolder } from "../../support/fixtures/temporaryFolder.ts";

function cosine(a: Float32Array | undefined, b: Float32Array | undefined): number {
	assert.ok(a && b);
	return a.reduce((sum, value, index) => sum + value * (b[index] as number), 0);
}

describe("The built-in embedder", () => {
	const embedder = new BuiltinEmbedder({ workerFile });
	after(() => embedder.dispose());

	it("lets a process end that has nothing more to do, without being disposed", async function () {
		this.timeout(20_000);
		const script = `
			import { BuiltinEmbedder } from ${JSON.stringify(import.meta.resolve("../../../src/endpoints/builtin/embedder.ts"))};
			const [vector] = await new BuiltinEmbedder({ workerFile: ${JSON.stringify(workerFile)} }).embed(["hello"]);
			console.log(vector.length);`;
		const { stdout } = await promisify(execFile)(
			process.execPath,
			["--input-type=module", "--eval", script],
			{ timeout: 15_000 },
		);
		assert.equal(stdout.trim(), "512");
	});

	it("answers one vector of length 1 and 512 numbers for each text, in order", async () => {
		const texts = Array.from(
			{ length: 40 },
			(_, index) => `Sentence number ${index} about ${["cats", "trains", "taxes"][index % 3]}`,
		);
		const vectors = await embedder.embed(texts);
		assert.equal(vectors.length, 40);
		for (const vector of vectors) {
			assert.equal(vector?.length, embedder.space.dimensions);
			assert.ok(Math.abs(cosine(vector, vector) - 1) < 1e-5);
		}
		const [alone] = await embedder.embed([texts[17] as string]);
		assert.ok(cosine(alone, vectors[17]) > 0.9999);
	});

	it("puts paraphrases closer than strangers", async () => {
		const [a, b, c] = await embedder.embed([
			"How old are you?",
			"What is your age?",
			"The invoice was paid in March",
		]);
		assert.ok(cosine(a, b) > cosine(a, c) + 0.3);
	});

	it("reads a long text to its end", async () => {
		const filler = "The weather was mild and nothing happened. ".repeat(60);
		const [plain, ending, wanted] = await embedder.embed([
			filler,
			filler + "The chess tournament was won by a grandmaster playing the Sicilian defence. ".repeat(20),
			"Who won the chess tournament?",
		]);
		assert.ok(cosine(ending, wanted) > cosine(plain, wanted) + 0.1);
	});

	it("says nothing about texts it cannot read, so that they are not taken for each other", async () => {
		assert.deepEqual(await embedder.embed(["東京", "Москва", "…", "🙂"]), [
			undefined,
			undefined,
			undefined,
			undefined,
		]);
	});

	it("lets a query go before documents that wait", async () => {
		const done: string[] = [];
		const documents = embedder
			.embed(Array.from({ length: 64 }, (_, index) => `Document ${index} that waits`))
			.then(() => done.push("documents"));
		const query = embedder.embed(["a query"], { purpose: "query" }).then(() => done.push("query"));
		await Promise.all([documents, query]);
		assert.deepEqual(done, ["query", "documents"]);
	});

	it("reads a query alone, and documents with others of their length", async () => {
		const file = join(temporaryFolder(), "worker.cjs");
		// Answers how many texts came together, and the shortest and longest of them.
		writeFileSync(
			file,
			`require("node:worker_threads").parentPort.on("message", ({ texts }) => {
				const lengths = texts.map((text) => text.length);
				const vector = Float32Array.of(texts.length, Math.min(...lengths), Math.max(...lengths));
				require("node:worker_threads").parentPort.postMessage({ vectors: texts.map(() => vector), words: [] });
			});`,
		);
		const observed = new BuiltinEmbedder({ workerFile: file });
		try {
			// Occupies both workers, so that what follows waits.
			const first = observed.embed(Array.from({ length: 64 }, () => "first"));
			const documents = observed.embed(
				Array.from({ length: 64 }, (_, index) => "x".repeat(index % 2 === 0 ? 20 : 400)),
			);
			const [query] = await observed.embed(["a query"], { purpose: "query" });
			assert.deepEqual([...(query ?? [])], [1, 7, 7]);
			await first;
			for (const batch of await documents) {
				assert.ok(batch);
				assert.equal(batch[1], batch[2]);
			}
		} finally {
			await observed.dispose();
		}
	});

	it("stops waiting when it is called off", async () => {
		const off = new AbortController();
		const waiting = embedder.embed(["one", "two"], { signal: off.signal });
		off.abort(new Error("enough"));
		await assert.rejects(waiting, /enough/);
		assert.equal((await embedder.embed(["still works"])).length, 1);
	});
});

describe("The built-in embedder in trouble", () => {
	/** A worker that does `trouble` first and is the real one from then on. */
	function troubled(trouble: string): string {
		const folder = temporaryFolder();
		const file = join(folder, "worker.cjs");
		writeFileSync(
			file,
			`const { existsSync, writeFileSync } = require("node:fs");
			const { parentPort } = require("node:worker_threads");
			const mark = ${JSON.stringify(join(folder, "once"))};
			if (existsSync(mark)) require(${JSON.stringify(workerFile)});
			else parentPort.once("message", () => { writeFileSync(mark, ""); ${trouble} });`,
		);
		return file;
	}

	it("starts a new worker when one dies, and its callers get their vectors", async () => {
		const embedder = new BuiltinEmbedder({ workerFile: troubled("process.exit(3);") });
		assert.equal((await embedder.embed(["dies once"]))[0]?.length, 512);
		await embedder.dispose();
	});

	it("starts a new worker when one throws", async () => {
		const embedder = new BuiltinEmbedder({ workerFile: troubled('throw new Error("out of luck");') });
		assert.equal((await embedder.embed(["throws once"]))[0]?.length, 512);
		await embedder.dispose();
	});

	it("starts a new worker when one hangs", async function () {
		// The second worker loads the model in that time, also on a busy machine.
		this.timeout(60_000);
		const embedder = new BuiltinEmbedder({ workerFile: troubled("for (;;) {}"), batchTimeout: 8000 });
		assert.equal((await embedder.embed(["hangs once"]))[0]?.length, 512);
		await embedder.dispose();
	});

	it("answers with an error, not with silence, when it fails for good", async () => {
		const embedder = new BuiltinEmbedder({ workerFile: join(temporaryFolder(), "missing.cjs") });
		await assert.rejects(
			embedder.embed(["x"]),
			(error) => error instanceof EmbedderError && /failed twice: .*missing\.cjs/s.test(error.message),
		);
		await embedder.dispose();
	});

	it("answers what waits when it is shut down", async () => {
		const embedder = new BuiltinEmbedder({ workerFile });
		const waiting = embedder.embed(["too late"]);
		await embedder.dispose();
		await assert.rejects(waiting, EmbedderError);
		await assert.rejects(embedder.embed(["even later"]), EmbedderError);
	});
});

describe("The built-in embedder's workers", () => {
	/** A worker that answers the number of its thread, and takes a moment for it. */
	function telling(): string {
		const file = join(temporaryFolder(), "worker.cjs");
		writeFileSync(
			file,
			`const { parentPort, threadId } = require("node:worker_threads");
			parentPort.on("message", ({ texts }) => {
				setTimeout(() => parentPort.postMessage({ vectors: texts.map(() => Float32Array.of(threadId)), words: [] }), 20);
			});`,
		);
		return file;
	}

	it("are one, and two for an import where there is more than one processor", async () => {
		const embedder = new BuiltinEmbedder({ workerFile: telling() });
		const threads = async (count: number) => {
			const vectors = await embedder.embed(Array.from({ length: count }, (_, index) => `text ${index}`));
			return new Set(vectors.map((vector) => vector?.[0]));
		};
		const [first] = await threads(16);
		assert.deepEqual([...(await threads(32))], [first]);
		const several = await threads(200);
		assert.equal(several.size, Math.min(2, availableParallelism()));
		assert.ok(several.has(first));
		await embedder.dispose();
	});
});
