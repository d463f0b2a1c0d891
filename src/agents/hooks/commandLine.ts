import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { inShell } from "../../text/inert.ts";
import type { Places, ServerEntry, Shell } from "../client.ts";
import { pathFolders } from "../places.ts";

/**
 * The command that runs a hook, for a shell. Nothing is quoted without need: what some clients put around a command does not
 * get on with quotes.
 * @param words of letters, digits and dashes.
 */
export function commandLine(
	shell: Shell,
	{ command, args, env }: ServerEntry,
	words: readonly string[],
	places: Places,
): string {
	const node = shortName(command, places);
	const variables = Object.entries(env);
	switch (shell) {
		case "sh": {
			const quote = (word: string) => inShell(word, "linux");
			const set = variables.map(([name, value]) => `${name}=${quote(value)}`);
			return [...set, quote(node), ...args.map(quote), ...words].join(" ");
		}
		case "powershell": {
			const quote = (word: string) => inShell(word, "win32");
			const set = variables.map(([name, value]) => `$env:${name} = ${quote(value)}; `);
			const call = quote(node) === node ? node : `& ${quote(node)}`;
			return `${set.join("")}${[call, ...args.map(quote), ...words].join(" ")}`;
		}
		case "cmd": {
			const quote = (word: string) => (/^[\w:\\/.~-]+$/.test(word) ? word : `"${word}"`);
			const set = variables.map(([name, value]) => `set "${name}=${value}"&& `);
			const line = [quote(node), ...args.map(quote), ...words].join(" ");
			// It takes away quotes at both ends of a line.
			return set.length === 0 && line.startsWith('"') ? `call ${line}` : `${set.join("")}${line}`;
		}
	}
}

/** On Windows, the bare name where the PATH leads to that program: shells differ in how they call one by a path in quotes. */
function shortName(command: string, places: Places): string {
	if (places.platform !== "win32") return command;
	const first = pathFolders(places).find((folder) => existsSync(join(folder, "node.exe")));
	return first === dirname(command) ? "node" : command;
}
