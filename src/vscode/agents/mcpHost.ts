import type * as vscode from "vscode";
import type { Log } from "../../config/log.ts";
import type { HttpHost } from "../../mcp/hosts/http.ts";
import type { Project } from "../../store/types.ts";
import type { MemoryAccess } from "../memoryAccess.ts";

export type McpHost = ReturnType<typeof createMcpHost>;

/** The MCP server of this window, started when it is first needed. */
export function createMcpHost(
	context: vscode.ExtensionContext,
	log: Log,
	memory: MemoryAccess,
	project: () => Promise<Project | undefined>,
) {
	const { version } = context.extension.packageJSON as { version: string };
	const start = async () => {
		const [{ startHttpHost }, { createMcpServer }] = await Promise.all([
			import("../../mcp/hosts/http.ts"),
			import("../../mcp/server.ts"),
		]);
		const createSession = () => createMcpServer({ memory: () => memory.get(), version, log, project });
		const started = await startHttpHost({ createSession, log, host: "127.0.0.1", port: 0 });
		log.info(`MCP server started: ${started.url}`);
		return started;
	};
	let host: Promise<HttpHost> | undefined;
	return {
		version,
		start: () => {
			host ??= start().catch((error: unknown) => {
				host = undefined;
				throw error;
			});
			return host;
		},
		dispose: () => void host?.then((running) => running.close()),
	};
}
