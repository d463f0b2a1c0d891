import * as l10n from "@vscode/l10n";
import { type Endpoints, urlsOf } from "../config/endpoints.ts";
import { type Provider, providers } from "../config/providers.ts";
import type { Change } from "./edits.ts";
import type { SettingVariable, Values } from "./values.ts";

/** The choices for where embeddings come from; `effectiveEndpoints` has the rule behind them. */
export const embeddingUses = ["builtin", "same", "default", "another"] as const;
export type EmbeddingUse = (typeof embeddingUses)[number];

/** The language model's provider, if it also has embeddings. */
export function llmProviderOf(values: Values): Provider | undefined {
	const { LLM_PROVIDER, LLM_BASE_URL, LLM_CHOICE } = values;
	const named = LLM_PROVIDER ?? (LLM_BASE_URL || LLM_CHOICE ? "openai" : undefined);
	return named !== undefined && named in providers ? (named as Provider) : undefined;
}

/** @param required variables that must still be entered: a URL among them already means another endpoint. */
export function embeddingUse(values: Values, required: readonly SettingVariable[] = []): EmbeddingUse {
	const { EMBEDDING_PROVIDER: provider, EMBEDDING_BASE_URL: url } = values;
	const ofLlm = llmProviderOf(values);
	if (provider === "builtin") return "builtin";
	if (url?.toLowerCase() === "default") return "default";
	if (url !== undefined || required.includes("EMBEDDING_BASE_URL")) return "another";
	if (provider === undefined || provider === ofLlm) return ofLlm ? "same" : provider ? "default" : "builtin";
	return "default";
}

/** What the choice changes, and what must be entered then. */
export function embeddingUseChanges(use: EmbeddingUse, values: Values) {
	const { EMBEDDING_PROVIDER: given = llmProviderOf(values) } = values;
	const endpoint = given === undefined || given === "builtin" ? "openai" : given;
	const set = (provider: string | undefined, baseUrl?: string): Change[] => [
		{ variable: "EMBEDDING_PROVIDER", value: provider },
		{ variable: "EMBEDDING_BASE_URL", value: baseUrl },
		// The dimensions and prefixes of another model would be worse than none.
		{ variable: "EMBEDDING_MODEL_DIMS", value: undefined },
		{ variable: "EMBEDDING_QUERY_PREFIX", value: undefined },
		{ variable: "EMBEDDING_DOCUMENT_PREFIX", value: undefined },
	];
	const changes = {
		builtin: set("builtin"),
		same: set(undefined),
		default: set(endpoint, "default"),
		another: set(endpoint),
	}[use];
	const required: readonly SettingVariable[] = use === "another" ? ["EMBEDDING_BASE_URL"] : [];
	return { changes, required };
}

/** The rule that applies, in a sentence. */
export function whereEmbeddingsGo(values: Values, { llm, embedding }: Endpoints): string {
	if (!embedding)
		return values.EMBEDDING_PROVIDER === "builtin" || !llm
			? l10n.t("The built-in model makes the embeddings, on this machine.")
			: l10n.t("VS Code's models make no embeddings, so the built-in model makes them, on this machine.");
	const urls = urlsOf(embedding).join(", ");
	switch (embeddingUse(values)) {
		case "same":
			return l10n.t`Texts go to ${urls}, the language model's endpoint, because EMBEDDING_BASE_URL is not set.`;
		case "default":
			return l10n.t`Texts go to ${urls}, the provider's own endpoint.`;
		default:
			return l10n.t`Texts go to ${urls}.`;
	}
}
