import { open, readFile } from "node:fs/promises";
import { join } from "node:path";
import { env, type GraphFiles, loadGraphModel, tensor1d, tensor2d } from "@energetic-ai/core";
import { initModel } from "@energetic-ai/embeddings";

/** What the model makes of a text. */
interface Reading {
	/** Of length 1. */
	readonly sentence: Float32Array;
	/** A row of `wordWidth` numbers for each word (text between spaces), as far as the model reads. */
	readonly words: Float32Array;
}

export const wordWidth = 512;

/** Nodes of the model's graph: the whole text's vector, and one for each piece of a word in its place. */
const outputs = [
	"module_apply_default/Encoder_en/hidden_layers/l2_normalize",
	"module_apply_default/Encoder_en/KonaTransformer/mul",
];
/** Marks the beginning of a word in the model's vocabulary. */
const beginning = "\u2581";

/** Reads texts together; each takes as long as the longest. None may be empty. */
export type BuiltinModel = (texts: readonly string[]) => Promise<Reading[]>;

/** Loads Universal Sentence Encoder lite. */
export async function loadModel(directory: string): Promise<BuiltinModel> {
	// One thread is enough in the background of another program. Also, only this build of the WASM is shipped.
	env().set("WASM_HAS_MULTITHREAD_SUPPORT", false);
	/** Whether a word begins with a piece, by the piece's number. */
	let begins: readonly boolean[] = [];
	const { tokenizer, model } = await initModel(async () => {
		const [graph, file] = await Promise.all([
			loadGraphModel({ load: () => readGraph(directory) }),
			readFile(join(directory, "vocab.json"), "utf8"),
		]);
		const vocabulary: [piece: string, score: number][] = JSON.parse(file);
		begins = vocabulary.map(([piece]) => piece.startsWith(beginning));
		return { model: graph, vocabulary };
	});
	return async (texts) => {
		const pieces = texts.map((text) => tokenizer.encode(text));
		const places = pieces.flatMap((list, text) => list.map((_, at) => [text, at]));
		const indices = tensor2d(places, [places.length, 2], "int32");
		const values = tensor1d(pieces.flat(), "int32");
		const results = await model.executeAsync({ indices, values }, outputs);
		try {
			const [sentences, meanings] = await Promise.all(results.map((result) => result.data()));
			const [, longest = 0] = results[1]?.shape ?? [];
			const size = longest * wordWidth;
			if (sentences?.length !== texts.length * wordWidth || meanings?.length !== texts.length * size)
				throw new Error("the model answered with another number of texts");
			return pieces.map((list, text) => ({
				sentence: sentences.slice(text * wordWidth, (text + 1) * wordWidth),
				// The model reads only the first pieces of a long text.
				words: sumByWord(list.slice(0, longest), meanings.subarray(text * size, (text + 1) * size), begins),
			}));
		} finally {
			for (const tensor of [indices, values, ...results]) tensor.dispose();
		}
	};
}

interface GraphFile {
	readonly modelTopology: object;
	readonly weightsManifest: readonly {
		readonly paths: readonly string[];
		readonly weights: readonly object[];
	}[];
}

/** Reads the weights to where the model takes them from: TensorFlow's own way copies them three times before. */
async function readGraph(directory: string): Promise<GraphFiles> {
	const file = await readFile(join(directory, "model.json"), "utf8");
	const { modelTopology, weightsManifest } = JSON.parse(file) as GraphFile;
	const parts = await Promise.all(
		weightsManifest.flatMap(({ paths }) => paths).map((path) => open(join(directory, path))),
	);
	try {
		const sizes = await Promise.all(parts.map(async (part) => (await part.stat()).size));
		const weights = new Uint8Array(sizes.reduce((sum, size) => sum + size, 0));
		const starts = sizes.map((_, at) => sizes.slice(0, at).reduce((sum, size) => sum + size, 0));
		const read = await Promise.all(
			parts.map((part, at) => part.read(weights, starts[at] as number, sizes[at] as number, 0)),
		);
		if (read.some(({ bytesRead }, at) => bytesRead !== sizes[at]))
			throw new Error("the model's files could not be read whole");
		const weightSpecs = weightsManifest.flatMap((group) => group.weights);
		return { modelTopology, weightSpecs, weightData: weights.buffer };
	} finally {
		await Promise.all(parts.map((part) => part.close()));
	}
}

/** A word's numbers are the sums of its pieces' numbers. */
function sumByWord(
	pieces: readonly number[],
	meanings: Float32Array,
	begins: readonly boolean[],
): Float32Array {
	let count = 0;
	const wordOf = pieces.map((piece, at) => {
		if (at === 0 || begins[piece]) count += 1;
		return count - 1;
	});
	const words = new Float32Array(count * wordWidth);
	for (const [at, word] of wordOf.entries())
		for (let number = 0; number < wordWidth; number += 1) {
			const place = word * wordWidth + number;
			words[place] = (words[place] as number) + (meanings[at * wordWidth + number] ?? 0);
		}
	return words;
}
