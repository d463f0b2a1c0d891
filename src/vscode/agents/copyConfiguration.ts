import * as vscode from "vscode";
import { errorText } from "../../memory/errorText.ts";
import { environmentForClients } from "../../settings/env/envExport.ts";
import { listOf } from "../../text/wording.ts";
import type { Deps } from "../deps.ts";
import { runForUser } from "../runForUser.ts";
import { askToIncludeKeys, boundKeys } from "../settings/keys.ts";
import { readSettings, settingsEnvironment } from "../settings/vscodeSettings.ts";
import { flash, notify } from "../ui.ts";
import { installLauncher, launcherPath } from "./serverDefinition.ts";

/**
 * `Mem0: Copy MCP Configuration`: what other clients need to run the server over stdio on the same memory. It names a
 * launcher at a fixed path, because the extension's own folder changes with each update.
 */
export function registerCopyConfiguration(deps: Deps): vscode.Disposable {
	const { context, log } = deps;
	installLauncher(context).catch((error: unknown) => {
		log.warn(`The launcher for other clients could not be updated: ${errorText(error)}`);
	});
	return vscode.commands.registerCommand("mcpMem0.copyMcpConfiguration", () =>
		runForUser(deps, async () => {
			const values = settingsEnvironment();
			const keys = await boundKeys(context.secrets);
			const withKeys = await askToIncludeKeys(keys, vscode.l10n.t("Copy MCP configuration"));
			if (withKeys === undefined) return;
			await installLauncher(context);
			const included = withKeys ? keys : keys.filter(({ key }) => key === "");
			const env = environmentForClients(values, included, readSettings());
			const server = { command: "node", args: [launcherPath(context)], env };
			const configuration = { mcpServers: { "mcp-mem0": server } };
			await vscode.env.clipboard.writeText(`${JSON.stringify(configuration, null, 2)}\n`);
			const leftOut = keys.filter(({ key }) => key !== "").map(({ variable }) => variable);
			const copied = vscode.l10n.t("Copied for another client, which needs Node.js 22.16 or newer.");
			const about = withKeys
				? vscode.l10n.t("It contains your API keys as plain text.")
				: vscode.l10n.t("It contains no API keys: add {0} there.", listOf(leftOut));
			if (leftOut.length === 0) flash(copied);
			else if (withKeys) void notify.warn(`${copied} ${about}`);
			else flash(`${copied} ${about}`);
		}),
	);
}
