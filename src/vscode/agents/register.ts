import * as vscode from "vscode";
import type { Deps } from "../deps.ts";
import { registerCopyConfiguration } from "./copyConfiguration.ts";

/** Declared in package.json; VS Code identifies the server by both, so they never change. */
const providerId = "mcp-mem0";
const label = "Mem0";

export function registerAgents(deps: Deps): vscode.Disposable {
	return vscode.Disposable.from(registerMcpProvider(deps), registerCopyConfiguration(deps));
}

/**
 * Offers the MCP server to Copilot and agents. VS Code stores the result of `provide`, so it gets a placeholder; the
 * server starts, and VS Code learns its address and token, when VS Code is about to connect.
 */
function registerMcpProvider({ mcp }: Deps): vscode.Disposable {
	const definition = (uri: string, headers?: Record<string, string>) =>
		new vscode.McpHttpServerDefinition(label, vscode.Uri.parse(uri), headers, mcp.version);
	return vscode.lm.registerMcpServerDefinitionProvider(providerId, {
		provideMcpServerDefinitions: () => [definition("http://127.0.0.1:1/mcp")],
		resolveMcpServerDefinition: async () => {
			const { url, token } = await mcp.start();
			return definition(url, { Authorization: `Bearer ${token}` });
		},
	});
}
