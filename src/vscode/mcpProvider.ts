import * as vscode from "vscode";
import type { HttpHost } from "../mcp/httpHost.ts";
import type { Deps } from "./deps.ts";

/** Declared in package.json; VS Code knows the server by the label, so neither is ever changed. */
const providerId = "mcp-mem0";
const label = "Mem0";

/**
 * Offers the MCP server to Copilot and agents. VS Code stores what `provide` answers, so it gets a placeholder; the
 * server is started, and its address and token given, when VS Code is about to connect.
 */
export function registerMcpProvider(deps: Deps): vscode.Disposable {
	const { version } = deps.context.extension.packageJSON as { version: string };
	const definition = (uri: string, headers?: Record<string, string>) =>
		new vscode.McpHttpServerDefinition(label, vscode.Uri.parse(uri), headers, version);
	let host: Promise<HttpHost> | undefined;

	const registration = vscode.lm.registerMcpServerDefinitionProvider(providerId, {
		provideMcpServerDefinitions: () => [definition("http://127.0.0.1:1/mcp")],
		resolveMcpServerDefinition: async () => {
			host ??= startHost(deps, version).catch((error: unknown) => {
				host = undefined;
				throw error;
			});
			const { url, token } = await host;
			return definition(url, { Authorization: `Bearer ${token}` });
		},
	});
	return {
		dispose: () => {
			registration.dispose();
			void host?.then((running) => running.close());
		},
	};
}

async function startHost({ memory, log, currentProject }: Deps, version: string): Promise<HttpHost> {
	const [{ startHttpHost }, { createMcpServer }] = await Promise.all([
		import("../mcp/httpHost.ts"),
		import("../mcp/server.ts"),
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
