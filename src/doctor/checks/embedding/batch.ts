import type { EmbeddingEndpoint } from "../../../config/endpoints.ts";
import { cosine } from "../../../endpoints/calibration.ts";
import type { EndpointErrorKind } from "../../../endpoints/endpointError.ts";
import { type Check, type CheckResult, failure, ok } from "../../findings.ts";
import { advice, useBuiltin } from "../../fixes.ts";
import { type Answer, type Failure, failed } from "../../probe.ts";
import { succeeded, type Target } from "../../target.ts";
import { areVectors, embed, lastText, texts, type Vectors, vectorsOf } from "../../testVectors.ts";

/** A text has the same vector alone and in a batch; otherwise the batch is out of order. */
export const batch: Check<Target<EmbeddingEndpoint>> = {
	stage: "batch",
	title: "Batches keep their order",
	run: async (target) => {
		const [first] = target.vectors ?? [];
		target.vectors = undefined;
		const answer = await embed(target, texts);
		const size = batchSize(target, answer);
		const all = size === undefined ? await vectorsOf(target, answer, texts) : await inBatches(target, size);
		if (!areVectors(all)) return all;
		const alone = await vectorsOf(target, await embed(target, [lastText]), [lastText]);
		if (!areVectors(alone)) return alone;
		const likeness = Math.min(
			cosine(first as Float32Array, all[0] as Float32Array),
			cosine(alone[0] as Float32Array, all.at(-1) as Float32Array),
		);
		target.record("POST", answer, `${texts.length} texts`);
		// Servers that compute in 8 bits, or in batches of other shapes, differ a little.
		if (likeness > 0.98) {
			target.vectors = all;
			if (size !== undefined)
				return ok(
					`The server takes ${size === 1 ? "1 text" : `${size} texts`} at once, and is sent no more.`,
				);
			return ok(`${texts.length} texts at once, in the order they were sent.`);
		}
		const fixes = [advice("Report it to the makers of the server, or use another"), useBuiltin];
		return all.some((vector, index) => index > 0 && cosine(first as Float32Array, vector) > 0.98)
			? failure(
					"The vectors of a batch come in another order than their texts.",
					"The server mixes up a batch, so memories would be found by the meaning of others.",
					fixes,
				)
			: failure(
					`The same text gets another vector each time (likeness ${likeness.toFixed(2)}).`,
					"The model is not deterministic, or several models share one name.",
					fixes,
				);
	},
};

/** Errors of a batch, where one text alone was embedded. */
const byNumber: readonly EndpointErrorKind[] = [
	"batch-too-large",
	"server-error",
	"rate-limited",
	"rejected",
];

/** How many texts the server takes in one request; undefined if it takes all. */
function batchSize(target: Target, answer: Answer | Failure): number | undefined {
	if (failed(answer) || succeeded(answer)) return undefined;
	const { kind, limit = 1 } = target.errorOf(answer, texts);
	return byNumber.includes(kind) ? Math.max(1, Math.min(limit, texts.length - 1)) : undefined;
}

async function inBatches(target: Target<EmbeddingEndpoint>, size: number): Promise<Vectors | CheckResult> {
	const all: Float32Array[] = [];
	while (all.length < texts.length) {
		const part = texts.slice(all.length, all.length + size);
		const read = await vectorsOf(target, await embed(target, part), part);
		if (!areVectors(read)) return read;
		all.push(...read);
	}
	return all;
}
