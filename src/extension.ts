import * as l10n from "@vscode/l10n";
import * as vscode from "vscode";
import { registerAgents } from "./vscode/agents/register.ts";
import { createDeps, type Deps } from "./vscode/deps.ts";
import { registerDiagnostics } from "./vscode/diagnostics/register.ts";
import { registerMemories } from "./vscode/memories/register.ts";
import { registerSettings } from "./vscode/settings/register.ts";

let memory: Deps["memory"] | undefined;

export function activate(context: vscode.ExtensionContext): void {
	const begun = performance.now();
	// For the rooms that do not know VS Code: their texts are translated when they are asked for, not when they are loaded.
	l10n.config({ contents: vscode.l10n.bundle ?? {} });
	const deps = createDeps(context);
	memory = deps.memory;
	context.subscriptions.push(
		registerAgents(deps),
		registerMemories(deps),
		registerSettings(deps),
		registerDiagnostics(deps),
		deps,
	);
	deps.log.info(`Activated in ${(performance.now() - begun).toFixed(1)} ms.`);
}

/** VS Code waits for this, so that running saves finish. */
export async function deactivate(): Promise<void> {
	await memory?.dispose();
}
