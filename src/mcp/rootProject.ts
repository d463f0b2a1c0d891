import { fileURLToPath } from "node:url";
import { identifyProject } from "../memory/project.ts";
import type { Project } from "../store/types.ts";

/** Longer URIs name no project. */
const longestUri = 1000;

/** The folder that a client on this machine names. */
export function rootFolder(uri: string): string | undefined {
	const url = fileUrl(uri);
	try {
		return url && fileURLToPath(url);
	} catch {
		// A share where there are none, or a folder of another operating system.
		return undefined;
	}
}

/**
 * The project of a root that a client elsewhere names. It is the path's own name: the path is not looked up, because it
 * belongs to the client's machine. The id is the one the folder has on its own machine where it has no git remote.
 */
export function rootProject(uri: string): Promise<Project> | undefined {
	const url = fileUrl(uri);
	if (!url) return undefined;
	const path = decodeURIComponent(url.pathname);
	const folder = url.host ? `\\\\${url.host}${path.replaceAll("/", "\\")}` : path;
	return identifyProject(folder, async () => undefined);
}

function fileUrl(uri: string): URL | undefined {
	if (uri.length > longestUri || !URL.canParse(uri)) return undefined;
	const url = new URL(uri);
	try {
		const path = decodeURIComponent(url.pathname);
		return url.protocol === "file:" && !/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u.test(path) ? url : undefined;
	} catch {
		// An escape that stands for no character.
		return undefined;
	}
}
