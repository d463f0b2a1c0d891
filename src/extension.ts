import * as vscode from "vscode";
import { registerCopyConfiguration } from "./vscode/agents/copyConfiguration.ts";
import { McpHost, registerMcpProvider } from "./vscode/agents/mcpProvider.ts";
import { createChannelLog } from "./vscode/channelLog.ts";
import { createProjectFinder } from "./vscode/currentProject.ts";
import type { Deps } from "./vscode/deps.ts";
import { registerDiagnostics } from "./vscode/diagnostics/commands.ts";
import { EndpointWatch } from "./vscode/diagnostics/endpointWatch.ts";
import { registerSave } from "./vscode/memories/save.ts";
import { registerSearch } from "./vscode/memories/search.ts";
import { registerStatusBar } from "./vscode/memories/statusBar.ts";
import { MemoryAccess } from "./vscode/memoryAccess.ts";
import { registerSetApiKey } from "./vscode/settings/keys.ts";
import { registerSettings } from "./vscode/settings/openSettings.ts";
import { registerReembed } from "./vscode/settings/reembed.ts";
import { readLogLevel } from "./vscode/settings/vscodeSettings.ts";

let memory: MemoryAccess | undefined;

export function activate(context: vscode.ExtensionContext): void {
	const begun = performance.now();
	const log = createChannelLog(readLogLevel);
	const projects = createProjectFinder();
	memory = new MemoryAccess(context, log);
	const { currentProject } = projects;
	const mcp = new McpHost({ context, log, memory, currentProject });
	const watch = new EndpointWatch({ context, log, memory });
	const deps: Deps = { context, log, memory, mcp, watch, currentProject };
	context.subscriptions.push(
		registerMcpProvider(deps),
		registerSearch(deps),
		registerSave(deps),
		registerCopyConfiguration(deps),
		registerStatusBar(deps),
		registerSettings(deps),
		registerDiagnostics(deps),
		registerSetApiKey(deps),
		registerReembed(deps),
		vscode.commands.registerCommand("mcpMem0.showLog", () => log.show()),
		mcp,
		watch,
		projects,
		log,
	);
	log.info(`Activated in ${(performance.now() - begun).toFixed(1)} ms.`);
}

/** VS Code waits for this: saves under way are finished. */
export async function deactivate(): Promise<void> {
	await memory?.dispose();
}
