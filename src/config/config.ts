import { userInfo } from "node:os";
import { resolve } from "node:path";
import envPaths from "env-paths";
import type { BackupSettings } from "./backupSettings.ts";
import { type DatabaseConfig, readDatabaseUrl } from "./database.ts";
import { type EndpointRole, type Endpoints, effectiveEndpoints } from "./endpoints.ts";
import { type HostName, readHosts } from "./hosts.ts";
import { expandPath } from "./paths.ts";
import { readVariables, type VariableValues } from "./reader.ts";
import { ConfigError, type ConfigNotice, type ConfigProblem } from "./remarks.ts";
import { asSources, type Given, mergedValues } from "./sources.ts";
import { readTeam, type TeamConfig } from "./team.ts";
import { type TeamServer, teamServerOf, teamServerProblems } from "./teamServer.ts";
import { doubtful, findUnread } from "./unread.ts";
import { type Environment, isVariable } from "./variables.ts";

export const logLevels = ["DEBUG", "INFO", "WARNING", "ERROR"] as const;
export type LogLevel = (typeof logLevels)[number];

/** The configuration in effect: every value parsed and valid. */
export interface Config extends Endpoints, TeamConfig {
	/** Absolute path of the folder that holds the database. */
	readonly memoryDir: string;
	readonly backups: BackupSettings;
	/** The database in PostgreSQL that holds the memory instead. */
	readonly database: DatabaseConfig | undefined;
	/** The server that holds the memory instead: then there are no endpoints, and nothing is opened on this machine. */
	readonly teamServer: TeamServer | undefined;
	readonly userId: string;
	/** Tokens of the brief at the start of an agent's session; 0: none. */
	readonly briefTokens: number;
	/** Whether facts from sessions of agents are proposed. */
	readonly capture: "off" | "review";
	/** Whether an administrator accepts what is shared. */
	readonly teamReview: boolean;
	/** What becomes of secrets in texts that are to be saved. */
	readonly secrets: "redact" | "ask" | "refuse" | "keep";
	readonly logLevel: LogLevel;
	readonly transport: "stdio" | "http";
	readonly host: string;
	readonly port: number;
	readonly authToken: string | undefined;
	/** Further names under which the HTTP server is reached. */
	readonly allowedHosts: readonly HostName[];
	/** Absolute path of the folder whose project is meant where a client names none. */
	readonly projectDir: string | undefined;
	/** The models that an open window of VS Code asks, since it has their keys. */
	readonly borrowed: readonly EndpointRole[];
	/** ms a check of the diagnostics may take. */
	readonly diagnosticsTimeout: number;
	/** ms between health checks of idle endpoints; 0: none. */
	readonly healthCheckInterval: number;
}

export interface ConfigResult {
	readonly config: Config;
	readonly notices: readonly ConfigNotice[];
}

/**
 * Parses env-style configuration.
 * @param ambient where `OPENAI_API_KEY`, `${env:NAME}` in headers and `$NAME` in paths are looked up: the process environment.
 * @throws ConfigError with every problem at once.
 */
export function readConfig(given: Given, ambient?: Environment): ConfigResult {
	const result = tryReadConfig(given, ambient);
	if (!result.config) throw new ConfigError(result.problems);
	return result;
}

export interface ConfigFailure {
	readonly config: undefined;
	readonly problems: readonly ConfigProblem[];
	readonly notices: readonly ConfigNotice[];
}

