import { spaceModel } from "../../../endpoints/openai/modelNames.ts";
import { explainFailedRequest } from "../../explain/failedRequest.ts";
import { type Check, failure, ok, warning } from "../../findings.ts";
import { setVariable } from "../../fixes.ts";
import type { EmbeddingTarget } from "../../target.ts";
import { embeddingClient } from "../../trial.ts";

/** Width and values of a vector. */
export const vectors: Check<EmbeddingTarget> = {
	stage: "vectors",
	title: "Vectors",
	run: async (target) => {
		const { endpoint, client, run, host, servers } = target;
		const { dimensions, model } = endpoint;
		const attempt = await client.trial();
		const { answer, error, duration } = attempt;
		if (answer) {
			target.vectors = answer;
			const { answeredBy } = client.learned();
			// The vectors of several servers are compared, so only the first one's name for them counts.
			const counts = endpoint.baseUrl === servers[0];
			if (counts && answeredBy !== undefined && spaceModel(endpoint, answeredBy) !== model)
				return warning(
					`${host} was asked for ${model} and answers with ${answeredBy}.`,
					"The server has another model loaded, or calls this one by another name. Vectors of the two are kept apart.",
					[setVariable("EMBEDDING_MODEL_CHOICE", answeredBy)],
				);
			const width = answer[0]?.length;
			return ok(
				dimensions === undefined
					? `${model} gives vectors of ${width} numbers in ${Math.round(duration)} ms.`
					: `${model} gives vectors of ${width} numbers, as EMBEDDING_MODEL_DIMS says.`,
			);
		}
		if (error.kind !== "dimensions") return explainFailedRequest(target, attempt);
		const measured = await embeddingClient({ ...endpoint, dimensions: undefined }, run).trial();
		const width = measured.answer?.[0]?.length;
		const measure = "Unset EMBEDDING_MODEL_DIMS to have the width measured";
		return failure(
			`${model} gives vectors of ${width ?? "other than"} numbers, and EMBEDDING_MODEL_DIMS says ${dimensions}.`,
			"The model decides the width, and does not take another.",
			[
				...(width === undefined ? [] : [setVariable("EMBEDDING_MODEL_DIMS", String(width))]),
				setVariable("EMBEDDING_MODEL_DIMS", undefined, measure),
			],
		);
	},
};
