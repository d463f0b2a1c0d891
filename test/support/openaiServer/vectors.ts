import { createHash } from "node:crypto";
import { sharedEmbedder } from "../fixtures/sharedEmbedder.ts";

const known = new Map<string, Promise<Float32Array>>();

/** The model whose vectors are the built-in model's own. */
const plainModel = "test-embed";

/**
 * A text's vector of length 1 in the space of a model. It comes from the built-in model; other models than `test-embed`
 * have other signs, so that cosines within a model are right and cosines between two models mean nothing.
 */
export async function vectorOf(text: string, model: string, width: number): Promise<Float32Array> {
	const vector = resized(await builtinVector(text), width);
	if (model === plainModel) return vector;
	const signs = uniform(`model ${model}`);
	return vector.map((value) => (signs() < 0.5 ? value : -value));
}

/** About the same direction in another width: the vector repeated, or its beginning, scaled to length 1. */
export function resized(vector: Float32Array, width: number): Float32Array {
	if (vector.length === width) return vector;
	return unitLength(
		Float32Array.from({ length: width }, (_, index) => vector[index % vector.length] as number),
	);
}

function builtinVector(text: string): Promise<Float32Array> {
	let vector = known.get(text);
	if (!vector) {
		vector = sharedEmbedder()
			.embed([text])
			.then(([read]) => read ?? madeUp(text));
		vector.catch(() => known.delete(text));
		known.set(text, vector);
	}
	return vector;
}

/** For texts that the built-in model cannot read: each text has one vector, and no two are alike. */
function madeUp(text: string): Float32Array {
	const next = uniform(`text ${text}`);
	return unitLength(Float32Array.from({ length: 512 }, () => next() - 0.5));
}

function unitLength(vector: Float32Array): Float32Array {
	const length = Math.hypot(...vector);
	return vector.map((value) => value / length);
}

/** Pseudo-random numbers in [0, 1) from a seed: one digest after the other, four bytes per number. */
function uniform(seed: string): () => number {
	let digest = createHash("sha256").update(seed).digest();
	let at = 0;
	return () => {
		if (at === digest.length) {
			digest = createHash("sha256").update(digest).digest();
			at = 0;
		}
		at += 4;
		return digest.readUInt32LE(at - 4) / 2 ** 32;
	};
}
