import * as vscode from "vscode";
import { createChannelLog } from "./vscode/channelLog.ts";
import { registerCopyConfiguration } from "./vscode/copyConfiguration.ts";
import type { Deps } from "./vscode/deps.ts";
import { registerDiagnostics } from "./vscode/diagnostics.ts";
import { EndpointWatch } from "./vscode/endpointWatch.ts";
import { McpHost, registerMcpProvider } from "./vscode/mcpProvider.ts";
import { MemoryAccess } from "./vscode/memoryAccess.ts";
import { registerSettings } from "./vscode/openSettings.ts";
import { createProjectFinder } from "./vscode/project.ts";
import { registerReembed } from "./vscode/reembed.ts";
import { registerSave } from "./vscode/saveMemory.ts";
import { registerSearch } from "./vscode/searchMemories.ts";
import { registerSetApiKey } from "./vscode/secrets.ts";
import { readLogLevel } from "./vscode/settings.ts";
import { registerStatusBar } from "./vscode/statusBar.ts";

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
