import { EndpointError } from "../endpointError.ts";
import { isRecord } from "./answerBody.ts";
import { widest } from "./readBody.ts";

/**
 * The vectors of an embeddings answer, of length 1 and in the order of the inputs.
 * @throws EndpointError for vectors that must not be stored: too few, zero, with NaN, of different widths.
 */
export function readVectors(answer: unknown, inputs: number, url: string): Float32Array[] {
	const fail = (
		what: string,
		advice = "Check EMBEDDING_MODEL_CHOICE: it must be an embedding model. Nothing was stored.",
	) => new EndpointError("bad-vectors", what, advice, { role: "embedding", url });
	const data = isRecord(answer) ? answer.data : undefined;
	if (!Array.isArray(data))
		throw new EndpointError(
			"no-api",
			"gave an embeddings answer without data",
			"Check the base URL: it must lead to an OpenAI-compatible server.",
			{ role: "embedding", url },
		);
	if (data.length !== inputs) throw fail(`gave ${data.length} vectors for ${inputs} texts`);
	const vectors: Float32Array[] = new Array(inputs);
	for (const [position, item] of data.entries()) {
		const { embedding, index } = isRecord(item) ? item : {};
		const place = typeof index === "number" && data.length > 1 ? index : position;
		const values = numbers(embedding);
		if (!values) throw fail("gave something that is not a vector");
		if (!Number.isInteger(place) || place < 0 || place >= inputs || vectors[place])
			throw fail("gave vectors that cannot be told apart");
		vectors[place] = values;
	}
	const width = (vectors[0] as Float32Array).length;
	for (const vector of vectors) {
		if (vector.length !== width) throw fail("gave vectors of different widths");
		const length = Math.sqrt(vector.reduce((sum, value) => sum + value * value, 0));
		if (!Number.isFinite(length)) throw fail("gave a vector that contains NaN");
		if (length === 0)
			throw fail(
				"gave a vector of zeros",
				"The model does not seem to be made for embeddings, or the server hides an error. Nothing was stored.",
			);
		for (let i = 0; i < width; i += 1) (vector[i] as number) /= length;
	}
	return vectors;
}

/** From numbers, or from base64 of little-endian float32, which some servers send unasked. */
function numbers(embedding: unknown): Float32Array | undefined {
	if (typeof embedding === "string") {
		const bytes = Buffer.from(embedding, "base64");
		if (bytes.length === 0 || bytes.length % 4 !== 0 || bytes.length > 4 * widest) return undefined;
		return new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
	}
	// Some servers wrap the vector of a single text in another array.
	const list = Array.isArray(embedding) && Array.isArray(embedding[0]) ? embedding[0] : embedding;
	if (!Array.isArray(list) || list.length === 0 || list.length > widest) return undefined;
	return Float32Array.from(list, (value) => (typeof value === "number" ? value : Number.NaN));
}
