import { Console } from "node:console";
import type { Server } from "@modelcontextprotocol/sdk/server/index.js";
import { clientProject } from "../mcp/clientProject.ts";
import { startHttpHost } from "../mcp/hosts/http.ts";
import { runStdioHost } from "../mcp/hosts/stdio.ts";
import { rootFolder, rootProject } from "../mcp/rootProject.ts";
import { createSamplingChat } from "../mcp/samplingChat.ts";
import { createMcpServer } from "../mcp/server.ts";
import { heldBackNotice } from "../memory/heldBack.ts";
import { whereTextsGo } from "../memory/requests.ts";
import type { Project } from "../store/types.ts";
import type { Command } from "./command.ts";
import { type CliContext, configured, projectOf } from "./context.ts";
import { say } from "./terminal.ts";

/** ms: the client may ask its user first. */
const samplingTimeout = 120_000;

/** Serves MCP until the client disconnects (stdio) or a signal arrives. */
export const serve: Command = {
	name: "serve",
	summary: "serve MCP over stdio, or over HTTP with TRANSPORT=http (the default command)",
	run: async (launch) => {
		const context = configured(launch);
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
		const createSession = (project: ReturnType<typeof clientProject>) => {
			const { version } = launch;
			const server = createMcpServer({
				memory: async () => memory,
				version,
				log,
				project,
				during: sampling?.during,
			});
			sampling?.add(server);
			return server;
		};
		try {
			const status = await memory.status();
			const { database, heldBack } = status;
			log.info(`Memory: ${database}, user ${config.userId}.`);
			log.info(whereTextsGo(status));
			for (const notice of heldBackNotice(heldBack.saves, heldBack.origins)) log.warn(notice);
			if (config.transport === "http") {
				// The folders that clients name may be on other machines.
				const remote = () => createSession(clientProject(rootProject, async () => undefined));
				await serveHttp(context, remote, stopped);
			} else {
				const session = createSession(clientProject(projectOfRoot, () => projectOf(process.cwd())));
				// Saves under way stop waiting for their models, so that they can be answered.
				void stopped.then(() => memory.dispose());
				await runStdioHost(session, process.stdin, process.stdout, stopped);
				await session.close();
			}
		} finally {
			await memory.dispose();
		}
		return 0;
	},
};

function projectOfRoot(uri: string): Promise<Project | undefined> | undefined {
	const folder = rootFolder(uri);
	return folder === undefined ? undefined : projectOf(folder);
}

/** For LLM_PROVIDER=vscode: outside VS Code, the client provides the model. */
function samplingChat({ config: { llm }, log }: CliContext) {
	if (llm?.provider !== "vscode") return undefined;
	log.info("The MCP client's language model extracts the facts, where the client offers one (sampling).");
	return createSamplingChat(llm, samplingTimeout);
}

async function serveHttp(
	{ config: { host, port, authToken, allowedHosts }, log }: CliContext,
	createSession: () => Server,
	stopped: Promise<void>,
): Promise<void> {
	const http = await startHttpHost({ createSession, log, host, port, token: authToken, allowedHosts });
	say(`MCP server: ${http.url}`);
	if (authToken === undefined) say(`Authorization: Bearer ${http.token}`);
	await stopped;
	log.info("Shutting down.");
	await http.close();
}
