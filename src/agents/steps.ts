import type { Change } from "./change.ts";
import type { Client, Places, ServerEntry } from "./client.ts";
import { planConnect, planDisconnect } from "./connections.ts";
import { type FolderFile, folderFileNames } from "./instructions/folderFileNames.ts";
import { planFolderFile, planFolderRemoval } from "./instructions/folderFiles.ts";
import { planOwnFile, planRemoval } from "./instructions/ownFile.ts";
import type { AgentTexts } from "./instructions/texts.ts";

/** One file to change. It is planned when its turn comes: an earlier step may have changed the same file. */
export interface Step {
	/** What it is for: a client's name, or a file of the folder. */
	readonly name: string;
	/** @throws ConfigFileError */
	readonly plan: () => Promise<Change>;
	/** What a person should know before. */
	readonly remark?: string | undefined;
}

/** What a person wants agents to get. */
export interface Wishes {
	readonly clients: readonly Client[];
	/** Also the skill and instructions, in files of our own, for clients that read such files. */
	readonly instructions: boolean;
	/** Also instructions in these files of the folder. */
	readonly folderFiles: readonly FolderFile[];
}

export function connectSteps(
	{ clients, instructions, folderFiles: names }: Wishes,
	places: Places,
	{ entry, texts }: { readonly entry: ServerEntry; readonly texts: AgentTexts },
): readonly Step[] {
	const ofClients = clients.flatMap((client): Step[] => {
		const { name, remark } = client;
		const files = (instructions && client.instructions?.(places, texts)) || [];
		return [
			{ name, remark, plan: () => planConnect(client, places, entry) },
			...files.map((file): Step => ({ name, plan: () => planOwnFile(file) })),
		];
	});
	const ofFolder = names.map((name): Step => ({ name, plan: () => planFolderFile(name, places.cwd, texts) }));
	return [...ofClients, ...ofFolder];
}

/**
 * Takes out all that `connectSteps` puts in.
 * @param names the files of the folder that are looked at.
 */
export function disconnectSteps(
	clients: readonly Client[],
	places: Places,
	names: readonly FolderFile[] = folderFileNames,
): readonly Step[] {
	const ofClients = clients.flatMap((client): Step[] => {
		const { name } = client;
		const files = client.instructions?.(places, { skill: "", instructions: "" }) ?? [];
		return [
			{ name, plan: () => planDisconnect(client, places) },
			...files.map((file): Step => ({ name, plan: () => planRemoval(file) })),
		];
	});
	const ofFolder = names.map((name): Step => ({ name, plan: () => planFolderRemoval(name, places.cwd) }));
	return [...ofClients, ...ofFolder];
}
