import type * as vscode from "vscode";
import type { Log } from "../../config/log.ts";
import type { HttpHost } from "../../mcp/hosts/http.ts";
import type { Project } from "../../store/types.ts";
import type { MemoryAccess } from "../memoryAccess.ts";

interface HostDeps {
	readonly context: vscode.ExtensionContext;
	readonly memory: MemoryAccess;
	readonly log: Log;
	readonly currentProject: () => Promise<Project | undefined>;
}

/** The MCP server of this window, started when it is first needed. */
export class McpHost implements vscode.Disposable {
	readonly version: string;
	readonly #deps: HostDeps;
	#host: Promise<HttpHost> | undefined;

	constructor(deps: HostDeps) {
		this.#deps = deps;
		this.version = (deps.context.extension.packageJSON as { version: string }).version;
	}

	start(): Promise<HttpHost> {
		this.#host ??= this.#start().catch((error: unknown) => {
			this.#host = undefined;
			throw error;
		});
		return this.#host;
	}

	dispose(): void {
		void this.#host?.then((running) => running.close());
	}

	async #start(): Promise<HttpHost> {
		const { memory, log, currentProject: project } = this.#deps;
		const { version } = this;
		const [{ startHttpHost }, { createMcpServer }] = await Promise.all([
			import("../../mcp/hosts/http.ts"),
			import("../../mcp/server.ts"),
		]);
		const createSession = () => createMcpServer({ memory: () => memory.get(), version, log, project });
		const host = await startHttpHost({ createSession, log, host: "127.0.0.1", port: 0 });
		log.info(`MCP server started: ${host.url}`);
		return host;
	}
}
