import type { Server } from "@modelcontextprotocol/sdk/server/index.js";
import type { Origin, Project } from "../store/types.ts";
import type { Use, UseKind } from "../store/usage.ts";

/** What the client calls itself. */
export function clientOf(server: Server): { readonly client: string; readonly clientVersion?: string } {
	const { name, version } = server.getClientVersion() ?? {};
	return { client: name || "unknown", ...(version ? { clientVersion: version } : {}) };
}

/** Of what a client saves through a tool. */
export function originOf(server: Server, project: Project | undefined): Origin {
	return { how: "tool", ...clientOf(server), ...(project ? { folder: project.name } : {}) };
}

/** The use of a memory that a call was, if it went well. */
export function useOf(
	server: Server,
	what: UseKind,
	project: Project | undefined,
	{ query, result = {} }: { readonly query?: unknown; readonly result?: Readonly<Record<string, unknown>> },
): Omit<Use, "userId" | "at"> {
	const found = Array.isArray(result.memories) ? (result.memories as readonly { readonly id: string }[]) : [];
	return {
		...clientOf(server),
		what,
		...(project ? { project } : {}),
		...(typeof query === "string" ? { query } : {}),
		// A list is no answer to anything.
		...(what === "searched" ? { memories: found.map(({ id }) => id) } : {}),
	};
}
