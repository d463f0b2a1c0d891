import { type Config, tryReadConfig } from "../config/config.ts";
import type { Endpoints } from "../config/endpoints.ts";
import { readTeamServerUrl } from "../config/teamServer.ts";
import type { Environment } from "../config/variables.ts";
import { leftInUrl } from "./databasePresets.ts";
import { embeddingUse } from "./embeddingUse.ts";
import { type FieldRemarks, fieldRemarks, missingRemark } from "./fieldRemarks.ts";
import type { KnownServers } from "./keys/boundKeys.ts";
import type { SettingVariable, Values } from "./values.ts";

/** What follows from the values, without keys: where a request goes does not depend on them. */
export interface ExaminedValues {
	readonly values: Values;
	/** Undefined where a value is not valid or missing. An API key in it is `OPENAI_API_KEY` of the environment. */
	readonly config: Config | undefined;
	/**
	 * The servers as far as they are known while values are incomplete: enough to list models, and to know which
	 * hosts need a key. If the URL of an endpoint is still to be entered, no default takes its place.
	 */
	readonly endpoints: KnownServers;
	readonly problems: FieldRemarks;
	/** What was assumed or corrected. */
	readonly hints: FieldRemarks;
}

/** A value that says where an endpoint is, or how to talk to it. */
const locatesEndpoint = /_(URL|ENDPOINT|PROVIDER|HEADERS|VERSION)$/;

/** @param missing required values that nobody has entered yet. */
export function examineValues(
	values: Values,
	ambient: Environment,
	missing: readonly SettingVariable[] = [],
): ExaminedValues {
	const read = (env: Environment) => tryReadConfig(env, ambient);
	const result = read(values);
	const problems = result.config ? [] : result.problems;
	const wrong = problems.map(({ variable }) => variable as string);
	let found: Endpoints | undefined = result.config;
	if (!found && !wrong.some((name) => locatesEndpoint.test(name))) {
		// Without the values that are wrong; any model stands for one that is not named yet.
		const rest = Object.entries(values).filter(([name]) => !wrong.includes(name));
		found = read({ LLM_CHOICE: "?", ...Object.fromEntries(rest) }).config;
	}
	const noLlm = missing.includes("LLM_BASE_URL") || missing.includes("AZURE_OPENAI_ENDPOINT");
	const noEmbedding = missing.includes("EMBEDDING_BASE_URL") || (noLlm && embeddingUse(values) === "same");
	const left = values.DATABASE_URL && leftInUrl(values.DATABASE_URL);
	const server = readTeamServerUrl(values.TEAM_SERVER_URL ?? "");
	return {
		values,
		config: result.config,
		endpoints: {
			llm: noLlm ? undefined : found?.llm,
			embedding: noEmbedding ? undefined : found?.embedding,
			teamServer: "url" in server ? server : undefined,
		},
		problems: {
			...Object.fromEntries(missing.map((name) => [name, missingRemark(name)])),
			...(left ? { DATABASE_URL: left } : {}),
			...fieldRemarks(problems),
		},
		hints: result.config ? fieldRemarks(result.notices) : {},
	};
}
