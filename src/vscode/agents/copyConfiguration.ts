import * as vscode from "vscode";
import { errorText } from "../../memory/errorText.ts";
import { environmentForClients } from "../../settings/env/envExport.ts";
import type { Deps } from "../deps.ts";
import { runForUser } from "../runForUser.ts";
import { askToIncludeKeys, boundKeys } from "../settings/keys.ts";
import { readSettings, settingsEnvironment } from "../settings/vscodeSettings.ts";

/**
 * `Mem0: Copy MCP Configuration`: what other clients need to run the server over stdio on the same memory. It names
 * a launcher in a place that stays the same, since the extension's own folder changes with each update.
 */
export function registerCopyConfiguration(deps: Deps): vscode.Disposable {
	const { context, log } = deps;
	const launcher = vscode.Uri.joinPath(context.globalStorageUri, "mcp-mem0.mjs");
	refreshLauncher(context, launcher).catch((error: unknown) => {
		log.warn(`The launcher for other clients could not be renewed: ${errorText(error)}`);
	});
	return vscode.commands.registerCommand("mcpMem0.copyMcpConfiguration", () =>
		runForUser(deps, async () => {
			const values = settingsEnvironment();
			const keys = await boundKeys(context.secrets);
			const withKeys = await askToIncludeKeys(keys, "Copy MCP configuration");
			if (withKeys === undefined) return;
			await writeLauncher(context, launcher);
			const configuration = {
				mcpServers: {
					"mcp-mem0": {
						command: "node",
						args: [launcher.fsPath],
						env: environmentForClients(
							values,
							withKeys ? keys : keys.filter(({ key }) => key === ""),
							readSettings({}),
						),
					},
				},
			};
			await vscode.env.clipboard.writeText(`${JSON.stringify(configuration, null, 2)}\n`);
			const leftOut = keys.filter(({ key }) => key !== "").map(({ variable }) => variable);
			const said =
				leftOut.length === 0
					? ""
					: withKeys
						? " Your API keys are in it as plain text."
						: ` API keys are not in it: add ${leftOut.join(" and ")} there.`;
			void vscode.window.showInformationMessage(
				`Copied. Paste it into the MCP configuration of the other client; it shares this memory. It needs Node.js 22.16 or newer there.${said}`,
			);
		}),
	);
}

/** After an update of the extension, a launcher that was handed out must lead to the new version. */
async function refreshLauncher(context: vscode.ExtensionContext, launcher: vscode.Uri): Promise<void> {
	const existing = await vscode.workspace.fs.readFile(launcher).then(
		(bytes) => new TextDecoder().decode(bytes),
		() => undefined,
	);
	if (existing !== undefined && existing !== launcherText(context)) await writeLauncher(context, launcher);
}

async function writeLauncher(context: vscode.ExtensionContext, launcher: vscode.Uri): Promise<void> {
	await vscode.workspace.fs.createDirectory(context.globalStorageUri);
	await vscode.workspace.fs.writeFile(launcher, new TextEncoder().encode(launcherText(context)));
}

function launcherText(context: vscode.ExtensionContext): string {
	const server = vscode.Uri.joinPath(context.extensionUri, "dist", "server.js").with({
		scheme: "file",
		authority: "",
	});
	return `// Written by the MCP Mem0 extension, and again after each of its updates.\nimport ${JSON.stringify(server.toString(true))};\n`;
}
