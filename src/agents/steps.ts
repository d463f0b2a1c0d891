import type { Change } from "./change.ts";
import type { Client, Places, ServerEntry } from "./client.ts";
import { clients } from "./clients/index.ts";
import { planConnect, planDisconnect } from "./connections.ts";
import { hasHooks, inspectHooks, planHooks, planWithoutHooks } from "./hooks/hookFiles.ts";
import type { FolderFile } from "./instructions/folderFileNames.ts";
import { planFolderFile, planFolderRemoval } from "./instructions/folderFiles.ts";
import { planOwnFile, planRemoval } from "./instructions/ownFile.ts";
import type { AgentTexts } from "./instructions/texts.ts";

/** One file to change. It is planned when its turn comes: an earlier step may have changed the same file. */
export interface Step {
	/** Whose it is: a client, or the file of a folder. */
	readonly name: string;
	/** What of it: `Cursor`, `Cursor, hooks`. */
	readonly what: string;
	/** @throws ConfigFileError */
	readonly plan: () => Promise<Change>;
	/** What a person should know before. */
	readonly remark?: string | undefined;
}

/** What agents are to get. */
export interface Wishes {
	readonly clients: readonly Client[];
	/** Also hooks, where a client has any that can tell its agents something. Those in place are mended anyway. */
	readonly hooks: boolean;
	/** Also the skill and instructions, in files of our own, for clients that read such files. */
	readonly instructions: boolean;
	/** Also instructions in these files of the folder. */
	readonly folderFiles: readonly FolderFile[];
}

export async function connectSteps(
	wishes: Wishes,
	places: Places,
	{ entry, texts }: { readonly entry: ServerEntry; readonly texts: AgentTexts },
): Promise<readonly Step[]> {
	const ofClient = async (client: Client): Promise<readonly Step[]> => {
		const { name, remark } = client;
		const steps: Step[] = [{ name, what: name, remark, plan: () => planConnect(client, places, entry) }];
		if (hasHooks(client)) {
			// A file that is broken is told of where it is to be changed.
			const state = await inspectHooks(client, places, entry).catch(() => "missing");
			const plan = () => planHooks(client, places, entry);
			if (wishes.hooks || state === "stale")
				steps.push({ name, what: `${name}, hooks`, remark: client.hooks.remark, plan });
		}
		const files = (wishes.instructions && client.instructions?.(places, texts)) || [];
		const what = `${name}, instructions`;
		return [...steps, ...files.map((file) => ({ name, what, plan: () => planOwnFile(file) }))];
	};
	const ofFolder = wishes.folderFiles.map((name): Step => {
		return { name, what: name, plan: () => planFolderFile(name, places.cwd, texts) };
	});
	return [...(await Promise.all(wishes.clients.map(ofClient))).flat(), ...ofFolder];
}

/**
 * Takes out all that `connectSteps` puts in.
 * @param names the files of the folder that are looked at.
 */
export async function disconnectSteps(
	chosen: readonly Client[],
	places: Places,
	names: readonly FolderFile[],
): Promise<readonly Step[]> {
	const stay = clients.filter((client) => !chosen.includes(client));
	const ofClient = async (client: Client): Promise<readonly Step[]> => {
		const { name } = client;
		const server = { name, what: name, plan: () => planDisconnect(client, places) };
		const files = client.instructions?.(places, { skill: "", instructions: "" }) ?? [];
		const what = `${name}, instructions`;
		const own = files.map((file) => ({ name, what, plan: () => planRemoval(file) }));
		// What went in last comes out first: hooks and servers may be in the same file.
		const hooks =
			hasHooks(client) && !(await hooksAreShared(client.hooks.file(places), stay, places))
				? [{ name, what: `${name}, hooks`, plan: () => planWithoutHooks(client, places) }]
				: [];
		return [...hooks, server, ...own];
	};
	const ofFolder = names.map((name): Step => {
		return { name, what: name, plan: () => planFolderRemoval(name, places.cwd) };
	});
	return [...(await Promise.all(chosen.map(ofClient))).flat(), ...ofFolder];
}

/** Whether another client that stays connected reads the same file of hooks. */
async function hooksAreShared(file: string, stay: readonly Client[], places: Places): Promise<boolean> {
	const others = stay.filter((client) => hasHooks(client) && client.hooks.file(places) === file);
	return (await Promise.all(others.map((other) => isConnected(other, places)))).includes(true);
}

/** Whether our server is in a client's file, or may be: in one that cannot be read. */
async function isConnected(client: Client, places: Places): Promise<boolean> {
	return (await planDisconnect(client, places).catch(() => undefined))?.diff !== "";
}
