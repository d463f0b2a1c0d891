import type { Config } from "../config/config.ts";
import type { Log } from "../config/log.ts";
import type { ChatModel } from "../endpoints/chatModel.ts";
import type { MemoryService } from "../memory/memoryService.ts";
import type { Project } from "../store/types.ts";

/** What a command works with. stdout is for results (and the MCP protocol), stderr for everything else. */
export interface CliContext {
	readonly config: Config;
	readonly log: Log;
	readonly version: string;
	/** @param hostModel the language model for `LLM_PROVIDER=vscode`; without it, texts are kept word for word. */
	readonly openMemory: (hostModel?: ChatModel) => Promise<MemoryService>;
	/** The project of a folder; undefined where a folder is no project. */
	readonly projectOf: (folder: string) => Promise<Project | undefined>;
}
