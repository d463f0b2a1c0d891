import type { Check } from "../../doctor/findings.ts";
import type { Fix } from "../../doctor/report.ts";
import type { ClientUse } from "../../store/usage.ts";
import type { Client, Places, ServerEntry } from "../client.ts";
import { type Entry, isEntry, lineAt } from "../edit/format.ts";

/** What a server of ours says of itself when a client asks. */
export interface ServerAnswer {
	readonly version: string;
	readonly tools: readonly string[];
	/** Tools that this program has, and it has not. */
	readonly missing: readonly string[];
	readonly database: string;
	readonly user: string;
}

/** Starts a server and asks it. @throws Error that says what went wrong, with the server's last words. */
export type AskServer = (start: ServerEntry, signal: AbortSignal) => Promise<ServerAnswer>;

/** This program, which the servers of agents are held against. */
export interface Own {
	readonly version: string;
	/** Undefined while its settings are not valid. `user`: undefined where a team's server knows who it is. */
	readonly memory: { readonly database: string; readonly user: string | undefined } | undefined;
	/** What `connect` writes here: nothing else in a folder's file is started. */
	readonly entry: ServerEntry;
	/** Who used the memory, and when; undefined while its settings are not valid. */
	readonly uses?: (() => Promise<readonly ClientUse[]>) | undefined;
	/** The machine whose files these are, in words: "this machine", "WSL (Ubuntu)". */
	readonly side: string;
	/** The other machine that the person works on, whose agents are not seen from here. */
	readonly elsewhere?: string | undefined;
	/** Whether VS Code gets the server from our extension. */
	readonly inVscode: boolean;
	/** A setting of VS Code. */
	readonly hostSetting?: ((name: string) => unknown) | undefined;
	/** Whether the folder that is open in VS Code is trusted. */
	readonly trusted?: boolean | undefined;
}

/** A client in whose configuration our server stands. */
export interface Connection {
	readonly client: Client;
	readonly places: Places;
	readonly file: string;
	readonly text: string;
	readonly entry: Entry;
	/** The others that are connected. */
	readonly others: readonly Client[];
	readonly own: Own;
	readonly ask: AskServer;
	readonly signal: AbortSignal;
	/** Filled in by the check that starts the server. */
	answer?: ServerAnswer;
}

export type ConnectionCheck = Check<Connection>;

/** How a client starts the server, whichever form its entries have; undefined if the entry names no program. */
export function startOf({ command, args, env, environment }: Entry): ServerEntry | undefined {
	const [program, ...more] = [command].flat();
	if (typeof program !== "string" || program === "") return undefined;
	const words = [...more, ...(Array.isArray(args) ? args : [])];
	const values = [env, environment].find(isEntry) ?? {};
	return {
		command: program,
		args: words.map(String),
		env: Object.fromEntries(Object.entries(values).map(([name, value]) => [name, String(value)])),
	};
}

/** Writes the entry anew: with a Node.js and a launcher that are there, and this memory. */
export function connectAnew({ client }: Pick<Connection, "client">): Fix {
	return { kind: "connect", label: `Connect ${client.name} again`, client: client.id };
}

/** Shows the place of some words in the client's file. */
export function openFile({ file, text }: Pick<Connection, "file" | "text">, words: string): Fix {
	const offset = text.indexOf(words);
	return {
		kind: "open-file",
		label: `Open ${file}`,
		file,
		...(offset === -1 ? {} : { line: lineAt(text, offset) }),
	};
}
