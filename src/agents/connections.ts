import { existsSync } from "node:fs";
import { rm } from "node:fs/promises";
import { dirname } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { createTwoFilesPatch, FILE_HEADERS_ONLY } from "diff";
import type { Client, Places, ServerEntry } from "./client.ts";
import { backupOf, ConfigFileError, type ConfigText, readConfigFile, writeConfigFile } from "./configFile.ts";
import { type Entry, isEntry, UnreadableText } from "./edit/format.ts";

/** Our name in every client's list of servers. */
export const serverName = "mcp-mem0";

export type ConnectionState = "absent" | "missing" | "connected" | "stale" | "foreign";

/** What would become of a client's file; nothing is written yet. */
export interface Change {
	readonly client: Client;
	readonly file: string;
	readonly before: ConfigText;
	readonly after: ConfigText;
	/** A unified diff; empty where nothing would change. */
	readonly diff: string;
	/** Whether a text of the file has in it what we put there. */
	readonly has: (text: string) => boolean;
	/** Where the file is kept as it was before we put anything there. */
	readonly backup: string;
}

export function isInstalled({ sign, file }: Client, places: Places): boolean {
	return existsSync(sign?.(places) ?? dirname(file(places)));
}

/**
 * What connecting would change.
 * @throws ConfigFileError for a file that cannot be read or understood, or that has an entry of that name from elsewhere.
 */
export async function planConnect(client: Client, places: Places, entry: ServerEntry): Promise<Change> {
	const file = client.file(places);
	const before = await readConfigFile(file);
	return understood(file, () => {
		const { text = "" } = before;
		const present = client.format.get(text, client.servers, serverName);
		if (present && !isOurs(present))
			throw foreign(file, "It was left alone. Rename or remove that entry, then try again.");
		const wanted = merged(present, client.toEntry(entry));
		const after = isDeepStrictEqual(present, wanted)
			? text
			: client.format.set(text, client.servers, serverName, wanted);
		return changeOf(client, file, before, { ...before, text: after });
	});
}

/**
 * What disconnecting would change: the file becomes what it was before, where only we have changed it since.
 * @throws ConfigFileError
 */
export async function planDisconnect(client: Client, places: Places): Promise<Change> {
	const file = client.file(places);
	const before = await readConfigFile(file);
	const { text } = before;
	if (text === undefined) return changeOf(client, file, before, before);
	const backup = await readConfigFile(backupOf(file));
	return understood(file, () => {
		const { format, servers } = client;
		const present = format.get(text, servers, serverName);
		if (!present) return changeOf(client, file, before, before);
		if (!isOurs(present)) throw foreign(file, "It was left alone.");
		const old = backup.text;
		if (old !== undefined && format.set(old, servers, serverName, present) === text)
			return changeOf(client, file, before, backup);
		const rest = format.remove(text, servers, serverName);
		// We made the file, and nobody has put anything into it.
		const nothingElse =
			old === undefined && format.set("", servers, serverName, present).trim() === text.trim();
		return changeOf(
			client,
			file,
			before,
			nothingElse ? { ...before, text: undefined } : { ...before, text: rest },
		);
	});
}

/** @throws ConfigFileError */
export async function apply({ file, before, after, ...change }: Change): Promise<void> {
	const now = await readConfigFile(file);
	if (!isDeepStrictEqual(now, before))
		throw new ConfigFileError({
			file,
			said: "changed while you looked at the change",
			advice: "It was left alone. Look at the change again.",
		});
	if (isDeepStrictEqual(before, after)) return;
	const has = ({ text }: ConfigText) => text !== undefined && change.has(text);
	if (has(after)) {
		if (before.text !== undefined && !has(before)) await writeConfigFile(change.backup, before);
		await writeConfigFile(file, after);
		return;
	}
	if (after.text === undefined) await rm(file);
	else await writeConfigFile(file, after);
	await rm(change.backup, { force: true });
}

/** How a client stands. @throws ConfigFileError */
export async function inspect(client: Client, places: Places, entry: ServerEntry): Promise<ConnectionState> {
	const file = client.file(places);
	const { text } = await readConfigFile(file);
	return understood(file, () => {
		const present = text === undefined ? undefined : client.format.get(text, client.servers, serverName);
		if (!present) return isInstalled(client, places) ? "missing" : "absent";
		if (!isOurs(present)) return "foreign";
		return isDeepStrictEqual(present, merged(present, client.toEntry(entry))) ? "connected" : "stale";
	});
}

/** Whether an entry starts our server: a launcher or `server.js` of ours, however it was installed. */
export function isOurs(entry: Entry): boolean {
	const words = [entry.command, entry.args].flat(2).filter((word) => typeof word === "string");
	return words.some((word) => /mcp-mem0.*\.m?js$|mcp-mem0(\.cmd)?$/.test(word));
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

function changeOf(client: Client, file: string, before: ConfigText, after: ConfigText): Change {
	const has = (text: string) => client.format.get(text, client.servers, serverName) !== undefined;
	return { client, file, before, after, diff: diffOf(file, before, after), has, backup: backupOf(file) };
}

export function diffOf(file: string, before: ConfigText, after: ConfigText): string {
	const same = before.text === after.text && before.bom === after.bom;
	const [old, now] = [before.text ?? "", after.text ?? ""];
	return same
		? ""
		: createTwoFilesPatch(file, file, old, now, "now", "then", { headerOptions: FILE_HEADERS_ONLY });
}

/** @throws ConfigFileError instead of an UnreadableText. */
export function understood<T>(file: string, work: () => T): T {
	try {
		return work();
	} catch (error) {
		if (!(error instanceof UnreadableText)) throw error;
		const advice = "It was left alone. Mend it, then try again.";
		throw new ConfigFileError({ file, said: error.message, line: error.line, advice });
	}
}

function foreign(file: string, advice: string): ConfigFileError {
	return new ConfigFileError({
		file,
		said: `its server "${serverName}" starts another program`,
		advice,
	});
}
