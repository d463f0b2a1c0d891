import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { isMainThread, parentPort } from "node:worker_threads";
import { env, loadGraphModel } from "@energetic-ai/core";
import { type EmbeddingsModel, initModel } from "@energetic-ai/embeddings";
import { isReadable, windows } from "./builtinText.ts";

export interface WorkerRequest {
	readonly texts: readonly string[];
}

export type WorkerReply =
	| { readonly vectors: readonly (Float32Array | undefined)[]; readonly error?: undefined }
	| { readonly error: string };

/** Windows given to the model at once; more takes memory and saves no time. */
const windowsAtOnce = 16;

let model: Promise<EmbeddingsModel> | undefined;

function load(): Promise<EmbeddingsModel> {
	// One thread: this is a background thread of somebody else's process. Also, only this build of the WASM is shipped.
	env().set("WASM_HAS_MULTITHREAD_SUPPORT", false);
	const directory = join(__dirname, "model");
	return initModel(async () => {
		const [graph, vocabulary] = await Promise.all([
			loadGraphModel(`file://${join(directory, "model.json")}`),
			readFile(join(directory, "vocab.json"), "utf8"),
		]);
		return { model: graph, vocabulary: JSON.parse(vocabulary) };
	});
}

/** A text's vector is the mean of its windows' vectors, brought to length 1. */
async function embed(texts: readonly string[]): Promise<(Float32Array | undefined)[]> {
	model ??= load();
	const loaded = await model;
	const parts = texts.flatMap((text, index) =>
		isReadable(text) ? windows(text).map((window) => ({ index, window })) : [],
	);
	// Each of a batch takes as long as the longest.
	parts.sort((one, other) => one.window.length - other.window.length);
	const sums: (Float32Array | undefined)[] = texts.map(() => undefined);
	for (let start = 0; start < parts.length; start += windowsAtOnce) {
		const batch = parts.slice(start, start + windowsAtOnce);
		const vectors = await loaded.embed(batch.map((part) => part.window));
		batch.forEach(({ index }, position) => {
			sums[index] = added(sums[index], vectors[position] as number[]);
		});
	}
	return sums.map((sum) => sum && unitLength(sum));
}

function added(sum: Float32Array | undefined, vector: readonly number[]): Float32Array {
	return sum ? sum.map((value, index) => value + (vector[index] as number)) : Float32Array.from(vector);
}

function unitLength(vector: Float32Array): Float32Array {
	const length = Math.hypot(...vector);
	if (!(length > 0 && Number.isFinite(length)))
		throw new Error("the model answered with a vector without length");
	return vector.map((value) => value / length);
}

if (!isMainThread) {
	parentPort?.on("message", async ({ texts }: WorkerRequest) => {
		let reply: WorkerReply;
		try {
			reply = { vectors: await embed(texts) };
		} catch (error) {
			// A model that failed to load is loaded anew by the next request.
			model = undefined;
			reply = { error: error instanceof Error ? error.message : String(error) };
		}
		parentPort?.postMessage(reply);
	});
}