/** Like `readConfig`, but returns the problems. */
export function tryReadConfig(
	given: Given,
	ambient: Environment = mergedValues(asSources(given)),
): ConfigResult | ConfigFailure {
	const sources = asSources(given);
	const env = mergedValues(sources);
	const oldTransport = env.TRANSPORT?.trim().toLowerCase() === "sse";
	const adapted = {
		...env,
		...(oldTransport ? { TRANSPORT: "http" } : {}),
		...(isOn(env.DEBUG) ? { LOG_LEVEL: "DEBUG" } : {}),
	};
	const read = readVariables(adapted, ambient);
	const { values, notices, problems } = read;
	const unread = findUnread(sources);
	for (const { written, variable, place } of unread)
		notices.push({ kind: "not-read", written, meant: variable, place });
	const allowedHosts = readHosts(values.ALLOWED_HOSTS ?? "");
	if (typeof allowedHosts === "string") {
		const value = JSON.stringify(values.ALLOWED_HOSTS);
		problems.push({ kind: "invalid", variable: "ALLOWED_HOSTS", value, accepted: allowedHosts });
	}
	const team = readTeam(values, ambient, problems);
	problems.push(...teamServerProblems(values));
	// Only valid values are combined: a value that was refused would be reported again as missing.
	if (typeof allowedHosts === "string" || problems.length > 0)
		return { config: undefined, problems, notices };
	if (oldTransport) notices.unshift({ kind: "old-transport" });
	const bySource = sources.map(({ name, values }) => ({
		name,
		values: readVariables(values, ambient).values,
	}));
	const reading = { ...read, sources: bySource, doubts: doubtful(unread, sources) };
	const teamServer = teamServerOf(reading);
	// Texts go to the team's server alone, which has models of its own.
	const endpoints = teamServer ? { llm: undefined, embedding: undefined } : effectiveEndpoints(reading);
	if (problems.length > 0) return { config: undefined, problems, notices };
	// Variables of the Python service for which there is nothing here.
	const unused = Object.keys(env).filter(
		(name) => name.startsWith("DATABASE_") && !isVariable(name) && env[name],
	);
	if (unused.length > 0) notices.push({ kind: "not-applicable", variables: unused });
	const config = {
		// A relative path starts at the working directory.
		memoryDir: values.MEMORY_DIR ? resolve(values.MEMORY_DIR) : envPaths("mcp-mem0", { suffix: "" }).data,
		backups: {
			interval: 3_600_000 * values.BACKUP_INTERVAL,
			days: values.BACKUP_DAYS,
			weeks: values.BACKUP_WEEKS,
			directory: values.BACKUP_DIR ? resolve(values.BACKUP_DIR) : undefined,
		},
		database: databaseOf(values, ambient),
		teamServer,
		userId: values.DEFAULT_USER_ID ?? osUserName(),
		briefTokens: values.BRIEF_TOKENS,
		capture: values.CAPTURE,
		teamReview: values.TEAM_REVIEW === "true",
		secrets: values.SECRETS,
		logLevel: values.LOG_LEVEL,
		transport: values.TRANSPORT,
		host: values.HOST,
		port: values.PORT,
		authToken: values.AUTH_TOKEN,
		allowedHosts,
		projectDir: values.PROJECT_DIR ? resolve(values.PROJECT_DIR) : undefined,
		borrowed: teamServer ? [] : borrowedRoles(values.ASK_VSCODE),
		diagnosticsTimeout: 1000 * values.DIAGNOSTICS_TIMEOUT,
		healthCheckInterval: 60_000 * values.HEALTH_CHECK_INTERVAL,
		...team,
		...endpoints,
	};
	return { config, notices };
}

function databaseOf(values: VariableValues, ambient: Environment): DatabaseConfig | undefined {
	const address = values.DATABASE_URL === undefined ? undefined : readDatabaseUrl(values.DATABASE_URL);
	// One that is not valid was refused before.
	if (address === undefined || typeof address === "string") return undefined;
	const { caFile } = address;
	const expanded = caFile === undefined ? undefined : expandPath(caFile, ambient);
	return {
		...address,
		// A path that names an unknown variable is not found, and the error shows it.
		caFile: typeof expanded === "string" ? resolve(expanded) : caFile,
		schema: values.DATABASE_SCHEMA,
		poolSize: values.DATABASE_POOL_SIZE,
		poolTimeout: 1000 * values.DATABASE_POOL_TIMEOUT,
		poolRecycle: 1000 * values.DATABASE_POOL_RECYCLE,
		retries: values.DATABASE_RETRY_ATTEMPTS,
	};
}

function borrowedRoles(word: EndpointRole | "both" | undefined): readonly EndpointRole[] {
	if (word === "both") return ["chat", "embedding"];
	return word ? [word] : [];
}

/** Whether a switch of the Python service, such as DEBUG, is on. */
export function isOn(text: string | undefined): boolean {
	return /^(true|1|yes|on)$/i.test(text?.trim() ?? "");
}

function osUserName(): string {
	try {
		return userInfo().username || "user";
	} catch {
		// Containers may run under a user id without an account; they should all share one name.
		return "user";
	}
}
