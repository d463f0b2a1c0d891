import { isWebPage, jsonOf, type ListedModel, modelsIn } from "../../../endpoints/openai/answerBody.ts";
import { families, isSameModel } from "../../../endpoints/openai/families.ts";
import { modelsUrl } from "../../../endpoints/openai/urls.ts";
import { explainFailedRequest } from "../../explain/failedRequest.ts";
import { explainMissingModel } from "../../explain/missingModel.ts";
import { type Check, ok, skipped } from "../../findings.ts";
import { type Answer, failed } from "../../probe.ts";
import { succeeded, type Target } from "../../target.ts";

/** Whether the server has the chosen model. If its list does not show the model, the server itself is asked. */
export const models: Check<Target> = {
	stage: "models",
	title: "Model is there",
	run: async (target) => {
		const { role, endpoint, family, modelVariable } = target;
		const { model } = endpoint;
		const refusal = target.answers.find((answer) => cannotAnswerNow(answer) && answer.status !== 500);
		if (refusal) {
			target.record(refusal === target.answers[0] ? "GET" : "POST", refusal);
			return explainFailedRequest(target, refusal);
		}
		target.models = await listedModels(target);
		if (target.models === undefined) return skipped("The server gives no list of models.");
		const names = target.models.map(({ id }) => id);
		if (names.some((name) => isSameModel(name, model)))
			return ok(`${model} is one of ${names.length === 1 ? "1 model" : `${names.length} models`}.`);
		if (families[family].ignoresModel && names.length > 0)
			return ok(`${families[family].name} answers with ${names[0]}, whatever ${modelVariable} names.`);
		const answer = await target.post(
			role === "chat"
				? { model, messages: [{ role: "user", content: "Say ok." }], max_tokens: 16 }
				: { model, input: "ok", encoding_format: "float" },
		);
		target.record("POST", answer);
		if (succeeded(answer)) return ok(`${model} answers, though it is not in the server's list.`);
		const error = failed(answer) ? undefined : target.errorOf(answer);
		// A later check reports what is refused for another reason.
		if (error?.kind === "unsupported") return ok(`The server knows ${model}, though it is not in its list.`);
		return explainMissingModel(target, error);
	},
};

/** Whether a server is busy, loading or out of credit: the path is right, and it cannot answer now. */
export function cannotAnswerNow({ status, body }: Answer): boolean {
	return [402, 429, 500, 502, 503, 504].includes(status) && !isWebPage(body);
}

async function listedModels(target: Target): Promise<ListedModel[] | undefined> {
	const { role, endpoint, family } = target;
	const [list] = target.answers;
	if (role === "chat" || family !== "openrouter")
		return list?.status === 200 ? modelsIn(jsonOf(list.body)) : undefined;
	const ofRole = await target.get(modelsUrl(endpoint, role, family));
	const listed = failed(ofRole) ? undefined : modelsIn(jsonOf(ofRole.body));
	return listed && listed.length > 0 ? listed : undefined;
}
