import { join } from "node:path";
import { isMainThread, parentPort } from "node:worker_threads";
import { maxWords, signsOf, type WordSigns } from "../../vectors/wordSigns.ts";
import { type BuiltinModel, loadModel, wordWidth } from "./model.ts";
import { isReadable, windows } from "./tokens.ts";

export interface WorkerRequest {
	readonly texts: readonly string[];
}

export type WorkerReply =
	| {
			readonly vectors: readonly (Float32Array | undefined)[];
			readonly words: readonly (WordSigns | undefined)[];
			readonly error?: undefined;
	  }
	| { readonly error: string };

/** Windows that the model reads together; more would take memory and save no time. */
const windowsAtOnce = 16;

let model: Promise<BuiltinModel> | undefined;

/** A text's vector is the mean of its windows' vectors, scaled to length 1; its words are those of all windows. */
async function embed(texts: readonly string[]): Promise<Exclude<WorkerReply, { readonly error: string }>> {
	model ??= loadModel(join(__dirname, "model"));
	const read = await model;
	const parts = texts.flatMap((text, index) =>
		isReadable(text) ? windows(text).map((window, place) => ({ index, window, place })) : [],
	);
	// Each window of a batch takes as long as the longest.
	parts.sort((one, other) => one.window.length - other.window.length);
	const sums: (Float32Array | undefined)[] = texts.map(() => undefined);
	const words: WordSigns[][] = texts.map(() => []);
	for (let start = 0; start < parts.length; start += windowsAtOnce) {
		const batch = parts.slice(start, start + windowsAtOnce);
		const readings = await read(batch.map((part) => part.window));
		for (const [position, { index, place }] of batch.entries()) {
			const reading = readings[position];
			if (!reading) throw new Error("the model answered with too little");
			sums[index] = added(sums[index], reading.sentence);
			(words[index] as WordSigns[])[place] = signsOf(reading.words);
		}
	}
	return {
		vectors: sums.map((sum) => sum && unitLength(sum)),
		words: words.map((ofWindows) =>
			ofWindows.length === 0
				? undefined
				: new Uint8Array(Buffer.concat(ofWindows).subarray(0, maxWords * (wordWidth / 8))),
		),
	};
}

function added(sum: Float32Array | undefined, vector: Float32Array): Float32Array {
	return sum ? sum.map((value, index) => value + (vector[index] as number)) : vector;
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
			reply = await embed(texts);
		} catch (error) {
			// If the model failed to load, the next request loads it again.
			model = undefined;
			reply = { error: error instanceof Error ? error.message : String(error) };
		}
		parentPort?.postMessage(reply);
	});
}
