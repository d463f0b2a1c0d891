import { Console } from "node:console";
import { homedir } from "node:os";
import { dirname } from "node:path";
import { replyTo } from "../agents/hooks/question.ts";
import { lend } from "../endpoints/lending/lender.ts";
import { clientProject } from "../mcp/clientProject.ts";
import { rootFolder } from "../mcp/rootProject.ts";
import { errorText } from "../memory/errorText.ts";
import { readGitFile } from "../memory/gitFiles.ts";
import { heldBackNotice } from "../memory/heldBack.ts";
import type { MemoryService } from "../memory/memoryService.ts";
import { identifyProject } from "../memory/project.ts";
import { whereTextsGo } from "../memory/requests.ts";
import type { Project } from "../store/types.ts";
import type { Command } from "./command.ts";
import { type CliContext, configured, projectOf } from "./context.ts";
import type { CreateSession } from "./serveHttp.ts";

/** ms: the client may ask its user first. */
const samplingTimeout = 120_000;

/** How a process is told to end; "disconnect": by a parent that started it with a channel for messages. */
const ends = ["SIGINT", "SIGTERM", "SIGHUP", "disconnect"];

/** Serves MCP until the client disconnects (stdio) or a signal arrives. */
export const serve: Command = {
	name: "serve",
	summary: "serve MCP over stdio, or over HTTP with TRANSPORT=http (the default command)",
	run: async (launch) => {
		const context = configured(launch);
		const { config, log } = context;
		// Whatever a library prints must not get between protocol messages.
		globalThis.console = new Console(process.stderr);
		// Other commands, and other ways to serve, do not load what only this one needs.
		const { createMcpServer } = await import("../mcp/server.ts");
		const sampling = await samplingChat(context);
		const shared = await context.openSharedMemory(sampling);
		const memory = shared.own;
		sampling?.onAvailable(() => shared.workSoon());
		memory.startBackgroundWork();
		const answering = answerHooks(context, memory);
		const stopped = new Promise<void>((resolve) => {
			for (const end of ends) process.once(end, () => resolve());
		});
		// Requests under way no longer wait for a model, so that they can be answered.
		const onEnd = () => shared.stopWaiting();
		const createSession: CreateSession = (project, ofSession, onDidCall) => {
			const { version } = launch;
			const server = createMcpServer({
				memory: async () => ofSession,
				version,
				log,
				project,
				during: sampling?.during,
				onDidCall,
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
				const { serveHttp } = await import("./serveHttp.ts");
				await serveHttp(context, shared, createSession, stopped.then(onEnd));
			} else {
				const session = createSession(
					clientProject(projectOfRoot, () =>
						config.projectDir === undefined
							? projectOf(process.cwd())
							: identifyProject(config.projectDir, readGitFile),
					),
					memory,
				);
				const { runStdioHost } = await import("../mcp/hosts/stdio.ts");
				const { stdin, stdout } = process;
				await runStdioHost(session, { stdin, stdout, stopped, onEnd });
				await session.close();
			}
		} finally {
			await (await answering)?.dispose();
			await shared.dispose();
		}
		return 0;
	},
};

/** An agent's hook has no time to open the memory. Serving does not wait for it. */
async function answerHooks({ config, log }: CliContext, memory: MemoryService) {
	try {
		return await lend(config.memoryDir, {
			recall: (question) => replyTo(memory, question, config.briefTokens),
		});
	} catch (error) {
		log.warn(`The hooks of agents are not answered by this process: ${errorText(error)}`);
		return undefined;
	}
}

/** A client that names a folder means it, even if it is no repository; but nobody's home folder is a project. */
function projectOfRoot(uri: string): Promise<Project> | undefined {
	const folder = rootFolder(uri);
	if (folder === undefined || folder === homedir() || dirname(folder) === folder) return undefined;
	return identifyProject(folder, readGitFile);
}

/** For LLM_PROVIDER=vscode: outside VS Code, the client provides the model. */
async function samplingChat({ config: { llm, borrowed }, log }: CliContext) {
	if (llm?.provider !== "vscode" || borrowed.includes("chat")) return undefined;
	log.info("The MCP client's language model extracts the facts, where the client offers one (sampling).");
	const { createSamplingChat } = await import("../mcp/samplingChat.ts");
	return createSamplingChat(llm, samplingTimeout);
}
