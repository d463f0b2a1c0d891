import { type ConfigResult, readConfig, tryReadConfig } from "./config.ts";
import { ConfigError, messageOf } from "./remarks.ts";
import { asSources, type Given, mergedValues, type Source } from "./sources.ts";
import { type Environment, isVariable } from "./variables.ts";

export interface UsableConfig extends ConfigResult {
	/** The roles without a usable endpoint, each with the reason in words; `config` has no endpoint for them. */
	readonly notConfigured: { readonly llm?: string; readonly embedding?: string };
}

const endpointVariable = /^(LLM|EMBEDDING|AZURE_OPENAI)_|^MCP_TIMEOUT$/;

/**
 * Like `readConfig`, but a problem with the endpoints does not keep a memory from being opened: texts are saved and found
 * by words without them. No text goes to an endpoint that nobody has chosen: if the language model is in doubt, so are
 * embeddings, whose URL and key may follow from it, unless they have a model of their own.
 * @throws ConfigError if the problem is with the memory itself.
 */
export function readUsableConfig(
	given: Given,
	ambient: Environment = mergedValues(asSources(given)),
): UsableConfig {
	const sources = asSources(given);
	const result = tryReadConfig(sources, ambient);
	if (result.config) return { ...result, notConfigured: {} };
	const { problems } = result;
	const others = problems.filter(({ variable }) => !endpointVariable.test(variable));
	if (others.length > 0) throw new ConfigError(others);
	const reason = problems.map(messageOf).join(" ");
	const env = mergedValues(sources);
	const builtin: Source = { name: "", values: { EMBEDDING_PROVIDER: "builtin" } };
	const wantsBuiltin = env.EMBEDDING_PROVIDER?.trim().toLowerCase() === "builtin";
	const llmOnly = tryReadConfig([builtin, ...without(sources, /^EMBEDDING_/)], ambient);
	if (llmOnly.config) return { ...llmOnly, notConfigured: wantsBuiltin ? {} : { embedding: reason } };
	const ownEmbedding = wantsBuiltin || (env.EMBEDDING_PROVIDER?.trim() && env.EMBEDDING_BASE_URL?.trim());
	const embeddingOnly = ownEmbedding ? tryReadConfig(without(sources, /^LLM_/), ambient) : undefined;
	if (embeddingOnly?.config) return { ...embeddingOnly, notConfigured: { llm: reason } };
	return {
		...readConfig(without(sources, endpointVariable), ambient),
		notConfigured: { llm: reason, ...(wantsBuiltin ? {} : { embedding: reason }) },
	};
}

/** Names that are no variables stay: they are still worth a notice. */
function without(sources: readonly Source[], names: RegExp): Source[] {
	return sources.map((source) => ({
		...source,
		values: Object.fromEntries(
			Object.entries(source.values).filter(([name]) => !isVariable(name) || !names.test(name)),
		),
	}));
}
