import { type Config, tryReadConfig } from "../../config/config.ts";
import { httpOnly, originOf } from "../../config/endpoints.ts";
import { messageOf, reasonOf, statementOf } from "../../config/remarks.ts";
import { readEndpointUrl } from "../../config/urls.ts";
import { type Environment, type VariableName, variableOf } from "../../config/variables.ts";
import { nearestNames } from "../nearestNames.ts";
import type { Fix } from "../report.ts";
import { type ConfigurationFinding, findContradictions, setTo } from "./contradictions.ts";

/**
 * Checks that the values are valid and do not contradict each other. Sends no request.
 * @returns a configuration only if it is valid.
 */
export function checkConfiguration(
	env: Environment,
	ambient: Environment,
	boundKeys = false,
): { readonly config: Config | undefined; readonly findings: readonly ConfigurationFinding[] } {
	const result = tryReadConfig(env, ambient, { boundKeys });
	if (!result.config) {
		const findings = result.problems.map((problem): ConfigurationFinding => {
			const { variable } = problem;
			return {
				name: variable,
				title: `${variable} is valid`,
				status: "failed",
				seen: `${statementOf(problem)}.`,
				cause: reasonOf(problem),
				fixes: fixesOf(variable, env, ambient),
			};
		});
		return { config: undefined, findings };
	}
	const { config, notices } = result;
	const valid: ConfigurationFinding = {
		name: "valid",
		title: "Settings are valid",
		status: "ok",
		seen: summary(config),
		evidence: notices.map(messageOf),
	};
	const found = findContradictions(env, ambient, result);
	return { config, findings: [valid, ...(found.length > 0 ? found : [noContradictions(env, config)])] };
}

function summary({ llm, embedding }: Config): string {
	const facts =
		llm === undefined
			? "Texts are kept word for word"
			: llm.provider === "vscode"
				? "Facts by VS Code's language model"
				: `Facts by ${llm.model} at ${llm.baseUrl}`;
	return `${facts}; embeddings by ${embedding ? `${embedding.model} at ${embedding.baseUrl}` : "the built-in model"}.`;
}

function fixesOf(name: VariableName, env: Environment, ambient: Environment): Fix[] {
	const given = env[name]?.trim() ?? "";
	const variable = variableOf(name);
	const open: Fix = { kind: "open-setting", label: `Correct ${name}`, variable: name };
	if (name === "LLM_API_KEY" || name === "EMBEDDING_API_KEY") {
		const origin = originFor(name, env, ambient);
		return [{ kind: "enter-key", label: "Enter the key again", variable: name, origin }];
	}
	if (variable.secret) return [{ kind: "advice", label: `Correct ${name}` }];
	if (variable.values)
		return [...nearestNames(given, Object.keys(variable.values), 1).map((value) => setTo(name, value)), open];
	if (variable.type === "url") {
		// The commonest slips that are not corrected silently: htp://, http:/host, a user name in the URL.
		const better = given.replace(/^[a-z]{2,5}:\/*(?!\d)/i, (scheme) =>
			/s:/i.test(scheme) ? "https://" : "http://",
		);
		const read = better === given ? "" : readEndpointUrl(better, "openai");
		return [...(typeof read === "object" ? [setTo(name, read.url)] : []), open];
	}
	if (variable.type === "integer" || variable.type === "number") {
		const label = variable.default ? `Use the default, ${variable.default}` : `Leave ${name} unset`;
		return [setTo(name, undefined, label), open];
	}
	return [open];
}

/** Mentions where embeddings go if they follow the language model, and offers to write it down. */
function noContradictions(env: Environment, { llm, embedding }: Config): ConfigurationFinding {
	const baseUrl = env.EMBEDDING_BASE_URL?.trim() ? undefined : httpOnly(llm)?.baseUrl;
	const follows = baseUrl !== undefined && embedding?.baseUrl === baseUrl;
	const where = " Embeddings go to the language model's host, because EMBEDDING_BASE_URL is not set.";
	return {
		name: "conflicts",
		title: "Settings do not contradict each other",
		status: "ok",
		seen: `No conflicts were found.${follows ? where : ""}`,
		fixes: follows ? [setTo("EMBEDDING_BASE_URL", baseUrl)] : [],
	};
}

/** The host that an invalid key was meant for; empty if other invalid values leave that open. */
function originFor(
	name: "LLM_API_KEY" | "EMBEDDING_API_KEY",
	env: Environment,
	ambient: Environment,
): string {
	const { config } = tryReadConfig({ ...env, LLM_API_KEY: "", EMBEDDING_API_KEY: "" }, ambient);
	const endpoint = name === "LLM_API_KEY" ? httpOnly(config?.llm) : config?.embedding;
	return endpoint ? originOf(endpoint.baseUrl) : "";
}
