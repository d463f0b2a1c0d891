import type { Config } from "../config/config.ts";
import { type Provider, providers } from "../config/providers.ts";
import type { Change } from "./edits.ts";
import type { SettingVariable, Values } from "./values.ts";

/** Where embeddings come from, as a person chooses it; the rule behind is that of `effectiveEndpoints`. */
export const embeddingUses = ["builtin", "same", "default", "another"] as const;
export type EmbeddingUse = (typeof embeddingUses)[number];

/** The language model's provider, where it is an endpoint that embeds. */
export function llmProviderOf(values: Values): Provider | undefined {
	const { LLM_PROVIDER, LLM_BASE_URL, LLM_CHOICE } = values;
	const named = LLM_PROVIDER ?? (LLM_BASE_URL || LLM_CHOICE ? "openai" : undefined);
	return named !== undefined && named in providers ? (named as Provider) : undefined;
}

/** @param required what must be given yet: a URL that is still to come makes it another endpoint already. */
export function embeddingUse(values: Values, required: readonly SettingVariable[] = []): EmbeddingUse {
	const { EMBEDDING_PROVIDER: provider, EMBEDDING_BASE_URL: url } = values;
	const ofLlm = llmProviderOf(values);
	if (provider === "builtin") return "builtin";
	if (url?.toLowerCase() === "default") return "default";
	if (url !== undefined || required.includes("EMBEDDING_BASE_URL")) return "another";
	if (provider === undefined || provider === ofLlm) return ofLlm ? "same" : provider ? "default" : "builtin";
	return "default";
}

/** What the choice changes, and what is to be given then. */
export function embeddingUseChanges(
	use: EmbeddingUse,
	values: Values,
): { readonly changes: readonly Change[]; readonly required: readonly SettingVariable[] } {
	const ofLlm = llmProviderOf(values);
	const { EMBEDDING_PROVIDER: given } = values;
	const provider = given === "builtin" ? undefined : (given ?? ofLlm);
	const set = (EMBEDDING_PROVIDER: string | undefined, EMBEDDING_BASE_URL?: string): Change[] => [
		{ variable: "EMBEDDING_PROVIDER", value: EMBEDDING_PROVIDER },
		{ variable: "EMBEDDING_BASE_URL", value: EMBEDDING_BASE_URL },
		// Of another model; a wrong one is worse than none.
		{ variable: "EMBEDDING_MODEL_DIMS", value: undefined },
	];
	switch (use) {
		case "builtin":
			return { changes: set("builtin"), required: [] };
		case "same":
			return { changes: set(undefined), required: [] };
		case "default":
			return { changes: set(provider ?? "openai", "default"), required: [] };
		case "another":
			return { changes: set(provider ?? "openai"), required: ["EMBEDDING_BASE_URL"] };
	}
}

/** The rule at work, in a sentence. */
export function whereEmbeddingsGo(
	values: Values,
	{ llm, embedding }: Pick<Config, "llm" | "embedding">,
): string {
	if (!embedding)
		return values.EMBEDDING_PROVIDER === "builtin" || !llm
			? "Embeddings are made on this machine by the built-in model."
			: "VS Code's models make no embeddings: they are made on this machine by the built-in model.";
	const why = {
		builtin: "",
		same: ", the language model's endpoint, as EMBEDDING_BASE_URL is not set",
		default: ", the provider's own endpoint",
		another: "",
	}[embeddingUse(values)];
	return `Texts go to ${embedding.baseUrl}${why}.`;
}
