import { plural } from "../../text/wording.ts";
import { EndpointError, type VectorFault } from "../endpointError.ts";
import { isRecord } from "./answerBody.ts";
import { widest } from "./readBody.ts";

/** Of one number, no vector tells more than yes or no. */
const narrowest = 2;

/**
 * The vectors of an embeddings answer, of length 1 and in the order of the inputs.
 * @throws EndpointError for vectors that must not be stored: too few, zero, with NaN, of different or useless widths.
 */
export function readVectors(answer: unknown, inputs: number, url: string): Float32Array[] {
	const fail = (
		what: string,
		vectorFault: VectorFault = "shape",
		advice = "Check EMBEDDING_MODEL_CHOICE: it must be an embedding model. Nothing was stored.",
	) => new EndpointError("bad-vectors", what, advice, { role: "embedding", url, vectorFault });
	const data = isRecord(answer) ? answer.data : undefined;
	if (!Array.isArray(data))
		throw new EndpointError(
			"no-api",
			"gave an embeddings answer without data",
			"Check the base URL: it must lead to an OpenAI-compatible server.",
			{ role: "embedding", url },
		);
	if (data.length !== inputs)
		throw fail(
			`gave ${plural(data.length, "# vector", "# vectors")} for ${plural(inputs, "# text", "# texts")}`,
			"missing",
		);
	const items: readonly Readonly<Record<string, unknown>>[] = data.map((item) =>
		isRecord(item) ? item : {},
	);
	const places = placesOf(items.map(({ index }) => index));
	if (!places) throw fail("gave vectors that cannot be told apart");
	const vectors: Float32Array[] = new Array(inputs);
	for (const [position, { embedding }] of items.entries()) {
		const values = numbers(embedding);
		if (!values) throw fail("gave something that is not a vector");
		if (values.length < narrowest || values.length > widest)
			throw fail(
				`gave a vector of ${plural(values.length, "# number", "# numbers")}; ${narrowest} to ${widest} can be used`,
			);
		vectors[places[position] as number] = values;
	}
	const width = (vectors[0] as Float32Array).length;
	for (const vector of vectors) {
		if (vector.length !== width) throw fail("gave vectors of different widths");
		const length = Math.sqrt(vector.reduce((sum, value) => sum + value * value, 0));
		if (!Number.isFinite(length)) throw fail("gave a vector that contains NaN", "nan");
		if (length === 0)
			throw fail(
				"gave a vector of zeros",
				"zeros",
				"The model does not seem to be made for embeddings, or the server hides an error. Nothing was stored.",
			);
		for (let i = 0; i < width; i += 1) (vector[i] as number) /= length;
	}
	return vectors;
}

/**
 * The place of each vector, from its `index`, which may be a text and may count from any number; without any, they are in
 * order. Undefined if they contradict each other.
 */
function placesOf(indexes: readonly unknown[]): readonly number[] | undefined {
	const given = indexes.map((index) => (index === "" ? Number.NaN : Number(index ?? Number.NaN)));
	if (given.length === 1 || given.every(Number.isNaN)) return indexes.map((_, position) => position);
	const first = Math.min(...given);
	const places = given.map((index) => index - first);
	const distinct = new Set(places);
	const complete = distinct.size === places.length && places.every((_, position) => distinct.has(position));
	return complete ? places : undefined;
}

/** From numbers, or from base64 of little-endian float32, which some servers send unasked. */
function numbers(embedding: unknown): Float32Array | undefined {
	if (typeof embedding === "string") {
		const bytes = Buffer.from(embedding, "base64");
		if (bytes.length === 0 || bytes.length % 4 !== 0) return undefined;
		return new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
	}
	// Some servers wrap the vector of a single text in another array.
	const list = Array.isArray(embedding) && Array.isArray(embedding[0]) ? embedding[0] : embedding;
	if (!Array.isArray(list) || list.length === 0) return undefined;
	return Float32Array.from(list, (value) => (typeof value === "number" ? value : Number.NaN));
}
