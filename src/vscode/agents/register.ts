import * as vscode from "vscode";
import { settingsPrefix } from "../../settings/settingNames.ts";
import type { Deps } from "../deps.ts";
import { networkSection } from "../settings/hostEnvironment.ts";
import { registerCopyConfiguration } from "./copyConfiguration.ts";
import { registerLending } from "./lending.ts";

/** Declared in package.json; VS Code identifies the server by both, so they never change. */
const providerId = "mcp-mem0";
const label = "Mem0";

export function registerAgents(deps: Deps): vscode.Disposable {
	return vscode.Disposable.from(
		registerMcpProvider(deps),
		registerLending(deps),
		registerCopyConfiguration(deps),
	);
}

/**
 * Offers the MCP server to Copilot and agents. Some of VS Code's harnesses take the definition as it is, store it, and
 * outlive the window, so it is complete by itself, and the server a process of its own.
 */
function registerMcpProvider({ context, version, serverCommand }: Deps): vscode.Disposable {
	const changed = new vscode.EventEmitter<void>();
	return vscode.Disposable.from(
		changed,
		vscode.workspace.onDidChangeConfiguration((change) => {
			if ([settingsPrefix, networkSection].some((section) => change.affectsConfiguration(section)))
				changed.fire();
		}),
		context.secrets.onDidChange(() => changed.fire()),
		vscode.workspace.onDidChangeWorkspaceFolders(() => changed.fire()),
		vscode.lm.registerMcpServerDefinitionProvider(providerId, {
			onDidChangeMcpServerDefinitions: changed.event,
			provideMcpServerDefinitions: async () => {
				const { command, args, env } = await serverCommand();
				return [new vscode.McpStdioServerDefinition(label, command, args, env, version)];
			},
		}),
	);
}
