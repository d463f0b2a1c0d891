import { Console } from "node:console";
import { fileURLToPath } from "node:url";
import type { Server } from "@modelcontextprotocol/sdk/server/index.js";
import { startHttpHost } from "../mcp/httpHost.ts";
import { createMcpServer } from "../mcp/server.ts";
import { runStdioHost } from "../mcp/stdioHost.ts";
import type { MemoryService } from "../memory/memoryService.ts";
import type { Project } from "../store/memoryStore.ts";
import type { CliContext } from "./context.ts";

/** Serves MCP until the client goes (stdio) or a signal comes. */
export async function serve(context: CliContext): Promise<number> {
	const { config, log } = context;
	// Whatever a library prints must not get between protocol messages.
	globalThis.console = new Console(process.stderr);
	const memory = await context.openMemory();
	memory.startBackgroundWork();
	const stopped = new Promise<void>((resolve) => {
		for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.once(signal, () => resolve());
	});
	try {
		log.info(`Memory: ${memory.status().database}, user ${config.userId}.`);
		if (config.transport === "http") await serveHttp(context, memory, stopped);
		else {
			const session = mcpServer(context, memory, process.cwd());
			await Promise.race([runStdioHost(session, process.stdin, process.stdout), stopped]);
			await session.close();
		}
	} finally {
		await memory.dispose();
	}
	return 0;
}

async function serveHttp(context: CliContext, memory: MemoryService, stopped: Promise<void>): Promise<void> {
	const { config, log } = context;
	const http = await startHttpHost({
		createSession: () => mcpServer(context, memory, undefined),
		log,
		host: config.host,
		port: config.port,
		token: config.authToken,
	});
	process.stderr.write(`MCP server: ${http.url}\n`);
	if (config.authToken === undefined) process.stderr.write(`Authorization: Bearer ${http.token}\n`);
	await stopped;
	log.info("Shutting down.");
	await http.close();
}

function mcpServer(
	{ version, log, projectOf }: CliContext,
	memory: MemoryService,
	workingDirectory: string | undefined,
): Server {
	const known = new Map<string, Promise<Project | undefined>>();
	return createMcpServer({
		memory: async () => memory,
		version,
		log,
		project: async (server) => {
			const folder = (await firstRoot(server)) ?? workingDirectory;
			if (folder === undefined) return undefined;
			const project = known.get(folder) ?? projectOf(folder);
			known.set(folder, project);
			return project;
		},
	});
}

const roots = new WeakMap<Server, Promise<string | undefined>>();

/** The first folder the client says it works in, where it can say so. Asked once a session and after each change. */
function firstRoot(server: Server): Promise<string | undefined> {
	const asked = roots.get(server) ?? askForRoots(server);
	roots.set(server, asked);
	return asked;
}

async function askForRoots(server: Server): Promise<string | undefined> {
	if (!server.getClientCapabilities()?.roots) return undefined;
	const { RootsListChangedNotificationSchema } = await import("@modelcontextprotocol/sdk/types.js");
	server.setNotificationHandler(RootsListChangedNotificationSchema, () => {
		roots.delete(server);
	});
	try {
		const listed = await server.listRoots(undefined, { timeout: 3000 });
		const uri = listed.roots.find((root) => root.uri.startsWith("file:"))?.uri;
		return uri === undefined ? undefined : fileURLToPath(uri);
	} catch {
		// A client that offers roots and does not answer is treated like one that offers none.
		return undefined;
	}
}
