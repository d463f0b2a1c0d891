import { Console } from "node:console";
import { fileURLToPath } from "node:url";
import type { Server } from "@modelcontextprotocol/sdk/server/index.js";
import { startHttpHost } from "../mcp/hosts/http.ts";
import { runStdioHost } from "../mcp/hosts/stdio.ts";
import { SamplingChat } from "../mcp/samplingChat.ts";
import { createMcpServer } from "../mcp/server.ts";
import type { MemoryService } from "../memory/memoryService.ts";
import type { Project } from "../store/types.ts";
import type { CliContext } from "./context.ts";

/** ms: the client may ask its user first. */
const samplingTimeout = 120_000;

/** Serves MCP until the client goes (stdio) or a signal comes. */
export async function serve(context: CliContext): Promise<number> {
	const { config, log } = context;
	// Whatever a library prints must not get between protocol messages.
	globalThis.console = new Console(process.stderr);
	const sampling = samplingChat(context);
	const memory = await context.openMemory(sampling);
	sampling?.onAvailable(() => memory.workSoon());
	memory.startBackgroundWork();
	const stopped = new Promise<void>((resolve) => {
		for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.once(signal, () => resolve());
	});
	try {
		log.info(`Memory: ${(await memory.status()).database}, user ${config.userId}.`);
		if (config.transport === "http") await serveHttp(context, memory, sampling, stopped);
		else {
			const session = mcpServer(context, memory, sampling, process.cwd());
			// Saves under way are called off, which answers them.
			void stopped.then(() => memory.dispose());
			await runStdioHost(session, process.stdin, process.stdout, stopped);
			await session.close();
		}
	} finally {
		await memory.dispose();
	}
	return 0;
}

/** For LLM_PROVIDER=vscode: outside VS Code it is the client that brings the model. */
function samplingChat({ config: { llm }, log }: CliContext): SamplingChat | undefined {
	if (llm?.provider !== "vscode") return undefined;
	log.info("Facts are taken out by the MCP client's language model, where it offers one (sampling).");
	return new SamplingChat({ ...llm, timeout: samplingTimeout });
}

async function serveHttp(
	context: CliContext,
	memory: MemoryService,
	sampling: SamplingChat | undefined,
	stopped: Promise<void>,
): Promise<void> {
	const { config, log } = context;
	const http = await startHttpHost({
		createSession: () => mcpServer(context, memory, sampling, undefined),
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
	sampling: SamplingChat | undefined,
	workingDirectory: string | undefined,
): Server {
	const known = new Map<string, Promise<Project | undefined>>();
	const server = createMcpServer({
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
	sampling?.add(server);
	return server;
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
