import { posix, win32 } from "node:path";
import type { Project } from "../store/types.ts";

/**
 * Reads a small text file of a workspace, which may be hostile. Undefined if there is none, or none that is a regular
 * file of at most `maxGitFile` bytes. In VS Code this uses `workspace.fs`, because a workspace may be remote.
 */
export type ReadTextFile = (path: string) => Promise<string | undefined>;

/** Bytes; real files of git are far smaller. */
export const maxGitFile = 256 * 1024;
/** Longer URLs and paths name no project. */
const longestName = 1000;

/**
 * The project of a folder: its normalised git remote, so that all clones and worktrees share memories, else the folder's
 * path. A folder inside a repository belongs to the repository.
 */
export async function identifyProject(folder: string, readTextFile: ReadTextFile): Promise<Project> {
	const { basename, dirname, join, resolve } = pathsLike(folder);
	// Removes a trailing separator, which some clients send.
	const start = resolve(folder);
	for (let at = start; ; at = dirname(at)) {
		const gitFolder = await gitDirectory(at, readTextFile);
		if (gitFolder !== undefined) {
			const config = await readTextFile(join(gitFolder, "config"));
			const remote = config === undefined ? undefined : remoteOf(config);
			return remote
				? { id: remote, name: posix.basename(remote) }
				: { id: pathId(at), name: basename(at) || at };
		}
		if (dirname(at) === at) return { id: pathId(start), name: basename(start) || start };
	}
}

/** The folder with the repository's `config`: `.git`, or the folder that the `.git` file of a worktree or submodule points to. */
async function gitDirectory(folder: string, readTextFile: ReadTextFile): Promise<string | undefined> {
	const { isAbsolute, join, resolve } = pathsLike(folder);
	const git = join(folder, ".git");
	if ((await readTextFile(join(git, "HEAD"))) !== undefined) return git;
	const pointer = valueAfter(await readTextFile(git), "gitdir:");
	if (pointer === undefined || isElsewhere(pointer)) return undefined;
	const own = isAbsolute(pointer) ? pointer : resolve(folder, pointer);
	const common = valueAfter(await readTextFile(join(own, "commondir")), "");
	return common === undefined || isElsewhere(common) ? own : resolve(own, common);
}

/** What follows the prefix on the first line that begins with it and has more. Read line by line: no input takes long. */
function valueAfter(text: string | undefined, prefix: string): string | undefined {
	const line = text
		?.split("\n", 10)
		.map((each) => each.trim())
		.find((each) => each.startsWith(prefix) && each.length > prefix.length);
	const value = line?.slice(prefix.length).trim();
	return value && value.length <= longestName ? value : undefined;
}

/** A share of another machine, which Windows would log in to with the user's name. */
function isElsewhere(path: string): boolean {
	return /^[\\/]{2}/.test(path);
}

/** The normalised URL of `origin`, else of the first remote. */
export function remoteOf(gitConfig: string): string | undefined {
	const urls = new Map<string, string>();
	let section: string | undefined;
	for (const line of gitConfig.split("\n").map((each) => each.trim())) {
		if (line.startsWith("[")) section = /^\[remote "([^"]{1,200})"\]/.exec(line)?.[1];
		const url = section === undefined ? undefined : /^url\s*=(.*)$/.exec(line)?.[1]?.trim();
		if (section !== undefined && url && url.length <= longestName && !urls.has(section))
			urls.set(section, url.replace(/^"(.*)"$/, "$1"));
	}
	const [first] = urls.values();
	const url = urls.get("origin") ?? first;
	return url === undefined ? undefined : normalisedRemote(url);
}

/** Default ports of protocols for which `URL` does not know them. */
const defaultPorts: Readonly<Record<string, string>> = { "ssh:": "22", "git+ssh:": "22", "git:": "9418" };

/**
 * `host/owner/repository` in lower case, without user, password, default port or `.git`, so that it is the same for every
 * protocol and user. A local path stays a path.
 */
export function normalisedRemote(remote: string): string {
	// Before parsing, because an invalid URL must not show a password either; nor what only looks like one.
	const url = remote
		.replace(/^((?:[a-z][a-z\d+.-]+:)*\/{1,2})[^/]*@/i, "$1")
		.replace(/^(?:[a-z][a-z\d+.-]+::)?[^/\\@]+@/i, "");
	if (/^[a-z]:[\\/]/i.test(url)) return tidy(url.replaceAll("\\", "/"));
	const scpLike = /^(?:[^@/]+@)?([^/:]{2,}):(?!\/\/)(.+)$/.exec(url);
	if (scpLike && !url.includes("://")) return tidy(`${scpLike[1]}/${scpLike[2]}`);
	try {
		const { protocol, hostname, port, pathname } = new URL(url);
		if (protocol === "file:") return tidy(pathname);
		const customPort = port === "" || port === defaultPorts[protocol] ? "" : `:${port}`;
		return tidy(`${hostname}${customPort}${decodeURIComponent(pathname)}`);
	} catch {
		// Not a URL but a path on this machine, or nothing that git reads. A query may hold a token.
		return tidy(url.includes("://") ? url.replace(/[?#].*$/s, "") : url);
	}
}

/** A process writes Windows folders as `C:\\folder`, VS Code as `/c:/folder`. */
function pathsLike(folder: string) {
	return folder.startsWith("/") ? posix : win32;
}

/** The same for both forms of a Windows folder. */
function pathId(folder: string): string {
	const drive = /^[\\/]?([A-Za-z]):(.*)$/s.exec(folder);
	return drive ? `${drive[1]?.toLowerCase()}:${drive[2]?.replaceAll("\\", "/")}` : folder;
}

function tidy(remote: string): string {
	return remote
		.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, "")
		.replace(/\/+/g, "/")
		.replace(/\/$/, "")
		.replace(/\.git$/, "")
		.toLowerCase();
}
