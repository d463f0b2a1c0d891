import { type ConfigResult, readConfig, tryReadConfig } from "./config.ts";
import { ConfigError, messageOf } from "./remarks.ts";
import type { Environment } from "./variables.ts";

export interface UsableConfig extends ConfigResult {
	/** The roles without a usable endpoint, each with the reason in words; `config` has no endpoint for them. */
	readonly notConfigured: { readonly llm?: string; readonly embedding?: string };
}

const endpointVariable = /^(LLM|EMBEDDING|AZURE_OPENAI)_|^MCP_TIMEOUT$/;

/**
 * Like `readConfig`, but a problem with the endpoints does not keep a memory from being opened: texts are saved and found
 * by words without them, and each key goes only to the host it was entered for. No text goes to an endpoint that nobody has chosen: if the language model is in doubt, so are
 * embeddings, whose URL and key may follow from it, unless the built-in model is named.
 * @throws ConfigError if the problem is with the memory itself.
 */
export function readUsableConfig(env: Environment, ambient: Environment): UsableConfig {
	const result = tryReadConfig(env, ambient, true);
	if (result.config) return { ...result, notConfigured: {} };
	const { problems } = result;
	if (!problems.every(({ variable }) => endpointVariable.test(variable))) throw new ConfigError(problems);
	const reason = problems.map(messageOf).join(" ");
	const llmOnly = { ...without(env, /^EMBEDDING_/), EMBEDDING_PROVIDER: "builtin" };
	const withLlm = tryReadConfig(llmOnly, ambient, true);
	if (withLlm.config) return { ...withLlm, notConfigured: { embedding: reason } };
	const builtin = env.EMBEDDING_PROVIDER?.trim().toLowerCase() === "builtin";
	return {
		...readConfig(without(env, endpointVariable), ambient, true),
		notConfigured: { llm: reason, ...(builtin ? {} : { embedding: reason }) },
	};
}

function without(env: Environment, names: RegExp): Environment {
	return Object.fromEntries(Object.entries(env).filter(([name]) => !names.test(name)));
}
