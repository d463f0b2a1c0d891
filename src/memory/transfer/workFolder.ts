import { constants } from "node:fs";
import { lstat, open, readdir } from "node:fs/promises";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** Bytes of a file in which the folder is looked for, and files that are looked at. */
const longest = 65_536;
const mostFiles = 5;

/**
 * The folder in which the memories of a file were made, where their program keeps them elsewhere and writes down for which
 * folder. Undefined where it does not, and for memories of a person, which apply in every folder.
 * @param path of a file of Claude Code's memory or VS Code's memory tool.
 */
export async function workFolderOf(path: string): Promise<string | undefined> {
	const vscode = /^(.*[\\/]workspaceStorage[\\/][^\\/]+)[\\/].*[\\/]memory-tool[\\/]memories[\\/]/.exec(
		path,
	)?.[1];
	if (vscode !== undefined) return folderOfWorkspace(join(vscode, "workspace.json"));
	const claude = /^(.*[\\/]\.?claude[\\/]projects[\\/][^\\/]+)[\\/]memory[\\/]/.exec(path)?.[1];
	if (claude !== undefined) return folderOfSessions(claude);
	const agents = /^(.*)[\\/]\.claude[\\/]agent-memory(?:-local)?[\\/]/.exec(path)?.[1];
	// There it is of the person.
	return agents === homedir() ? undefined : agents;
}

/** @param file `workspace.json`: `{"folder": "file:///…"}`; of several folders, it names a list. */
async function folderOfWorkspace(file: string): Promise<string | undefined> {
	const [, folder] = /"folder"\s*:\s*("(?:[^"\\]|\\.)*")/.exec(await beginningOf(file)) ?? [];
	try {
		return folder === undefined ? undefined : fileURLToPath(JSON.parse(folder) as string);
	} catch {
		// A folder on another machine.
		return undefined;
	}
}

/** The name of the folder is the path with hyphens for slashes, which cannot be undone; its sessions name the path. */
async function folderOfSessions(project: string): Promise<string | undefined> {
	const names = await readdir(project).catch(() => []);
	for (const name of names.filter((each) => each.endsWith(".jsonl")).slice(-mostFiles)) {
		const [, folder] = /"cwd"\s*:\s*("(?:[^"\\]|\\.)*")/.exec(await beginningOf(join(project, name))) ?? [];
		const path = folder === undefined ? undefined : (JSON.parse(folder) as string);
		// A session may have gone to a folder below.
		if (path !== undefined && asName(path) === asName(project.slice(dirname(project).length + 1)))
			return path;
	}
	return undefined;
}

const asName = (path: string) => path.replace(/[^A-Za-z0-9]/g, "-").toLowerCase();

async function beginningOf(path: string): Promise<string> {
	try {
		// Whoever opens a pipe waits for what is written to it.
		if (!(await lstat(path)).isFile()) return "";
		const handle = await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
		try {
			const { buffer, bytesRead } = await handle.read(Buffer.alloc(longest), 0, longest, 0);
			return buffer.toString("utf8", 0, bytesRead);
		} finally {
			await handle.close();
		}
	} catch {
		// The memories are imported without their folder.
		return "";
	}
}
