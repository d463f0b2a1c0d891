import type { HttpEndpoint } from "../../config/endpoints.ts";
import { isRecord } from "./answerBody.ts";

/** Characters; what is longer is not a name. */
const longestName = 300;

/** The model that an answer names. */
export function answeringModel(answer: unknown): string | undefined {
	const { model } = isRecord(answer) ? answer : {};
	return typeof model === "string" && model !== "" && model.length <= longestName ? model : undefined;
}

/**
 * The model by which vectors are told apart. Both names count: some servers answer with one name for all their models.
 * On Azure, a model is asked for by the name of its deployment, which says nothing.
 */
export function spaceModel(
	{ provider, model }: Pick<HttpEndpoint, "provider" | "model">,
	answeredBy: string | undefined,
): string {
	if (answeredBy === undefined || provider === "azure" || mayBeSameModel(model, answeredBy)) return model;
	return `${answeredBy} (asked for ${model})`;
}

/**
 * Whether an answer's name may mean the model that was asked for. A path before it and a tag, version, quantisation or
 * file extension behind it make no difference.
 */
function mayBeSameModel(asked: string, answered: string): boolean {
	const [a, b] = [plain(asked), plain(answered)] as const;
	const [shortA, shortB] = [plain(lastSegment(asked)), plain(lastSegment(answered))] as const;
	return shortA === "" || shortB === "" || a.includes(shortB) || b.includes(shortA);
}

function lastSegment(name: string): string {
	return name.split(/[/\\]/).findLast((segment) => segment !== "") ?? "";
}

function plain(name: string): string {
	return name
		.toLowerCase()
		.replace(/:latest$|\.gguf$/, "")
		.replace(/[^\p{L}\p{N}]/gu, "");
}
