import { cosine } from "../../../endpoints/calibration.ts";
import { plural } from "../../../text/wording.ts";
import { explainFailedRequest } from "../../explain/failedRequest.ts";
import { type Check, explainedAbove, failure, ok } from "../../findings.ts";
import { advice, useBuiltin } from "../../fixes.ts";
import type { EmbeddingTarget } from "../../target.ts";
import { lastText, texts } from "../../testTexts.ts";

/** A text has the same vector alone and in a batch; otherwise the batch is out of order. */
export const batch: Check<EmbeddingTarget> = {
	stage: "batch",
	title: "Order of vectors in a batch",
	run: async (target) => {
		const { client, vectors } = target;
		const [first] = vectors ?? [];
		if (!first) return explainedAbove;
		target.vectors = undefined;
		const all = await client.attempt((signal) => client.embed(texts, signal), `${texts.length} texts`);
		if (all.error) return explainFailedRequest(target, all);
		const alone = await client.attempt((signal) => client.embed([lastText], signal));
		if (alone.error) return explainFailedRequest(target, alone);
		const likeness = Math.min(
			cosine(first, all.answer[0] as Float32Array),
			cosine(alone.answer[0] as Float32Array, all.answer.at(-1) as Float32Array),
		);
		// Servers that compute in 8 bits, or in batches of other shapes, differ a little.
		if (likeness > 0.98) {
			target.vectors = all.answer;
			const { batch: size } = client.learned();
			if (size !== undefined)
				return ok(`The server takes ${plural(size, "# text", "# texts")} at once, and is sent no more.`);
			return ok(`${plural(texts.length, "# text", "# texts")} at once, in the order they were sent.`);
		}
		const fixes = [advice("Report it to the makers of the server, or use another"), useBuiltin];
		return all.answer.some((vector, index) => index > 0 && cosine(first, vector) > 0.98)
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
