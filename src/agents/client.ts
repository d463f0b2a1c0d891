import type { Entry, EntryPath, Format } from "./edit/format.ts";
import type { HookClient } from "./hooks/forms.ts";
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

/** Who reads a command: `sh` on Unix, and Git Bash on Windows. */
export type Shell = "sh" | "cmd" | "powershell";

/** Where a client's hooks are configured: in JSON, below `hooks`, in a list for each event. */
export interface HookPlace {
	readonly file: (places: Places) => string;
	/** How the hook is told which form of answer is wanted. */
	readonly as: HookClient;
	/** The events that we want to hear of, as the client writes them. */
	readonly events: readonly string[];
	/** What stands in the list of an event. @param line the command, for a shell. */
	readonly toItem: (line: (shell: Shell) => string, places: Places) => Entry;
	/** Stands in every file beside `hooks`. */
	readonly top?: Entry;
	/** What a person should know before they are put in. */
	readonly remark?: string;
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
	/** Our name among them; default: `serverName`. */
	readonly serverName?: string;
	/** The entry in this client's own form. */
	readonly toEntry: (entry: ServerEntry) => Readonly<Record<string, unknown>>;
	/** Files of our own that the client reads: when to search and save. */
	readonly instructions?: (places: Places, texts: AgentTexts) => readonly OwnFile[];
	/** Exists where the client is installed; a folder or a file. Default: the folder of its file. */
	readonly sign?: (places: Places) => string;
	/** Not connected unless it is named. */
	readonly onlyWhenNamed?: boolean;
	/** Absent: it has none, or none that can tell its agents anything. */
	readonly hooks?: HookPlace;
	/** What a person should know before connecting. */
	readonly remark?: string;
}

/** The form that most clients have taken over from Claude Desktop. */
export function commonEntry({ command, args, env }: ServerEntry): Record<string, unknown> {
	return { command, args: [...args], ...(Object.keys(env).length > 0 ? { env: { ...env } } : {}) };
}
