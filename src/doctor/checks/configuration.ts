import { type Config, ConfigError, readConfig } from "../../config/config.ts";
import { originOf } from "../../config/endpoints.ts";
import { readEndpointUrl } from "../../config/urls.ts";
import { type Environment, type Variable, type VariableName, variables } from "../../config/variables.ts";
import type { CheckResult } from "../findings.ts";
import { nearestNames } from "../nearestNames.ts";
import type { Fix } from "../report.ts";
import { findContradictions } from "./contradictions.ts";

export interface ConfigurationFinding {
	readonly name: string;
	readonly title: string;
	readonly draft: CheckResult;
}

export interface ConfigurationCheck {
	/** Undefined where it is not valid. */
	readonly config: Config | undefined;
	readonly findings: readonly ConfigurationFinding[];
}

/** Whether the values are valid, and do what they seem to be meant for. Asks nobody. */
export function checkConfiguration(
	env: Environment,
	ambient: Environment,
	boundKeys = false,
): ConfigurationCheck {
	try {
		const { config, notices } = readConfig(env, ambient, { boundKeys });
		const found = findContradictions(env, ambient, config);
		const valid: ConfigurationFinding = {
			name: "valid",
			title: "Settings are valid",
			draft: { status: "ok", seen: summary(config), evidence: notices },
		};
		const none: ConfigurationFinding = {
			name: "conflicts",
			title: "Settings do not contradict each other",
			draft: { status: "ok", seen: "No conflicts were found.", ...quietly(env, config) },
		};
		return { config, findings: [valid, ...(found.length > 0 ? found : [none])] };
	} catch (error) {
		if (!(error instanceof ConfigError)) throw error;
		return { config: undefined, findings: error.problems.map((problem) => invalid(problem, env, ambient)) };
	}
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

function variableIn(text: string): VariableName | undefined {
	const [name] = /^[A-Z_]+/.exec(text) ?? [];
	return variables.find((variable) => variable.name === name)?.name;
}

function invalid(problem: string, env: Environment, ambient: Environment): ConfigurationFinding {
	const name = variableIn(problem);
	const [seen = problem, ...why] = problem.split(/(?<=is not valid): |(?<=is missing): /);
	const cause = why.join(": ");
	return {
		name: name ?? "valid",
		title: name ? `${name} is valid` : "Settings are valid",
		draft: {
			status: "failed",
			seen: seen.endsWith(".") ? seen : `${seen}.`,
			...(cause ? { cause: cause.charAt(0).toUpperCase() + cause.slice(1) } : {}),
			fixes: name ? fixesOf(name, env, ambient) : [],
		},
	};
}

function fixesOf(name: VariableName, env: Environment, ambient: Environment): Fix[] {
	const given = env[name] ?? "";
	const variable = variables.find((candidate) => candidate.name === name) as Variable;
	const open: Fix = { kind: "open-setting", label: `Correct ${name}`, variable: name };
	const set = (value: string | undefined, label: string): Fix => ({
		kind: "set",
		label,
		changes: [{ variable: name, value }],
	});
	if (name === "LLM_API_KEY" || name === "EMBEDDING_API_KEY")
		return [
			{
				kind: "enter-key",
				label: "Enter the key again",
				variable: name,
				origin: originFor(name, env, ambient),
			},
		];
	if (variable.secret) return [{ kind: "advice", label: `Correct ${name}` }];
	if (variable.values) {
		const near = nearestNames(given.trim(), variable.values, 1);
		return [...near.map((value) => set(value, `Set ${name} to ${value}`)), open];
	}
	if (variable.type === "url") {
		// The commonest slips that are not mended silently: htp://, http:/host, a user name in the URL.
		const better = given
			.trim()
			.replace(/^[a-z]{2,5}:\/*(?!\d)/i, (scheme) => (/s:/i.test(scheme) ? "https://" : "http://"));
		const read = better === given.trim() ? "" : readEndpointUrl(better, "openai");
		return [...(typeof read === "object" ? [set(read.url, `Set ${name} to ${read.url}`)] : []), open];
	}
	if (variable.type === "integer" || variable.type === "number")
		return [
			set(undefined, variable.default ? `Use the default, ${variable.default}` : `Leave ${name} unset`),
			open,
		];
	return [open];
}

/** What is as it should be, and good to know. */
function quietly(
	env: Environment,
	{ llm, embedding }: Config,
): { readonly seen: string; readonly fixes: readonly Fix[] } | undefined {
	if (!embedding || !llm || llm.provider === "vscode" || env.EMBEDDING_BASE_URL?.trim()) return undefined;
	if (embedding.baseUrl !== llm.baseUrl) return undefined;
	return {
		seen: "No conflicts were found. Embeddings go to the language model's host, as EMBEDDING_BASE_URL is not set.",
		fixes: [
			{
				kind: "set",
				label: `Set EMBEDDING_BASE_URL to ${llm.baseUrl}`,
				changes: [{ variable: "EMBEDDING_BASE_URL", value: llm.baseUrl }],
			},
		],
	};
}

/** The host a key that is not valid was meant for; empty where that is not known either. */
function originFor(
	name: "LLM_API_KEY" | "EMBEDDING_API_KEY",
	env: Environment,
	ambient: Environment,
): string {
	try {
		const { llm, embedding } = readConfig({ ...env, LLM_API_KEY: "", EMBEDDING_API_KEY: "" }, ambient).config;
		const endpoint = name === "LLM_API_KEY" ? llm : embedding;
		return endpoint && endpoint.provider !== "vscode" ? originOf(endpoint.baseUrl) : "";
	} catch {
		// Other values are not valid, either, and have findings of their own.
		return "";
	}
}
