import { ConfigError, type ConfigResult, readConfig } from "../config/config.ts";
import type { Environment } from "../config/variables.ts";
import { embeddingUse } from "./embeddingUse.ts";
import type { SettingVariable, Values } from "./values.ts";
import { isSettingVariable } from "./values.ts";

/** Sentences by the variable they are about, to be shown next to its field. */
export type FieldRemarks = Readonly<Partial<Record<SettingVariable, string>>>;

export interface Examined {
	/** Undefined where a value is not valid or one is missing. */
	readonly result: ConfigResult | undefined;
	readonly problems: FieldRemarks;
	/** What was assumed or mended. */
	readonly hints: FieldRemarks;
}

/** Reads configuration as the extension would, whose keys are bound to their hosts, and says of each value what is to be said of it. */
export function examineValues(env: Values & Environment, ambient: Environment): Examined {
	try {
		const result = readConfig(env, ambient, { boundKeys: true });
		return { result, problems: {}, hints: remarks(result.notices) };
	} catch (error) {
		if (!(error instanceof ConfigError)) throw error;
		return { result: undefined, problems: remarks(error.problems), hints: {} };
	}
}

/** Messages about the configuration begin with the variable they are about. */
function remarks(messages: readonly string[]): FieldRemarks {
	const found: Partial<Record<SettingVariable, string>> = {};
	for (const message of messages) {
		const [, name = "", rest = ""] = /^([A-Z_]+)(.*)$/s.exec(message) ?? [];
		if (isSettingVariable(name) && found[name] === undefined) found[name] = besideField(rest);
	}
	return found;
}

/** Next to its field, a message need not name the variable and its value again. */
function besideField(rest: string): string {
	const notSet = /^ is not set; (.*)$/s.exec(rest)?.[1];
	if (notSet) return `Not set: ${notSet}`;
	const capped = /^=[^:]*: (.*)$/s.exec(rest)?.[1];
	if (capped) return `${capped.charAt(0).toUpperCase()}${capped.slice(1)}`;
	const readAs = /^ is read as (.*)$/s.exec(rest)?.[1];
	if (readAs) return `Read as ${readAs}`;
	const wrong = /^(?:=.*)? is (?:not valid: it|missing:) (.*)$/s.exec(rest)?.[1] ?? rest.trim();
	return `${wrong.charAt(0).toUpperCase()}${wrong.slice(1)}`;
}

type Endpoints = Pick<ConfigResult["config"], "llm" | "embedding">;

/** Whether a value says where an endpoint is, or how it is spoken to. */
const says = /_(URL|ENDPOINT|PROVIDER|HEADERS|VERSION)$/;

/**
 * The endpoints as far as they can be told while something is still to be given: enough to ask for their models, and
 * to know whose key is needed. An endpoint whose place is still to be given is none: no other takes its place.
 * @param missing what somebody has been asked for and has not given.
 */
export function endpointsSoFar(
	env: Values & Environment,
	ambient: Environment,
	missing: readonly SettingVariable[],
): Endpoints {
	const config = examineValues(env, ambient).result?.config ?? withoutDetails(env, ambient);
	if (!config) return { llm: undefined, embedding: undefined };
	const { llm, embedding } = config;
	const noLlm = missing.includes("LLM_BASE_URL") || missing.includes("AZURE_OPENAI_ENDPOINT");
	const noEmbedding = missing.includes("EMBEDDING_BASE_URL") || (noLlm && embeddingUse(env) === "same");
	return { llm: noLlm ? undefined : llm, embedding: noEmbedding ? undefined : embedding };
}

/** Without what is wrong, where that says nothing of the place; any model stands for one that is not named yet. */
function withoutDetails(env: Values & Environment, ambient: Environment): Endpoints | undefined {
	const wrong = Object.keys(examineValues(env, ambient).problems);
	if (wrong.some((name) => says.test(name))) return undefined;
	const rest = Object.entries(env).filter(([name]) => !wrong.includes(name));
	return examineValues({ LLM_CHOICE: "?", ...Object.fromEntries(rest) }, ambient).result?.config;
}
