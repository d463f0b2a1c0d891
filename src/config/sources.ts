import { existsSync, readFileSync, statSync } from "node:fs";
import { isAbsolute, join, resolve } from "node:path";
import { parseEnv } from "node:util";
import envPaths from "env-paths";
import { decodeText, EncodingError } from "../text/decodeText.ts";
import { type DotenvFile, parseDotenv } from "./dotenv.ts";
import { expandPath } from "./paths.ts";
import { ConfigError, type ConfigNotice, environmentName } from "./remarks.ts";
import { secretsIn } from "./secrets.ts";
import type { Environment } from "./variables.ts";

/** Where values come from. Keys of one source do not go to a host that only another one names. */
export interface Source {
	/** For people: "the environment", or the path of a file. */
	readonly name: string;
	readonly values: Environment;
	/** Where in the file the values are, and what is not read of it. Absent: not a file. */
	readonly file?: Pick<DotenvFile, "lines" | "unread">;
}

/** Values of one source, or of several: the first that has a value wins. */
export type Given = Environment | readonly Source[];

export function asSources(given: Given): readonly Source[] {
	return isList(given) ? given : [{ name: "the settings", values: given }];
}

function isList(given: Given): given is readonly Source[] {
	return Array.isArray(given);
}

/** The values in effect. An empty value is no setting: another source's value counts instead. */
export function mergedValues(sources: readonly Source[]): Environment {
	// Without a prototype: a line may be named after one of its members.
	const merged: Record<string, string | undefined> = Object.create(null);
	for (const { values } of sources)
		for (const [name, value] of Object.entries(values)) if (!merged[name]?.trim()) merged[name] = value;
	return merged;
}

/** What must not be shown of them, their values included that are not in effect. */
export function secretsOfSources(sources: readonly Source[]): string[] {
	const ambient = mergedValues(sources);
	return sources.flatMap(({ values }) => secretsIn(values, ambient));
}

export function environmentSource(values: Environment): Source {
	return { name: environmentName, values };
}

/**
 * The process environment, then one `.env` file: the one that was named, or `.env` in the user's own configuration
 * folder. The working directory is somebody else's, such as a repository's: a `.env` there is named, never opened.
 * @param named relative to `directory`; it must exist. Default: the last of `ofNode`, or what MCP_MEM0_ENV_FILE names.
 * @param ofNode files that Node has read into the process environment, as `nodeEnvFiles` finds them.
 * @throws ConfigError when a file cannot be read.
 */
export function loadSources(
	processEnv: Environment,
	directory: string,
	named?: string,
	ofNode: readonly string[] = [],
) {
	const byFlag = named ?? ofNode.at(-1);
	const found = byFlag === undefined ? namedByVariable(processEnv) : { path: byFlag, by: "--env" };
	const path = found ? resolve(directory, found.path) : ownFile();
	const notices: ConfigNotice[] = [];
	const stray = join(directory, ".env");
	// A folder named `.env` is a Python environment.
	if (stray !== path && existsSync(stray) && !statSync(stray).isDirectory())
		notices.push({ kind: "stray-file", path: stray });
	const isSet = Object.fromEntries(Object.entries(processEnv).filter(([, value]) => value?.trim()));
	const lastFirst = ofNode.map((each) => resolve(directory, each)).reverse();
	const paths = new Set([...(path === undefined ? [] : [path]), ...lastFirst]);
	const inNode = new Map<string, string | undefined>();
	const files = [...paths].map((each): Source => {
		const text = readText(each, each === path ? found?.by : "--env-file");
		// What nothing sets stays as it is, so that it is recognised as a placeholder.
		const { values, ...file } = parseDotenv(text, isSet, (placeholder) => placeholder);
		if (lastFirst.includes(each))
			for (const [name, value] of Object.entries(parseEnv(text)))
				if (!inNode.has(name)) inNode.set(name, value);
		return { name: each, values, file };
	});
	// Also what we read otherwise, or not at all: with a file's URL, a key of the environment would be sent to it.
	const own = Object.entries(processEnv).filter(([name, value]) => !value || inNode.get(name) !== value);
	const environment = environmentSource(Object.fromEntries(own));
	return { sources: [environment, ...files] as readonly Source[], notices, file: path };
}

/**
 * The files of Node's own option `--env-file`, given before the script's name: Node has put their values into the process
 * environment, read by its own parser, so we read the files again, and such values count as the file's: a later file's
 * before an earlier one's. Behind the script's name the option reaches us as an alias of `--env`. Node (20, 22, 24) finds
 * it there too: it takes NODE_OPTIONS from the file, and ends with 9 before we start when the file is missing.
 */
export function nodeEnvFiles(execArgv: readonly string[]): string[] {
	return execArgv
		.flatMap((argument, at) => {
			const option = /^--env-file(?:-if-exists)?(?:=(.*))?$/s.exec(argument);
			return option ? [option[1] ?? execArgv[at + 1] ?? ""] : [];
		})
		.filter((file) => existsSync(file));
}

function namedByVariable(env: Environment) {
	const given = env.MCP_MEM0_ENV_FILE?.trim();
	if (!given) return undefined;
	const path = expandPath(given, env);
	if (typeof path === "object")
		throw new ConfigError(
			[],
			`MCP_MEM0_ENV_FILE is not a path that can be used: ${path.why}. Give the path of a .env file.`,
		);
	return { path, by: "MCP_MEM0_ENV_FILE" };
}

/** The file that is read when none is named. */
export const ownEnvFile = join(envPaths("mcp-mem0", { suffix: "" }).config, ".env");

function ownFile(): string | undefined {
	const path = ownEnvFile;
	// Without a home folder, the path would start at the working directory.
	return isAbsolute(path) && statSync(path, { throwIfNoEntry: false })?.isFile() ? path : undefined;
}

function readText(path: string, by: string | undefined): string {
	try {
		return decodeText(readFileSync(path));
	} catch (error) {
		const reason = error instanceof Error ? error.message : String(error);
		const advice = error instanceof EncodingError || !by ? "" : ` Check the path given to ${by}.`;
		throw new ConfigError([], `The env file ${path} cannot be read: ${reason.replace(/\.$/, "")}.${advice}`);
	}
}
