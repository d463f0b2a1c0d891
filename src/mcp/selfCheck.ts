import { spawn } from "node:child_process";
import { homedir } from "node:os";
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import { StdioServerTransport } from "@modelcontextprotocol/sdk/server/stdio.js";
import type { Transport } from "@modelcontextprotocol/sdk/shared/transport.js";
import type { AskServer } from "../agents/checks/connection.ts";
import type { ServerEntry } from "../agents/client.ts";
import { silentLog } from "../config/log.ts";
import { directly } from "../config/network.ts";
import { isVariable } from "../config/variables.ts";
import { type CheckResult, failure, ok } from "../doctor/findings.ts";
import { advice } from "../doctor/fixes.ts";
import { createTransport, fetchBy } from "../endpoints/network/transport.ts";
import { startHttpHost } from "./hosts/http.ts";
import { createMcpServer } from "./server.ts";
import { tools } from "./tools/index.ts";

/** Characters of what a server writes to its log. */
const mostSaid = 4000;

/** Starts a separate server on a free port, and lists its tools as a client does. */
export async function listTools(version: string, signal: AbortSignal): Promise<CheckResult> {
	const log = silentLog;
	// Tools are listed without a memory.
	const memory = () => Promise.reject(new Error("The check opens no memory."));
	const createSession = () => createMcpServer({ memory, version, log, project: async () => undefined });
	const host = await startHttpHost({ createSession, log, host: "127.0.0.1", port: 0 });
	try {
		const headers = { Authorization: `Bearer ${host.token}` };
		// Node's own `fetch` may be told to use a proxy, also for this machine.
		const fetch = fetchBy(createTransport(directly, { keepAlive: false }));
		const transport = new StreamableHTTPClientTransport(new URL(host.url), {
			requestInit: { headers },
			fetch,
		});
		// The SDK's transport class predates `exactOptionalPropertyTypes`; it is a Transport.
		return await listToolsOf(transport as Transport, version, signal);
	} finally {
		await host.close();
	}
}

/** Starts a server as a client does that is given this command, and lists its tools. */
export async function listToolsOfCommand(
	command: ServerEntry,
	version: string,
	signal: AbortSignal,
): Promise<CheckResult> {
	return withServer(command, process.env, signal, (transport) => listToolsOf(transport, version, signal));
}

/**
 * Starts the server of an agent's entry, without what only this process knows, and asks what it is.
 * @throws Error with the last words of a server that ends.
 */
export const askServer: AskServer = (start, signal) => {
	const inherited = Object.entries(process.env).filter(
		([name]) => !isVariable(name) && name !== "MCP_MEM0_ENV_FILE" && name !== "ELECTRON_RUN_AS_NODE",
	);
	return withServer(start, Object.fromEntries(inherited), signal, async (transport, lastWords) => {
		const client = new Client({ name: "mcp-mem0-doctor", version: "1" });
		try {
			await client.connect(transport, { signal });
			const listed = (await client.listTools(undefined, { signal })).tools.map(({ name }) => name);
			const { structuredContent = {} } = await client.callTool({ name: "memory_status" }, undefined, {
				signal,
			});
			const { database, user } = structuredContent as Readonly<Record<string, unknown>>;
			return {
				version: client.getServerVersion()?.version ?? "",
				tools: listed,
				missing: missingIn(listed),
				database: String(database),
				user: String(user),
			};
		} catch (error) {
			const said = lastWords();
			throw said ? new Error(said) : error;
		} finally {
			await client.close().catch(() => undefined);
		}
	});
};

/** Gives `work` the connection to a server that runs as long as it. */
async function withServer<T>(
	{ command, args, env }: ServerEntry,
	inherited: NodeJS.ProcessEnv,
	signal: AbortSignal,
	work: (transport: Transport, lastWords: () => string) => Promise<T>,
): Promise<T> {
	const server = spawn(command, args, {
		cwd: homedir(),
		env: { ...inherited, ...env },
		stdio: ["pipe", "pipe", "pipe"],
		signal,
	});
	// A command that is not there closes its streams, which ends the connection.
	let said = "";
	// Whoever has ended, or reads nothing, is told of by what does not arrive.
	server.stdin.on("error", () => undefined);
	server.once("error", (error) => {
		said += error.message;
	});
	server.stderr.on("data", (chunk: Buffer) => {
		said = (said + chunk.toString("utf8")).slice(-mostSaid);
	});
	try {
		// The SDK's transport for clients loads its way of starting a process in a way that cannot be bundled; the one for
		// servers is the same the other way round.
		const transport = new StdioServerTransport(server.stdout, server.stdin);
		server.once("close", () => void transport.close());
		return await work(transport, () => said.trim().split("\n").at(-1) ?? "");
	} finally {
		server.kill();
	}
}

/** Lists the tools of a running server, with a real client. */
async function listToolsOf(transport: Transport, version: string, signal: AbortSignal): Promise<CheckResult> {
	const client = new Client({ name: "mcp-mem0-doctor", version });
	try {
		await client.connect(transport, { signal });
		const listed = (await client.listTools(undefined, { signal })).tools.map(({ name }) => name);
		const missing = missingIn(listed);
		if (missing.length === 0) return ok(`A client got ${listed.length} tools: ${listed.join(", ")}.`);
		const cause = "The server has another version than this program.";
		return failure(`A client did not get ${missing.join(", ")}.`, cause, [advice("Restart the server")]);
	} catch (error) {
		signal.throwIfAborted();
		return failure(
			`A client got no tools: ${error instanceof Error ? error.message : String(error)}.`,
			"Something on this machine, such as a firewall, keeps programs from connecting to each other over 127.0.0.1.",
			[advice("See the log, and report the problem if it persists")],
		);
	} finally {
		await client.close().catch(() => undefined);
	}
}

function missingIn(listed: readonly string[]): string[] {
	return tools.map(({ name }) => name).filter((name) => !listed.includes(name));
}
