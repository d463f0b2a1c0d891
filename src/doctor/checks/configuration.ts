import { type Config, tryReadConfig } from "../../config/config.ts";
import { type HttpEndpoint, httpOnly, originsOf, urlsOf } from "../../config/endpoints.ts";
import { nearestNames } from "../../config/modelNames.ts";
import {
	type ConfigNotice,
	type ConfigProblem,
	messageOf,
	reasonOf,
	statementOf,
} from "../../config/remarks.ts";
import type { Source } from "../../config/sources.ts";
import { type Environment, variableOf } from "../../config/variables.ts";
import { failure, ok } from "../findings.ts";
import { advice, enterKey, openSetting, setVariable } from "../fixes.ts";
import type { Fix } from "../report.ts";
import { type ConfigurationFinding, findContradictions } from "./contradictions.ts";
import { sourceFindings } from "./sources.ts";

/**
 * Checks that the values are valid and do not contradict each other. Sends no request.
 * @returns a configuration only if it is valid.
 */
export function checkConfiguration(
	env: Environment,
	ambient: Environment,
	sources: readonly Source[] | undefined = undefined,
	seen: readonly ConfigNotice[] = [],
) {
	const result = tryReadConfig(sources ?? env, ambient);
	const notRead = sourceFindings([...seen, ...result.notices]);
	if (!result.config) {
		const findings = result.problems.map((problem) => ({
			stage: problem.variable,
			title: problem.variable,
			...failure(`${statementOf(problem)}.`, reasonOf(problem), fixesOf(problem, env, ambient)),
		}));
		return { config: undefined, findings: [...findings, ...notRead] };
	}
	const { config, notices } = result;
	const evidence = notices.map(messageOf);
	const noEffect = notices
		.filter(({ kind }) => kind === "unused" || kind === "not-applicable")
		.map(messageOf);
	const told = [summary(config), ...noEffect].join(" ");
	const valid = { stage: "valid", title: "Values of the settings", ...ok(told), evidence };
	const found = [...notRead, ...findContradictions(env, ambient, result)];
	return { config, findings: [valid, ...(found.length > 0 ? found : [noContradictions(env, config)])] };
}

function summary({ llm, embedding, teamServer }: Config): string {
	if (teamServer) return `The memory is on the team's server ${teamServer.url}, which has models of its own.`;
	const facts =
		llm === undefined
			? "Texts are kept word for word"
			: llm.provider === "vscode"
				? "Facts by VS Code's language model"
				: `Facts by ${place(llm)}`;
	return `${facts}; embeddings by ${embedding ? place(embedding) : "the built-in model"}.`;
}

function place(endpoint: HttpEndpoint): string {
	return `${endpoint.model} at ${urlsOf(endpoint).join(", ")}`;
}

function fixesOf(problem: ConfigProblem, env: Environment, ambient: Environment): Fix[] {
	const { variable: name } = problem;
	const given = env[name]?.trim() ?? "";
	const variable = variableOf(name);
	if (name === "LLM_API_KEY" || name === "EMBEDDING_API_KEY" || name === "TEAM_SERVER_TOKEN") {
		// The host that the key was meant for; empty if other invalid values leave that open.
		const without = { LLM_API_KEY: "", EMBEDDING_API_KEY: "", TEAM_SERVER_TOKEN: "" };
		const { config } = tryReadConfig({ ...env, ...without }, ambient);
		if (name === "TEAM_SERVER_TOKEN") {
			const origin = config?.teamServer ? new URL(config.teamServer.url).origin : "";
			return [enterKey(name, origin, "Enter the token again")];
		}
		const endpoint = name === "LLM_API_KEY" ? httpOnly(config?.llm) : config?.embedding;
		return [enterKey(name, endpoint ? originsOf(endpoint) : "", "Enter the key again")];
	}
	if (problem.kind === "two-places")
		return [name, problem.other].map((each) => setVariable(each, undefined, `Leave ${each} unset`));
	if (variable.secret) return [advice(`Correct ${name}`)];
	const fixes = (...better: Fix[]) => [...better, openSetting(name)];
	if (variable.values)
		return fixes(
			...nearestNames(given, Object.keys(variable.values), 1).map((value) => setVariable(name, value)),
		);
	if (problem.kind === "invalid" && problem.meant) return fixes(setVariable(name, problem.meant));
	if (variable.type === "integer" || variable.type === "number") {
		const label = variable.default ? `Use the default, ${variable.default}` : `Leave ${name} unset`;
		return fixes(setVariable(name, undefined, label));
	}
	return fixes();
}

/** Mentions where embeddings go if they follow the language model, and offers to write it down. */
function noContradictions(env: Environment, { llm, embedding }: Config): ConfigurationFinding {
	const http = env.EMBEDDING_BASE_URL?.trim() ? undefined : httpOnly(llm);
	const urls = http && urlsOf(http).join(", ");
	const follows = urls !== undefined && embedding !== undefined && urlsOf(embedding).join(", ") === urls;
	const where = " Embeddings go to the language model's host, because EMBEDDING_BASE_URL is not set.";
	return {
		stage: "conflicts",
		title: "Contradictions between settings",
		...ok(`No conflicts were found.${follows ? where : ""}`),
		fixes: follows ? [setVariable("EMBEDDING_BASE_URL", urls)] : [],
	};
}
