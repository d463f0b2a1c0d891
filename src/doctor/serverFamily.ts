import { isRecord } from "../endpoints/openai/serverMessage.ts";
import { type Answer, failed } from "./probe.ts";
import type { ServerFamily } from "./report.ts";
import { jsonOf, type Target } from "./target.ts";

export const familyNames: Readonly<Record<ServerFamily, string>> = {
	openai: "OpenAI",
	azure: "Azure OpenAI",
	openrouter: "OpenRouter",
	vllm: "vLLM",
	lmstudio: "LM Studio",
	ollama: "Ollama",
	llamacpp: "llama.cpp",
	litellm: "LiteLLM",
	tei: "text-embeddings-inference",
	localai: "LocalAI",
	unknown: "unknown",
};

/** The server software as far as the URL, the provider and what a server has answered so far tell it. */
export function familyOf(
	provider: string,
	baseUrl: string,
	answers: readonly Pick<Answer, "headers" | "body">[],
): ServerFamily {
	const { hostname, port } = new URL(baseUrl);
	if (provider === "azure" || /\.(openai|cognitiveservices|services\.ai)\.azure\.com$/.test(hostname))
		return "azure";
	if (hostname === "api.openai.com") return "openai";
	if (provider === "openrouter" || /(^|\.)openrouter\.ai$/.test(hostname)) return "openrouter";
	for (const answer of answers) {
		const family = byHeaders(answer) ?? byModels(answer) ?? byWords(answer.body);
		if (family) return family;
	}
	if (provider === "ollama" || port === "11434") return "ollama";
	return "unknown";
}

function byHeaders({ headers }: Pick<Answer, "headers">): ServerFamily | undefined {
	if (Object.keys(headers).some((name) => name.startsWith("x-litellm-"))) return "litellm";
	if (/llama\.cpp/i.test(String(headers.server ?? ""))) return "llamacpp";
	return undefined;
}

function byModels(answer: Pick<Answer, "body">): ServerFamily | undefined {
	const [model] = modelsIn(answer);
	if (!model) return undefined;
	if (model.owned_by === "vllm" || "max_model_len" in model) return "vllm";
	if (model.owned_by === "llamacpp" || (isRecord(model.meta) && "n_embd" in model.meta)) return "llamacpp";
	if (model.owned_by === "library") return "ollama";
	if (model.owned_by === "organization_owner") return "lmstudio";
	if ("context_length" in model && "supported_parameters" in model) return "openrouter";
	// LiteLLM's own constants.
	if (model.owned_by === "openai" && model.object === "model") return "litellm";
	if (model.object === "model" && Object.keys(model).sort().join() === "id,object") return "localai";
	return undefined;
}

const words: readonly (readonly [RegExp, ServerFamily])[] = [
	[/litellm|token_not_found_in_db/i, "litellm"],
	[/unexpected endpoint or method|LM Studio/i, "lmstudio"],
	[/try pulling it first/i, "ollama"],
	[/start it with `--embeddings`|Pooling type 'none'/i, "llamacpp"],
	[/DeploymentNotFound|wrong API endpoint/i, "azure"],
];

function byWords(body: string): ServerFamily | undefined {
	return words.find(([pattern]) => pattern.test(body.slice(0, 4000)))?.[1];
}

/** The entries of a list of models. */
export function modelsIn(answer: Pick<Answer, "body">): Record<string, unknown>[] {
	const value = jsonOf(answer as Answer);
	const data = isRecord(value) ? value.data : Array.isArray(value) ? value : undefined;
	return Array.isArray(data) ? data.filter((entry) => isRecord(entry) && typeof entry.id === "string") : [];
}

/** Paths that only one server has; asked where its answers so far do not give it away. */
const native: readonly (readonly [string, ServerFamily, (value: Record<string, unknown>) => boolean])[] = [
	["/api/version", "ollama", ({ version }) => typeof version === "string"],
	["/info", "tei", ({ model_id }) => typeof model_id === "string"],
	[
		"/api/v1/models",
		"lmstudio",
		({ models }) => Array.isArray(models) && models.some((m) => isRecord(m) && "key" in m),
	],
	["/props", "llamacpp", (value) => "default_generation_settings" in value],
];

/** Asks an unknown server what it is. No tokens are spent. */
export async function askFamily(target: Target): Promise<ServerFamily> {
	const found = await Promise.all(
		native.map(async ([path, family, isIt]) => {
			const answer = await target.get(`${target.origin}${path}`);
			const value = failed(answer) || answer.status !== 200 ? undefined : jsonOf(answer);
			return isRecord(value) && isIt(value) ? family : undefined;
		}),
	);
	return found.find((family) => family !== undefined) ?? "unknown";
}
