import * as vscode from "vscode";
import { isVariable } from "../../config/variables.ts";
import type { Deps } from "../deps.ts";
import { runForUser } from "../runForUser.ts";
import type { SettingsPanel } from "./panel.ts";
import { registerReembed } from "./reembed.ts";

/** The settings panel, `.env` files, keys and re-embedding; each is loaded when it is first used. */
export function registerSettings(deps: Deps): vscode.Disposable {
	let panel: Promise<SettingsPanel> | undefined;
	const load = () => {
		panel ??= import("./panel.ts").then(({ SettingsPanel }) => new SettingsPanel(deps));
		return panel;
	};
	const command = (id: string, action: (argument: unknown) => Promise<unknown>) =>
		vscode.commands.registerCommand(id, (argument) => runForUser(deps, () => action(argument)));
	return vscode.Disposable.from(
		command("mcpMem0.openSettings", async (variable) => {
			const focus = typeof variable === "string" && isVariable(variable) ? variable : undefined;
			await (await load()).show(focus);
		}),
		command("mcpMem0.importEnv", async (file) =>
			(await import("./envFiles.ts")).importEnv(await load(), file),
		),
		command("mcpMem0.exportEnv", async () => (await import("./envFiles.ts")).exportToFile(deps)),
		command("mcpMem0.setApiKey", async () => (await import("./setApiKey.ts")).setApiKey(deps)),
		command("mcpMem0.enterToken", async () => (await import("./setApiKey.ts")).enterToken(deps)),
		registerReembed(deps),
		vscode.window.registerWebviewPanelSerializer("mcpMem0.settings", {
			deserializeWebviewPanel: async (restored) => {
				await (await load()).show(undefined, restored);
			},
		}),
		{ dispose: () => void panel?.then((loaded) => loaded.dispose()) },
	);
}
