import { jsonOf, type ListedModel, modelsIn } from "../../../endpoints/openai/answerBody.ts";
import { families, isSameModel } from "../../../endpoints/openai/families.ts";
import { modelsUrl } from "../../../endpoints/openai/urls.ts";
import { plural } from "../../../text/wording.ts";
import { explainFailedRequest } from "../../explain/failedRequest.ts";
import { explainMissingModel } from "../../explain/missingModel.ts";
import { type Check, type CheckResult, ok, skipped } from "../../findings.ts";
import { failed } from "../../probe.ts";
import { reached } from "../../reach.ts";
import type { Target } from "../../target.ts";

/** Whether the server has the chosen model. The model's answer counts more than the server's list. */
export const models: Check<Target> = {
	stage: "models",
	title: "Model on the server",
	run: async (target) => {
		const { endpoint, family, modelVariable, run, client } = target;
		const { model } = endpoint;
		target.models = await listedModels(target);
		const names = target.models?.map(({ id }) => id) ?? [];
		const count = plural(names.length, "# model", "# models");
		const listed = names.some((name) => isSameModel(name, model));
		if (listed) return ok(`${model} is one of ${count}.`);
		// The list may be incomplete. Asking the model costs a few tokens.
		if (target.models === undefined && !run.asksModels) return reachable(target);
		const attempt = await client.trial();
		const { error } = attempt;
		if (target.models === undefined)
			return skipped(`The server gives no list of models.${error ? "" : ` ${model} answers.`}`);
		if (error?.kind === "model-not-found") return explainMissingModel(target, error);
		const knows = error === undefined || error.kind === "unsupported";
		if (!knows && !run.asksModels && attempt.error) return explainFailedRequest(target, attempt);
		if (!knows) return skipped(`Not known: ${model} is not in the server's list, and did not answer.`);
		if (families[family].ignoresModel && names.length > 0)
			return ok(`${families[family].name} answers with ${names[0]}, whatever ${modelVariable} names.`);
		return ok(`${model} answers, though it is not in the server's list.`);
	},
};

/** Without a list: whether requests reach the server's API at all. */
async function reachable(target: Target): Promise<CheckResult> {
	const { reach, failure } = await reached(target);
	return reach === "unknown" && failure
		? explainFailedRequest(target, failure)
		: skipped("The server gives no list of models.");
}

async function listedModels(target: Target): Promise<ListedModel[] | undefined> {
	const { role, endpoint, family } = target;
	const fromOpenRouter = role === "embedding" && family === "openrouter";
	const list = await (fromOpenRouter ? target.get(modelsUrl(endpoint, role, family)) : target.list());
	const listed = failed(list) || list.status !== 200 ? undefined : modelsIn(jsonOf(list.body));
	return fromOpenRouter && listed?.length === 0 ? undefined : listed;
}
