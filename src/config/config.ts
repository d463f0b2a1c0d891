import { userInfo } from "node:os";
import { isAbsolute, resolve } from "node:path";
import envPaths from "env-paths";
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

/** Variables of the Python service that are not used by this version. */
const endpointVariable = /^(LLM|EMBEDDING|AZURE_OPENAI|DATABASE)_|^MCP_TIMEOUT$/;

/**
 * Parses env-style configuration. Empty values count as unset.
 * @throws ConfigError naming every invalid variable at once.
 */
export function readConfig(env: Environment): ConfigResult {
	const problems: string[] = [];
	const notices: string[] = [];
	const value = (name: VariableName): string | undefined => {
		const variable = variables.find((candidate) => candidate.name === name) as Variable;
		const given = env[name]?.trim() || undefined;
		const text = given ?? variable.default;
		const problem = text === undefined ? undefined : problemWith(variable, text);
		if (problem) problems.push(problem);
		return text;
	};

	const sse = env.TRANSPORT?.trim().toLowerCase() === "sse";
	if (sse) {
		notices.push(
			"TRANSPORT=sse: the old SSE transport is replaced by Streamable HTTP at /mcp, which is used.",
		);
	}
	const logLevel = value("LOG_LEVEL")?.toUpperCase() as LogLevel;
	const debug = /^(true|1|yes|on)$/i.test(env.DEBUG?.trim() ?? "");
	const config: Config = {
		memoryDir: memoryDirectory(value("MEMORY_DIR")),
		userId: value("DEFAULT_USER_ID") ?? osUserName(),
		logLevel: debug ? "DEBUG" : logLevel,
		transport: sse ? "http" : (value("TRANSPORT")?.toLowerCase() as Config["transport"]),
		host: value("HOST") as string,
		port: Number(value("PORT")),
		authToken: value("AUTH_TOKEN"),
	};
	if (problems.length > 0) throw new ConfigError(problems);

	const unused = Object.keys(env).filter((name) => endpointVariable.test(name) && env[name]);
	if (unused.length > 0) {
		notices.push(
			`Not used by this version: ${unused.sort().join(", ")}. Memories are kept verbatim and embedded by the built-in model; nothing is sent to an endpoint.`,
		);
	}
	return { config, notices };
}

function problemWith(variable: Variable, text: string): string | undefined {
	const shown = variable.secret ? "(secret)" : JSON.stringify(text);
	if (variable.type === "integer") {
		const number = Number(text);
		const { minimum = Number.MIN_SAFE_INTEGER, maximum = Number.MAX_SAFE_INTEGER } = variable;
		if (Number.isInteger(number) && number >= minimum && number <= maximum) return undefined;
		return `${variable.name}=${shown} is not valid: it takes a whole number from ${minimum} to ${maximum}.`;
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
	const expanded = text.replace(/^~(?=$|[\\/])/, () => userInfo().homedir);
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
