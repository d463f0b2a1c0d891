import type { EndpointError } from "../../endpoints/endpointError.ts";
import type { CheckResult } from "../findings.ts";
import { nearestNames, suited } from "../nearestNames.ts";
import { failed } from "../probe.ts";
import type { Fix, ServerFamily } from "../report.ts";
import { familyNames } from "../serverFamily.ts";
import { isError, type Target } from "../target.ts";

type Entries = readonly Readonly<Record<string, unknown>>[];

/** Servers that answer with their one model whatever is named. */
const anyModel: readonly ServerFamily[] = ["llamacpp", "tei"];

export function modelNames(models: Entries): string[] {
	return models.map(({ id }) => String(id));
}

/** Whether the chosen model is one of the server's. Where the list lacks it, the server itself is asked. */
export async function checkModel(
	target: Target,
	models: Entries | undefined,
	family: ServerFamily,
): Promise<CheckResult> {
	const { model } = target.endpoint;
	if (models === undefined) return { status: "skipped", seen: "The server gives no list of models." };
	const names = modelNames(models);
	if (names.some((name) => name === model || untagged(name) === untagged(model)))
		return { status: "ok", seen: `${model} is one of ${counted(names.length)}.` };
	if (anyModel.includes(family) && names.length > 0)
		return {
			status: "ok",
			seen: `${familyNames[family]} answers with ${names[0]}, whatever ${target.modelVariable} names.`,
		};
	const request =
		target.role === "chat"
			? { model, messages: [{ role: "user", content: "Say ok." }], max_tokens: 16 }
			: { model, input: "ok", encoding_format: "float" };
	const answer = await target.post(request);
	const evidence = [target.evidence("POST", target.requestUrl, answer)];
	if (!failed(answer) && answer.status === 200 && !isError(answer))
		return { status: "ok", seen: `${model} answers, though it is not in the server's list.`, evidence };
	const error = failed(answer) ? undefined : target.errorOf(answer, target.requestUrl);
	// What is refused for another reason is that reason's check to tell.
	if (error && error.kind === "unsupported")
		return { status: "ok", seen: `${model} is taken, though it is not in the server's list.`, evidence };
	return missingModel(target, names, family, error, evidence);
}

/** The server has no such model: what it has, and how to get the one that is wanted. */
export function missingModel(
	target: Target,
	names: readonly string[],
	family: ServerFamily,
	error: EndpointError | undefined,
	evidence: readonly string[] = [],
): CheckResult {
	const { role, endpoint, host, modelVariable } = target;
	const { model } = endpoint;
	const fitting = suited(role, names);
	const near = nearestNames(model, fitting.length > 0 ? fitting : names);
	const offered = near.length > 0 ? near : fitting.length <= 3 ? fitting : [];
	const fixes: Fix[] = offered.map((name) => ({
		kind: "set",
		label: `Use ${name}`,
		changes: [{ variable: modelVariable, value: name }],
	}));
	const get = howToGet(model, family);
	if (get) fixes.push({ kind: "advice", label: get });
	if (role === "embedding") fixes.push(target.useBuiltin);
	fixes.push({ kind: "open-setting", label: `Correct ${modelVariable}`, variable: modelVariable });
	const shown = names.slice(0, 20).join(", ");
	return {
		status: "failed",
		seen: `${host} has no model ${JSON.stringify(model)}.${error?.said ? ` It said: “${error.said}”.` : ""}`,
		cause:
			family === "azure"
				? "On Azure, models go by the name of their deployment, which is another than the model's."
				: names.length === 0
					? "The name is not one of the server's."
					: `The server has ${shown}${names.length > 20 ? `, and ${names.length - 20} more` : ""}.`,
		fixes,
		evidence,
	};
}

function howToGet(model: string, family: ServerFamily): string | undefined {
	switch (family) {
		case "ollama":
			return `ollama pull ${model}`;
		case "lmstudio":
			return `Load it in LM Studio: lms load ${model}`;
		case "vllm":
			return `Serve it: vllm serve ${model}`;
		case "litellm":
			return "Add it to model_list in LiteLLM's config.yaml";
		case "azure":
			return "Take the name from Deployments in Azure AI Foundry";
		case "localai":
			return `Install it: local-ai models install ${model}`;
		default:
			return undefined;
	}
}

/** The tokens of a model's context, as far as its entry in the list tells. */
export function contextIn(models: Entries | undefined, model: string): number | undefined {
	const entry = models?.find(({ id }) => String(id) === model || untagged(String(id)) === untagged(model));
	const given = entry?.max_model_len ?? entry?.context_length;
	return typeof given === "number" && given > 0 ? given : undefined;
}

function untagged(name: string): string {
	return name.replace(/:latest$/, "");
}

function counted(count: number): string {
	return count === 1 ? "1 model" : `${count} models`;
}
