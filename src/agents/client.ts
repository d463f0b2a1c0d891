import type { EntryPath, Format } from "./edit/format.ts";
import type { OwnFile } from "./instructions/ownFile.ts";
import type { AgentTexts } from "./instructions/texts.ts";

/** Where programs keep their configuration on this machine. */
export interface Places {
	readonly platform: NodeJS.Platform;
	readonly home: string;
	readonly env: Readonly<Record<string, string | undefined>>;
	/** The folder of the workspace. */
	readonly cwd: string;
	/** The folder of the user's own files of the VS Code that asks; absent: of the one that is installed by default. */
	readonly vscodeUser?: string;
}

/** How a client starts our server. */
export interface ServerEntry {
	readonly command: string;
	readonly args: readonly string[];
	/** Without keys, unless the user wants them there. */
	readonly env: Readonly<Record<string, string>>;
}

/** A program whose agents can use the memory. */
export interface Client {
	/** As the command line takes it. */
	readonly id: string;
	/** As its makers write it. */
	readonly name: string;
	readonly format: Format;
	/** The file of its MCP servers. */
	readonly file: (places: Places) => string;
	/** Where servers stand in that file: the keys that lead to the object, or list, of servers. */
	readonly servers: EntryPath;
	/** The entry in this client's own form. */
	readonly toEntry: (entry: ServerEntry) => Readonly<Record<string, unknown>>;
	/** Files of our own that the client reads: when to search and save. */
	readonly instructions?: (places: Places, texts: AgentTexts) => readonly OwnFile[];
	/** Exists where the client is installed; a folder or a file. Default: the folder of its file. */
	readonly sign?: (places: Places) => string;
	/** Not connected unless it is named. */
	readonly onlyWhenNamed?: boolean;
	/** What a person should know before connecting. */
	readonly remark?: string;
}

/** The form that most clients have taken over from Claude Desktop. */
export function commonEntry({ command, args, env }: ServerEntry): Record<string, unknown> {
	return { command, args: [...args], ...(Object.keys(env).length > 0 ? { env: { ...env } } : {}) };
}
