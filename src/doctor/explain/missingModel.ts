import { nearestNames, suited } from "../../config/modelNames.ts";
import type { EndpointError } from "../../endpoints/endpointError.ts";
import { families } from "../../endpoints/openai/families.ts";
import { type CheckResult, failure } from "../findings.ts";
import { advice, openSetting, setVariable, useBuiltin } from "../fixes.ts";
import type { Target } from "../target.ts";

/** The server does not have the model: which ones it has, and how to get the chosen one. */
export function explainMissingModel(
	{ role, endpoint, host, family, modelVariable, models = [] }: Target,
	error: EndpointError | undefined,
): CheckResult {
	const { model } = endpoint;
	const { getModel, missingModel } = families[family];
	const names = models.map(({ id }) => id);
	const fitting = suited(role, names);
	const near = nearestNames(model, fitting.length > 0 ? fitting : names);
	const offered = near.length > 0 ? near : fitting.length <= 3 ? fitting : [];
	const shown = names.slice(0, 20).join(", ");
	const quote = error?.serverMessage ? ` It said: “${error.serverMessage}”.` : "";
	return failure(
		`${host} has no model ${JSON.stringify(model)}.${quote}`,
		missingModel ??
			(names.length === 0
				? "The server does not know this name."
				: `The server has ${shown}${names.length > 20 ? `, and ${names.length - 20} more` : ""}.`),
		[
			...offered.map((name) => setVariable(modelVariable, name, `Use ${name}`)),
			...(getModel ? [advice(getModel(model))] : []),
			...(role === "embedding" ? [useBuiltin] : []),
			openSetting(modelVariable),
		],
	);
}
