import { fileURLToPath } from "node:url";
import type { Server } from "@modelcontextprotocol/sdk/server/index.js";
import type { Project } from "../store/types.ts";

/** ms */
const rootsTimeout = 3000;

/**
 * Finds the project of one session's client: that of the first folder the client names as a root, else that of
 * `fallback`. The client is asked once, and again after each change of its roots.
 */
export function clientProject(
	projectOf: (folder: string) => Promise<Project | undefined>,
	fallback: string | undefined,
): (server: Server) => Promise<Project | undefined> {
	let project: Promise<Project | undefined> | undefined;
	const find = async (server: Server) => {
		const changed = () => {
			project = undefined;
		};
		const folder = (await firstRoot(server, changed)) ?? fallback;
		return folder === undefined ? undefined : projectOf(folder);
	};
	return (server) => {
		project ??= find(server);
		return project;
	};
}

async function firstRoot(server: Server, onDidChange: () => void): Promise<string | undefined> {
	if (!server.getClientCapabilities()?.roots) return undefined;
	const { RootsListChangedNotificationSchema } = await import("@modelcontextprotocol/sdk/types.js");
	server.setNotificationHandler(RootsListChangedNotificationSchema, onDidChange);
	try {
		const { roots } = await server.listRoots(undefined, { timeout: rootsTimeout });
		const uri = roots.find((root) => root.uri.startsWith("file:"))?.uri;
		return uri === undefined ? undefined : fileURLToPath(uri);
	} catch {
		// A client that offers roots and does not answer is treated like one that offers none.
		return undefined;
	}
}
