import type { Config } from "../config/config.ts";
import { createLog, type Log } from "../config/log.ts";
import { redactor } from "../config/redact.ts";
import { type ConfigNotice, messageOf } from "../config/remarks.ts";
import { type Source, secretsOfSources } from "../config/sources.ts";
import { readUsableConfig, type UsableConfig } from "../config/usableConfig.ts";
import type { ChatModel } from "../endpoints/chatModel.ts";
import type { SharedMemory } from "../memory/access/sharedMemory.ts";
import type { MemoryService } from "../memory/memoryService.ts";
import {
	type Bundles,
	type OpenMemoryOptions,
	openMemory,
	openOwnMemory,
	openSharedMemory,
} from "../memory/openMemory.ts";
import type { UserMemory } from "../memory/userMemory.ts";
import { assertOpenable } from "../store/stores.ts";
import { inLog } from "../text/inert.ts";
import { say } from "./terminal.ts";

export { projectOf } from "../memory/folderProject.ts";

/** What a command starts from, before the configuration is read. */
export interface Launch {
	readonly sources: readonly Source[];
	/** What was seen on the way to the sources. */
	readonly notices: readonly ConfigNotice[];
	/** The `.env` file that was read. */
	readonly envFile: string | undefined;
	readonly bundles: Bundles;
	readonly version: string;
}

/** What a command works with. stdout is for results (and the MCP protocol), stderr for everything else. */
export interface CliContext<M extends UserMemory = UserMemory> {
	readonly config: Config;
	readonly log: Log;
	/**
	 * @param hostModel the language model for `LLM_PROVIDER=vscode`; without it, texts are kept word for word.
	 * @param userId by default the configured one.
	 */
	readonly openMemory: (hostModel?: ChatModel, userId?: string) => Promise<M>;
	/** The same, for many people. */
	readonly openSharedMemory: (hostModel?: ChatModel) => Promise<SharedMemory>;
}

/** What somebody meant to be used and is not. Few people see a client's log, so `memory_status` tells it too. */
const leftOut: ReadonlySet<ConfigNotice["kind"]> = new Set([
	"stray-file",
	"not-read",
	"withheld",
	"not-shared",
	"no-server",
]);

/** @throws ConfigError */
export function configured(launch: Launch): CliContext {
	return contextOf(launch, openMemory);
}

/**
 * For a command that works on the database itself.
 * @throws ConfigError
 * @throws StoreError where a team's server has the memory.
 */
export function configuredHere(launch: Launch): CliContext<MemoryService> {
	const context = contextOf(launch, openOwnMemory);
	assertOpenable(context.config);
	return context;
}

function contextOf<M extends UserMemory>(
	{ sources, notices: seen, envFile, bundles }: Launch,
	open: (options: OpenMemoryOptions) => Promise<M>,
): CliContext<M> {
	const { config, notices, notConfigured } = readUsableConfig(sources);
	const redact = redactor(secretsOfSources(sources));
	const log = createLog(config.logLevel, redact, (level, message) => say(`${level}: ${inLog(message)}`));
	if (envFile) log.info(`Read ${envFile}.`);
	const remarks = [...seen, ...notices];
	for (const remark of remarks) log.warn(messageOf(remark));
	// A team's server has models of its own.
	const { llm, embedding }: UsableConfig["notConfigured"] = config.teamServer ? {} : notConfigured;
	if (llm && llm === embedding) log.warn(`Language model and embeddings are not set up. ${llm}`);
	else {
		if (llm) log.warn(`The language model is not set up. ${llm}`);
		if (embedding) log.warn(`The embedding model is not set up. ${embedding}`);
	}
	const left = remarks.filter(({ kind }) => leftOut.has(kind)).map((remark) => redact(messageOf(remark)));
	const options = { config, bundles, log, notConfigured, notices: left };
	return {
		config,
		log,
		openMemory: (hostModel, userId = config.userId) =>
			open({ ...options, config: { ...config, userId }, hostModel }),
		openSharedMemory: (hostModel) => openSharedMemory({ ...options, hostModel }),
	};
}

/** Opens the memory, and closes it when the work is done or has failed. */
export async function withMemory<T, M extends UserMemory>(
	context: CliContext<M>,
	work: (memory: M) => Promise<T>,
	userId?: string,
) {
	const memory = await context.openMemory(undefined, userId);
	try {
		return await work(memory);
	} finally {
		await memory.dispose();
	}
}

/** Aborts the signal on Ctrl-C. */
export async function interruptible<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
	const stop = new AbortController();
	const cancel = () => stop.abort(new Error("cancelled"));
	process.once("SIGINT", cancel);
	try {
		return await work(stop.signal);
	} finally {
		process.removeListener("SIGINT", cancel);
	}
}
