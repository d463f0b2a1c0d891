import { ConfigError, type ConfigResult, readConfig } from "./config.ts";
import type { Environment } from "./variables.ts";

export interface UsableConfig extends ConfigResult {
	/** Roles whose variables are not valid or incomplete, and in words why; they have no endpoint in `config`. */
	readonly notConfigured: { readonly llm?: string; readonly embedding?: string };
}

/** In VS Code, keys are entered for a host. */
const bound = { boundKeys: true } as const;

const endpoint = /^(LLM|EMBEDDING|AZURE_OPENAI)_|^MCP_TIMEOUT\b/;

/**
 * As `readConfig`, but what is wrong with the endpoints does not keep a memory from being opened: texts are saved and
 * found by their words without them. No text goes to an endpoint that nobody has chosen: where the language model is
 * in doubt, so are embeddings, whose place and key may follow from it, unless the built-in model is named.
 * @throws ConfigError where the memory itself cannot be told.
 */
export function readUsableConfig(env: Environment, ambient: Environment): UsableConfig {
	try {
		return { ...readConfig(env, ambient, bound), notConfigured: {} };
	} catch (error) {
		if (!(error instanceof ConfigError)) throw error;
		const others = error.problems.filter((problem) => !endpoint.test(problem));
		if (others.length > 0) throw error;
		const problem = error.problems.join(" ");
		const withoutEmbeddings = { ...only(env, /^EMBEDDING_/), EMBEDDING_PROVIDER: "builtin" };
		try {
			return { ...readConfig(withoutEmbeddings, ambient, bound), notConfigured: { embedding: problem } };
		} catch {
			const builtin = env.EMBEDDING_PROVIDER?.trim().toLowerCase() === "builtin";
			const withoutAny = only(env, endpoint);
			return {
				...readConfig(withoutAny, ambient, bound),
				notConfigured: { llm: problem, ...(builtin ? {} : { embedding: problem }) },
			};
		}
	}
}

function only(env: Environment, left: RegExp): Environment {
	return Object.fromEntries(Object.entries(env).filter(([name]) => !left.test(name)));
}
