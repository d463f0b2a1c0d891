import { realpath } from "node:fs/promises";
import { basename, dirname, isAbsolute, join, relative } from "node:path";
import { ConfigFileError } from "./configFile.ts";

/** @throws ConfigFileError for a file of a folder that leads out of it. */
export async function refuseWayOut(folder: string, file: string): Promise<void> {
	if (!(await leadsOut(folder, file))) return;
	throw new ConfigFileError({
		file,
		said: `a link to a file outside of ${basename(folder)}`,
		advice: "It was left alone.",
	});
}

/** A repository may hold a link that leads out of it. */
export async function leadsOut(folder: string, file: string): Promise<boolean> {
	const path = relative(await real(folder), await real(file));
	return path.startsWith("..") || isAbsolute(path);
}

/** Where a path leads; of one that is not there, where its folders lead. */
async function real(path: string): Promise<string> {
	try {
		return await realpath(path);
	} catch {
		const parent = dirname(path);
		return parent === path ? path : join(await real(parent), basename(path));
	}
}
