import { posix } from "node:path";
import { normalisedRemote } from "../memory/project.ts";
import type { Project } from "../store/types.ts";

/** In which a client of a server elsewhere names its project: folders differ from machine to machine. */
export const projectHeader = "mem0-project";

/** The project of that header, which is its git remote, however it is spelled: the same for everybody who works on it. */
export function namedProject(remote: string | string[] | undefined): Project | undefined {
	if (typeof remote !== "string" || remote.length > 1000) return undefined;
	const id = normalisedRemote(remote.trim());
	return id === "" ? undefined : { id, name: posix.basename(id) };
}
