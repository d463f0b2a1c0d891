import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import type { Transport } from "@modelcontextprotocol/sdk/shared/transport.js";
import { silentLog } from "../config/log.ts";
import type { CheckResult } from "../doctor/findings.ts";
import { startHttpHost } from "./hosts/http.ts";
import { createMcpServer } from "./server.ts";
import { tools } from "./tools/index.ts";

/** Starts a separate server on a free port, and lists its tools as a client does. */
export async function listTools(version: string, signal: AbortSignal): Promise<CheckResult> {
	const host = await startHttpHost({
		createSession: () =>
			createMcpServer({
				// Tools are listed without a memory.
				memory: () => Promise.reject(new Error("The check opens no memory.")),
				version,
				log: silentLog,
				project: async () => undefined,
			}),
		log: silentLog,
		host: "127.0.0.1",
		port: 0,
	});
	try {
		return await listToolsOf(host, version, signal);
	} finally {
		await host.close();
	}
}

/** Lists the tools of a running server, with a real client over HTTP. */
export async function listToolsOf(
	{ url, token }: { readonly url: string; readonly token: string },
	version: string,
	signal: AbortSignal,
): Promise<CheckResult> {
	const client = new Client({ name: "mcp-mem0-doctor", version });
	try {
		const headers = { Authorization: `Bearer ${token}` };
		const transport = new StreamableHTTPClientTransport(new URL(url), { requestInit: { headers } });
		// The SDK's transport class predates `exactOptionalPropertyTypes`; it is a Transport.
		await client.connect(transport as Transport, { signal });
		const listed = (await client.listTools(undefined, { signal })).tools.map(({ name }) => name);
		const missing = tools.map(({ name }) => name).filter((name) => !listed.includes(name));
		if (missing.length === 0)
			return { status: "ok", seen: `A client got ${listed.length} tools: ${listed.join(", ")}.` };
		return {
			status: "failed",
			seen: `A client did not get ${missing.join(", ")}.`,
			cause: "The server has another version than this program.",
			fixes: [{ kind: "advice", label: "Restart the server" }],
		};
	} catch (error) {
		signal.throwIfAborted();
		return {
			status: "failed",
			seen: `A client got no tools: ${error instanceof Error ? error.message : String(error)}.`,
			cause:
				"Something on this machine, such as a firewall, keeps programs from connecting to each other over 127.0.0.1.",
			fixes: [{ kind: "advice", label: "See the log, and report the problem if it persists" }],
		};
	} finally {
		await client.close().catch(() => undefined);
	}
}
