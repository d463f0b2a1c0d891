import { homedir, userInfo } from "node:os";
import { isAbsolute, resolve } from "node:path";
import envPaths from "env-paths";
import { type EffectiveEndpoints, effectiveEndpoints } from "./endpoints.ts";
import { readHeaders } from "./headers.ts";
import type { Provider } from "./providers.ts";
import { readEndpointUrl } from "./urls.ts";
import { type Environment, type Variable, type VariableName, variables } from "./variables.ts";

export const logLevels = ["DEBUG", "INFO", "WARNING", "ERROR"] as const;
export type LogLevel = (typeof logLevels)[number];

/** The configuration in effect: every value parsed and valid. */
export interface Config {
	/** Absolute path of the folder that holds the database. */
	readonly memoryDir: string;
	readonly userId: string;
	readonly logLevel: LogLevel;
	readonly transport: "stdio" | "http";
	readonly host: string;
	readonly port: number;
	readonly authToken: string | undefined;
	readonly llm: EffectiveEndpoints["llm"];
	readonly embedding: EffectiveEndpoints["embedding"];
	/** ms a check of the diagnostics may take. */
	readonly diagnosticsTimeout: number;
	/** ms between looks at idle endpoints; 0: none. */
	readonly healthCheckInterval: number;
}

export interface ConfigResult {
	readonly config: Config;
	/** Things a person should know about the configuration; none of them stops the program. */
	readonly notices: readonly string[];
}

/** One or more variables have a value that is not accepted; the message names each, its value and the accepted form. */
export class ConfigError extends Error {
	override readonly name = "ConfigError";
	readonly problems: readonly string[];

	constructor(problems: readonly string[]) {
		super(problems.join("\n"));
		this.problems = problems;
	}
}

/** s; Node's `fetch` waits no longer for the first byte of an answer. */
const longestRequest = 300;

/** Variables of the Python service that are for its database, which is another. */
const databaseVariable = /^DATABASE_/;

/**
 * Parses env-style configuration. Empty values count as unset, but for keys, where they say that none is needed.
 * @param ambient where `OPENAI_API_KEY` and `${env:NAME}` in headers are looked up: the process environment.
 * @param boundKeys keys are for the origin of the endpoint they were given for: that of the language model does not
 * go to another host for embeddings.
 * @throws ConfigError naming every invalid variable at once.
 */
