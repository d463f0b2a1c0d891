import type { EmbeddingEndpoint } from "../../../config/endpoints.ts";
import { spaceModel } from "../../../endpoints/openai/modelNames.ts";
import { type Check, failure, ok, warning } from "../../findings.ts";
import { setVariable } from "../../fixes.ts";
import type { Answer } from "../../probe.ts";
import { succeeded, type Target } from "../../target.ts";
import { areVectors, embed, firstText, isBase64, vectorsOf, widthOf } from "../../testVectors.ts";

/** Width and values of a vector. */
export const vectors: Check<Target<EmbeddingEndpoint>> = {
	stage: "vectors",
	title: "Vectors are sound",
	run: async (target) => {
		const { dimensions, model } = target.endpoint;
		const answer = (await embed(target, firstText)) as Answer;
		const read = await vectorsOf(target, answer, [firstText]);
		if (!areVectors(read)) return read;
		const width = read[0]?.length;
		target.record("POST", answer, `a vector of ${width} numbers`);
		const base64 = isBase64(answer) ? " They come as base64, which was not asked for but works." : "";
		if (dimensions === undefined || dimensions === width) {
			target.vectors = read;
			const { host, answeredBy } = target;
			if (answeredBy !== undefined && spaceModel(target.endpoint, answeredBy) !== model)
				return warning(
					`${host} was asked for ${model} and answers with ${answeredBy}.`,
					"The server has another model loaded, or calls this one by another name. Vectors of the two are kept apart.",
					[setVariable("EMBEDDING_MODEL_CHOICE", answeredBy)],
				);
			return ok(`${model} gives vectors of ${width} numbers in ${Math.round(answer.duration)} ms.${base64}`);
		}
		// Some models make shorter vectors on request.
		const shortened = await embed(target, firstText, dimensions);
		target.record("POST", shortened, `dimensions: ${dimensions}`);
		if (succeeded(shortened) && widthOf(shortened) === dimensions) {
			target.vectors = read;
			return ok(`${model} gives vectors of ${dimensions} numbers when asked to.`);
		}
		const measure = "Unset EMBEDDING_MODEL_DIMS to have the width measured";
		return failure(
			`${model} gives vectors of ${width} numbers, and EMBEDDING_MODEL_DIMS says ${dimensions}.`,
			"The model decides the width, and does not take another.",
			[
				setVariable("EMBEDDING_MODEL_DIMS", String(width)),
				setVariable("EMBEDDING_MODEL_DIMS", undefined, measure),
			],
		);
	},
};
