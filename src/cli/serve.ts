import { Console } from "node:console";
import { homedir } from "node:os";
import { dirname } from "node:path";
import { replyTo } from "../agents/hooks/question.ts";
import type { Log } from "../config/log.ts";
import { lend } from "../endpoints/lending/lender.ts";
import { clientProject } from "../mcp/clientProject.ts";
import { rootFolder } from "../mcp/rootProject.ts";
import { errorText } from "../memory/errorText.ts";
import { readGitFile } from "../memory/gitFiles.ts";
import { heldBackNotice } from "../memory/heldBack.ts";
import { identifyProject } from "../memory/project.ts";
import { whereTextsGo } from "../memory/requests.ts";
import type { UserMemory } from "../memory/userMemory.ts";
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
		// Of a team's server, this process has the memory of one person.
		const shared = config.teamServer ? undefined : await context.openSharedMemory(sampling);
		const memory = shared?.own ?? (await context.openMemory());
		const all = shared ?? memory;
		sampling?.onAvailable(() => all.workSoon());
		memory.startBackgroundWork();
		const answering = answerHooks(context, memory);
		const stopped = new Promise<void>((resolve) => {
			for (const end of ends) process.once(end, () => resolve());
		});
		// Requests under way no longer wait for a model, so that they can be answered.
		const onEnd = () => all.stopWaiting();
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
			const told = tellStatus(memory, log);
			// A team's server that is away is no reason not to begin: whatever is asked of it then says so.
			if (shared) await told;
			else told.catch((error: unknown) => log.warn(errorText(error)));
			if (shared && config.transport === "http") {
				const { serveHttp } = await import("./serveHttp.ts");
				await serveHttp(context, shared, createSession, stopped.then(onEnd), launch.version);
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
			await all.dispose();
		}
		return 0;
	},
};

/** Where the memory is, and which hosts get texts. */
async function tellStatus(memory: UserMemory, log: Log): Promise<void> {
	const status = await memory.status();
	const { database, heldBack, userId, teamServer } = status;
	// A team's server is told of with who one is there.
	log.info(`Memory: ${database}${teamServer === undefined ? `, user ${userId}` : ""}.`);
	log.info(whereTextsGo(status));
	// Nobody here can agree to where a team's server sends texts.
	if (teamServer === undefined)
		for (const notice of heldBackNotice(heldBack.saves, heldBack.origins)) log.warn(notice);
}

/** An agent's hook has no time to open the memory. Serving does not wait for it. */
async function answerHooks({ config, log }: CliContext, memory: UserMemory) {
	try {
		return await lend(config.memoryDir, {
			recall: (question) => replyTo(memory, question, config),
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
