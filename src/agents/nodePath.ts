import { execFile } from "node:child_process";
import { access, constants } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import type { Places, ServerEntry } from "./client.ts";
import { pathFolders } from "./places.ts";

/** Has SQLite without a flag. */
const oldest = [22, 16] as const;
export const oldestNode: string = oldest.join(".");

/**
 * The Node.js that starts our server for another program: the first on the PATH that is new enough, under the name it
 * has there, which outlives its updates; else the program that runs this, as Node.js if it is VS Code.
 */
export async function nodeCommand(places: Places): Promise<Pick<ServerEntry, "command" | "env">> {
	const command = await newNodeOnPath(places);
	if (command) return { command, env: {} };
	const electron = process.versions.electron !== undefined;
	return { command: process.execPath, env: electron ? { ELECTRON_RUN_AS_NODE: "1" } : {} };
}

export async function newNodeOnPath(places: Places): Promise<string | undefined> {
	const names = places.platform === "win32" ? ["node.exe"] : ["node"];
	for (const folder of pathFolders(places)) {
		for (const name of names) {
			const command = join(folder, name);
			if (await isUsable(command)) return command;
		}
	}
	return undefined;
}

async function isUsable(command: string): Promise<boolean> {
	try {
		await access(command, constants.X_OK);
		const { stdout } = await promisify(execFile)(command, ["--version"], { timeout: 5000 });
		return isNewEnough(stdout.trim().replace(/^v/, ""));
	} catch {
		// Not there, not to be run, or none.
		return false;
	}
}

/** @param version without a "v" before it. */
export function isNewEnough(version: string): boolean {
	const [major = 0, minor = 0] = version.split(".").map(Number);
	return major > oldest[0] || (major === oldest[0] && minor >= oldest[1]);
}