export function readConfig(
	env: Environment,
	ambient: Environment = env,
	{ boundKeys = false }: { readonly boundKeys?: boolean } = {},
): ConfigResult {
	const problems: string[] = [];
	const notices: string[] = [];
	const value = (name: VariableName): string | undefined => {
		const variable = variables.find((candidate) => candidate.name === name) as Variable;
		const given = env[name]?.trim();
		const text = (variable.emptyCounts ? given : given || undefined) ?? variable.default;
		const problem = text ? problemWith(variable, text) : undefined;
		if (problem) problems.push(problem);
		return problem ? undefined : text;
	};
	const word = <T extends string>(name: VariableName) => value(name)?.toLowerCase() as T | undefined;
	const number = (name: VariableName) => {
		const text = value(name);
		return text === undefined ? undefined : Number(text);
	};
	const url = (name: VariableName, provider: Provider) => {
		const text = value(name);
		if (text === undefined || (name === "EMBEDDING_BASE_URL" && text.toLowerCase() === "default"))
			return text?.toLowerCase();
		const read = readEndpointUrl(text, provider);
		if (typeof read === "string") {
			// What it holds may be a password.
			const shown = /@/.test(text) ? "(hidden, as it may hold a password)" : JSON.stringify(text);
			problems.push(`${name}=${shown} is not valid: it takes ${read}.`);
			return undefined;
		}
		if (read.mends.length > 0) notices.push(`${name} is read as ${read.url}: ${read.mends.join("; ")}.`);
		return read.url;
	};
	const headers = (name: VariableName) => {
		const text = value(name);
		if (text === undefined) return undefined;
		const read = readHeaders(text, ambient);
		if (typeof read !== "string") return read;
		problems.push(`${name} is not valid: it takes ${read}.`);
		return undefined;
	};

	const sse = env.TRANSPORT?.trim().toLowerCase() === "sse";
	if (sse) {
		notices.push(
			"TRANSPORT=sse: the old SSE transport is replaced by Streamable HTTP at /mcp, which is used.",
		);
	}
	const logLevel = value("LOG_LEVEL")?.toUpperCase() as LogLevel;
	const debug = /^(true|1|yes|on)$/i.test(env.DEBUG?.trim() ?? "");
	const given = env.LLM_PROVIDER?.trim() ? word<Provider | "vscode" | "none">("LLM_PROVIDER") : undefined;
	const llmProvider = given ?? "openai";
	const llmKind = llmProvider === "vscode" || llmProvider === "none" ? "openai" : llmProvider;
	const embeddingProvider = word<Provider | "builtin">("EMBEDDING_PROVIDER");
	const timeout = number("MCP_TIMEOUT") as number;
	if (timeout > longestRequest)
		notices.push(
			`MCP_TIMEOUT=${timeout}: a request is given up after ${longestRequest} s at the latest, and tried again in the background.`,
		);
	const endpoints = effectiveEndpoints({
		llmProvider: given,
		llmBaseUrl: url("LLM_BASE_URL", llmKind),
		llmApiKey: value("LLM_API_KEY"),
		llmModel: value("LLM_CHOICE"),
		llmHeaders: headers("LLM_HEADERS"),
		temperature: number("LLM_TEMPERATURE") as number,
		maxTokens: number("LLM_MAX_TOKENS") as number,
		contextLength: number("LLM_CONTEXT_LENGTH"),
		embeddingProvider,
		embeddingBaseUrl: url(
			"EMBEDDING_BASE_URL",
			embeddingProvider && embeddingProvider !== "builtin" ? embeddingProvider : llmKind,
		),
		embeddingApiKey: value("EMBEDDING_API_KEY"),
		embeddingModel: value("EMBEDDING_MODEL_CHOICE"),
		embeddingHeaders: headers("EMBEDDING_HEADERS"),
		dimensions: number("EMBEDDING_MODEL_DIMS"),
		azureApiKey: value("AZURE_OPENAI_API_KEY"),
		azureEndpoint: url("AZURE_OPENAI_ENDPOINT", "azure"),
		azureApiVersion: value("AZURE_OPENAI_API_VERSION") as string,
		azureDeployment: value("AZURE_OPENAI_DEPLOYMENT_NAME"),
		openaiApiKey: ambient.OPENAI_API_KEY?.trim() || undefined,
		boundKeys,
		timeout: 1000 * Math.min(longestRequest, timeout),
	});
	const config: Config = {
		memoryDir: memoryDirectory(value("MEMORY_DIR")),
		userId: value("DEFAULT_USER_ID") ?? osUserName(),
		logLevel: debug ? "DEBUG" : logLevel,
		transport: sse ? "http" : (word<Config["transport"]>("TRANSPORT") as Config["transport"]),
		host: value("HOST") as string,
		port: number("PORT") as number,
		authToken: value("AUTH_TOKEN"),
		llm: endpoints.llm,
		embedding: endpoints.embedding,
		diagnosticsTimeout: 1000 * (number("DIAGNOSTICS_TIMEOUT") as number),
		healthCheckInterval: 60_000 * (number("HEALTH_CHECK_INTERVAL") as number),
	};
	// A value that was refused would be told twice: once as such, once as missing.
	if (problems.length === 0) problems.push(...endpoints.problems);
	if (problems.length > 0) throw new ConfigError(problems);
	notices.push(...endpoints.notices);

	const unused = Object.keys(env).filter((name) => databaseVariable.test(name) && env[name]);
	if (unused.length > 0) {
		notices.push(
			`Not applicable: ${unused.sort().join(", ")}. Memories are kept in a SQLite database in MEMORY_DIR.`,
		);
	}
	return { config, notices };
}

function problemWith(variable: Variable, text: string): string | undefined {
	const shown = variable.secret ? "(secret)" : JSON.stringify(text);
	if (variable.type === "integer" || variable.type === "number") {
		const number = Number(text);
		const { minimum = Number.MIN_SAFE_INTEGER, maximum = Number.MAX_SAFE_INTEGER } = variable;
		const whole = variable.type === "integer";
		if ((!whole || Number.isInteger(number)) && number >= minimum && number <= maximum) return undefined;
		return `${variable.name}=${shown} is not valid: it takes a ${whole ? "whole " : ""}number from ${minimum} to ${maximum}.`;
	}
	if (variable.secret && !/^[\x21-\x7e]+$/.test(text)) {
		return `${variable.name}=${shown} is not valid: it takes printable ASCII characters without spaces, which is what an HTTP header can carry.`;
	}
	if (variable.type === "enum") {
		const values = variable.values ?? [];
		if (values.some((accepted) => accepted.toLowerCase() === text.toLowerCase())) return undefined;
		return `${variable.name}=${shown} is not valid: it takes one of ${values.join(", ")}.`;
	}
	return undefined;
}

/** A leading `~/` means the home folder, as users of `.env` files expect; a relative path is taken from the working directory. */
function memoryDirectory(text: string | undefined): string {
	if (text === undefined) return envPaths("mcp-mem0", { suffix: "" }).data;
	const expanded = text.replace(/^~(?=$|[\\/])/, homedir);
	return isAbsolute(expanded) ? expanded : resolve(expanded);
}

function osUserName(): string {
	try {
		return userInfo().username || "user";
	} catch {
		// Containers may run under a user id that has no account; one name for all of them is what is wanted there.
		return "user";
	}
}
