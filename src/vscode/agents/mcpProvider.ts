import * as vscode from "vscode";
import type { HttpHost } from "../../mcp/hosts/http.ts";
import type { Deps } from "../deps.ts";

/** Declared in package.json; VS Code knows the server by the label, so neither is ever changed. */
const providerId = "mcp-mem0";
const label = "Mem0";

/**
 * Offers the MCP server to Copilot and agents. VS Code stores what `provide` answers, so it gets a placeholder; the
 * server is started, and its address and token given, when VS Code is about to connect.
 */
export function registerMcpProvider(deps: Pick<Deps, "context" | "mcp">): vscode.Disposable {
	const { version } = deps.context.extension.packageJSON as { version: string };
	const definition = (uri: string, headers?: Record<string, string>) =>
		new vscode.McpHttpServerDefinition(label, vscode.Uri.parse(uri), headers, version);
	return vscode.lm.registerMcpServerDefinitionProvider(providerId, {
		provideMcpServerDefinitions: () => [definition("http://127.0.0.1:1/mcp")],
		resolveMcpServerDefinition: async () => {
			const { url, token } = await deps.mcp.start();
			return definition(url, { Authorization: `Bearer ${token}` });
		},
	});
}

type HostDeps = Pick<Deps, "context" | "memory" | "log" | "currentProject">;

/** The MCP server of this window, started when it is first needed. */
export class McpHost implements vscode.Disposable {
	readonly #deps: HostDeps;
	#host: Promise<HttpHost> | undefined;

	constructor(deps: HostDeps) {
		this.#deps = deps;
	}

	get version(): string {
		return (this.#deps.context.extension.packageJSON as { version: string }).version;
	}

	start(): Promise<HttpHost> {
		this.#host ??= startHost(this.#deps, this.version).catch((error: unknown) => {
			this.#host = undefined;
			throw error;
		});
		return this.#host;
	}

	dispose(): void {
		void this.#host?.then((running) => running.close());
	}
}

async function startHost(
	{ memory, log, currentProject }: Pick<Deps, "memory" | "log" | "currentProject">,
	version: string,
): Promise<HttpHost> {
	const [{ startHttpHost }, { createMcpServer }] = await Promise.all([
		import("../../mcp/hosts/http.ts"),
		import("../../mcp/server.ts"),
	]);
	const host = await startHttpHost({
		createSession: () =>
			createMcpServer({ memory: () => memory.get(), version, log, project: currentProject }),
		log,
		host: "127.0.0.1",
		port: 0,
	});
	log.info(`MCP server started: ${host.url}`);
	return host;
}
