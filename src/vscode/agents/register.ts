import * as vscode from "vscode";
import { errorText } from "../../memory/errorText.ts";
import { settingsPrefix } from "../../settings/settingNames.ts";
import type { Deps } from "../deps.ts";
import { runForUser } from "../runForUser.ts";
import { networkSection } from "../settings/hostEnvironment.ts";
import { notify } from "../ui.ts";
import { registerCopyConfiguration } from "./copyConfiguration.ts";
import { registerLending } from "./lending.ts";
import { tellOwnFilesInHome } from "./ownFilesInHome.ts";
import { writeSettingsFile } from "./settingsFile.ts";

/** Declared in package.json; VS Code identifies the server by both, so they never change. */
const providerId = "mcp-mem0";
const label = "Mem0";

export function registerAgents(deps: Deps): vscode.Disposable {
	return vscode.Disposable.from(
		registerMcpProvider(deps),
		registerLending(deps),
		registerCopyConfiguration(deps),
		registerConnect(deps),
	);
}

/** `Mem0: Connect Agents…` and `Mem0: Disconnect Agents…`, which are loaded when they are first used. */
function registerConnect(deps: Deps): vscode.Disposable {
	let running = false;
	const decided = new vscode.EventEmitter<boolean>();
	void tellOwnFilesInHome();
	const command = (
		id: string,
		action: (loaded: typeof import("./connectAgents.ts"), client?: unknown) => Promise<void>,
	): vscode.Disposable =>
		vscode.commands.registerCommand(id, async (client?: unknown) => {
			if (running) {
				void notify.info(
					vscode.l10n.t("Agents are being connected or disconnected: answer the diff that is open first."),
				);
				return;
			}
			running = true;
			await runForUser(deps, async () => action(await import("./connectAgents.ts"), client));
			running = false;
			void tellOwnFilesInHome();
		});
	const decision = (id: string, write: boolean) =>
		vscode.commands.registerCommand(id, () => decided.fire(write));
	return vscode.Disposable.from(
		decided,
		command("mcpMem0.connectAgents", (loaded, client) =>
			loaded.connectAgents(deps, decided.event, typeof client === "string" ? client : undefined),
		),
		command("mcpMem0.disconnectAgents", (loaded) => loaded.disconnectAgents(deps, decided.event)),
		decision("mcpMem0.writeChange", true),
		decision("mcpMem0.skipChange", false),
	);
}

/**
 * Offers the MCP server to Copilot and agents. Some of VS Code's harnesses take the definition as it is, store it, and
 * outlive the window, so it is complete by itself, and the server a process of its own.
 */
function registerMcpProvider({ context, log, version, serverCommand }: Deps): vscode.Disposable {
	const changed = new vscode.EventEmitter<void>();
	const writeSettings = () =>
		writeSettingsFile(context).catch((error: unknown) => {
			log.warn(`Agents elsewhere do not learn of these settings: ${errorText(error)}`);
		});
	void writeSettings();
	return vscode.Disposable.from(
		changed,
		changed.event(() => void writeSettings()),
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
