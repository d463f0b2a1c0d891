/** An entry in a server's list of models. */
export type ListedModel = Readonly<Record<string, unknown>> & { readonly id: string };

export function isRecord(value: unknown): value is Record<string, unknown> {
	return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function isWebPage(body: string): boolean {
	return /^\s*(<!doctype html|<html|<head|<body|<\?xml)/i.test(body);
}

/** Undefined if the body is not JSON. */
export function jsonOf(body: string): unknown {
	try {
		return JSON.parse(body);
	} catch {
		return undefined;
	}
}

/** Whether an answer's JSON reports an error: LM Studio and OpenRouter send some with status 200. */
export function isErrorAnswer(value: unknown): boolean {
	if (!isRecord(value) || value.choices || value.data) return false;
	return Boolean(value.error) || value.object === "error";
}

/** A person chooses from the list; no provider offers so many. */
const mostModels = 2000;
/** Characters of a model's name. */
const longestName = 300;

/** The entries of a list of models; undefined if an answer's JSON is not such a list. */
export function modelsIn(value: unknown): ListedModel[] | undefined {
	const data = isRecord(value) ? value.data : value;
	if (!Array.isArray(data)) return undefined;
	return data.filter(isListedModel).slice(0, mostModels);
}

function isListedModel(entry: unknown): entry is ListedModel {
	const { id } = isRecord(entry) ? entry : {};
	return typeof id === "string" && id !== "" && id.length <= longestName;
}
