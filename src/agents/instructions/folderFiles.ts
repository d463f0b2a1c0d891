import { join } from "node:path";
import { type Change, changeOf } from "../change.ts";
import { readConfigFile } from "../configFile.ts";
import { understood } from "../connections.ts";
import { leadsOut, refuseWayOut } from "../wayOut.ts";
import type { FolderFile } from "./folderFileNames.ts";
import { withBlock, withoutBlock } from "./managedBlock.ts";
import { planOwnFile, planRemoval } from "./ownFile.ts";
import { type AgentTexts, withoutHead } from "./texts.ts";

const cursorHead = "---\ndescription: When to search and save long-term memory\nalwaysApply: true\n---\n\n";

/** @throws ConfigFileError */
export async function planFolderFile(name: FolderFile, folder: string, texts: AgentTexts): Promise<Change> {
	const file = join(folder, name);
	await refuseWayOut(folder, file);
	const content = withoutHead(texts.instructions);
	if (name.endsWith(".mdc")) return planOwnFile({ file, text: cursorHead + content, within: folder });
	const before = await readConfigFile(file);
	return understood(file, () => changeOf(file, before, { ...before, text: withBlock(before.text, content) }));
}

/** @throws ConfigFileError */
export async function planFolderRemoval(name: FolderFile, folder: string): Promise<Change> {
	const file = join(folder, name);
	const within = folder;
	if (name.endsWith(".mdc")) return planRemoval({ file, text: "", within });
	const before = await readConfigFile(file);
	// What lies outside of the folder was not written here.
	const text = (await leadsOut(folder, file)) ? undefined : before.text;
	if (text === undefined) return changeOf(file, before, before);
	return understood(file, () => changeOf(file, before, { ...before, text: withoutBlock(text) }, { within }));
}
