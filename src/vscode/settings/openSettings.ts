import * as vscode from "vscode";
import { isVariable } from "../../settings/values.ts";
import type { Deps } from "../deps.ts";
import { runForUser } from "../runForUser.ts";
import type { SettingsPanel } from "./panel.ts";

/**
 * `Mem0: Open Settings`, `Mem0: Import .env…` and `Mem0: Export .env…`. The panel is loaded when it is first opened.
 */
export function registerSettings(deps: Deps): vscode.Disposable {
	let panel: Promise<SettingsPanel> | undefined;
	const load = () => {
		panel ??= import("./panel.ts").then(({ SettingsPanel }) => new SettingsPanel(deps));
		return panel;
	};
	const command = (id: string, action: (...args: unknown[]) => Promise<unknown>) =>
		vscode.commands.registerCommand(id, (...args: unknown[]) => runForUser(deps, () => action(...args)));
	return vscode.Disposable.from(
		command("mcpMem0.openSettings", async (variable) => {
			const focus = typeof variable === "string" && isVariable(variable) ? variable : undefined;
			await (await load()).show(focus);
		}),
		command("mcpMem0.importEnv", async (file) => {
			const { importEnv } = await import("./envFiles.ts");
			await importEnv(await load(), file);
		}),
		command("mcpMem0.exportEnv", async () => {
			const { exportToFile } = await import("./envFiles.ts");
			await exportToFile(deps);
		}),
		vscode.window.registerWebviewPanelSerializer("mcpMem0.settings", {
			deserializeWebviewPanel: async (restored) => {
				await (await load()).show(undefined, restored);
			},
		}),
		{ dispose: () => void panel?.then((loaded) => loaded.dispose()) },
	);
}
