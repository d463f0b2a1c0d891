import { existsSync } from "node:fs";
import { dirname } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { type Change, changeOf } from "./change.ts";
import type { Client, Places, ServerEntry } from "./client.ts";
import { backupOf, ConfigFileError, readConfigFile } from "./configFile.ts";
import { type Entry, isEntry, UnreadableText } from "./edit/format.ts";
import { refuseWayOut } from "./wayOut.ts";

/** Our name in a client's list of servers. */
export function nameIn({ serverName = "mcp-mem0" }: Client): string {
	return serverName;
}

export type ConnectionState = "absent" | "missing" | "connected" | "stale" | "foreign";

export function isInstalled({ sign, file }: Client, places: Places): boolean {
	return existsSync(sign?.(places) ?? dirname(file(places)));
}

/**
 * What connecting would change.
 * @throws ConfigFileError for a file that cannot be read or understood, or that has an entry of that name from elsewhere.
 */
export async function planConnect(client: Client, places: Places, entry: ServerEntry): Promise<Change> {
	const file = client.file(places);
	if (client.fromFolder) await refuseWayOut(places.cwd, file);
	const before = await readConfigFile(file);
	return understood(file, () => {
		const { text = "" } = before;
		const present = client.format.get(text, client.servers, nameIn(client));
		if (present && !isOurs(present))
			throw foreign(file, nameIn(client), "It was left alone. Rename or remove that entry, then try again.");
		const wanted = merged(present, client.toEntry(entry));
		const after = isDeepStrictEqual(present, wanted)
			? text
			: client.format.set(text, client.servers, nameIn(client), wanted);
		return changeOf(
			file,
			before,
			{ ...before, text: after },
			{ backup: present ? undefined : { file: backupOf(file), keep: true } },
		);
	});
}

/**
 * What disconnecting would change: the file becomes what it was before, where only we have changed it since.
 * @throws ConfigFileError
 */
export async function planDisconnect(client: Client, places: Places): Promise<Change> {
	const file = client.file(places);
	if (client.fromFolder) await refuseWayOut(places.cwd, file);
	const before = await readConfigFile(file);
	const { text } = before;
	if (text === undefined) return changeOf(file, before, before);
	const backup = await readConfigFile(backupOf(file));
	return understood(file, () => {
		const { format, servers } = client;
		const present = format.get(text, servers, nameIn(client));
		if (!present) return changeOf(file, before, before);
		if (!isOurs(present)) throw foreign(file, nameIn(client), "It was left alone.");
		const old = backup.text;
		if (old !== undefined && format.set(old, servers, nameIn(client), present) === text)
			return changeOf(file, before, backup, { backup: { file: backupOf(file), keep: false } });
		const rest = format.remove(text, servers, nameIn(client));
		// We made the file, and nobody has put anything into it.
		const nothingElse =
			old === undefined && format.set("", servers, nameIn(client), present).trim() === text.trim();
		const after = { ...before, text: nothingElse ? undefined : rest };
		return changeOf(file, before, after, { backup: { file: backupOf(file), keep: false } });
	});
}

/** How a client stands. @throws ConfigFileError */
export async function inspect(client: Client, places: Places, entry: ServerEntry): Promise<ConnectionState> {
	const file = client.file(places);
	const { text } = await readConfigFile(file);
	return understood(file, () => {
		const present = text === undefined ? undefined : client.format.get(text, client.servers, nameIn(client));
		if (!present) return isInstalled(client, places) ? "missing" : "absent";
		if (!isOurs(present)) return "foreign";
		return isDeepStrictEqual(present, merged(present, client.toEntry(entry))) ? "connected" : "stale";
	});
}

/**
 * Whether an entry starts our server: a launcher or `server.js` of ours, or the package by its name. Others use the same
 * name for a program in Python, or an image.
 */
export function isOurs(entry: Entry): boolean {
	const isText = (word: unknown) => typeof word === "string";
	const [program, ...listed] = [entry.command].flat().filter(isText);
	const args = [...listed, ...[entry.args].flat().filter(isText)];
	if ([program, ...args].some((word) => word !== undefined && /mcp-mem0.*\.m?js$/.test(word))) return true;
	if (program === undefined) return false;
	const runsPackages = /(^|[\\/])(npx|npm|pnpm|yarn|bunx?|cmd)(\.\w+)?$/i.test(program);
	return /mcp-mem0(\.cmd)?$/.test(program) || (runsPackages && args.includes("mcp-mem0"));
}

/** Ours, with what somebody has added to it. */
function merged(present: Entry | undefined, ours: Entry): Entry {
	if (!present) return ours;
	const added = Object.entries(present).filter(([key]) => !(key in ours));
	const environment = Object.entries(ours)
		.filter(([key, value]) => isEntry(value) && isEntry(present[key]))
		.map(([key, value]) => [key, { ...(present[key] as Entry), ...(value as Entry) }] as const);
	return { ...ours, ...Object.fromEntries(environment), ...Object.fromEntries(added) };
}

/** Names the file, where a text of it is not understood. @throws ConfigFileError */
export function understood<T>(file: string, work: () => T): T {
	try {
		return work();
	} catch (error) {
		if (!(error instanceof UnreadableText)) throw error;
		const advice = "It was left alone. Mend it, then try again.";
		throw new ConfigFileError({ file, said: error.message, line: error.line, advice });
	}
}

function foreign(file: string, name: string, advice: string): ConfigFileError {
	return new ConfigFileError({
		file,
		said: `its server "${name}" starts another program`,
		advice,
	});
}
