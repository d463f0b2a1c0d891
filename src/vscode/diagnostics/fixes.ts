import * as vscode from "vscode";
import type { Fix } from "../../doctor/report.ts";
import { isSettingVariable } from "../../settings/values.ts";
import type { Deps } from "../deps.ts";
import { enterKey } from "../settings/keys.ts";
import { updateSettings } from "../settings/vscodeSettings.ts";

/** Does what a fix says. @returns whether anything is otherwise now, so that it is worth while to check again. */
export async function applyFix({ context }: Pick<Deps, "context">, fix: Fix): Promise<boolean> {
	switch (fix.kind) {
		case "set":
			await updateSettings(
				fix.changes.flatMap(({ variable, value }) =>
					isSettingVariable(variable) ? [{ variable, value }] : [],
				),
			);
			return true;
		case "enter-key": {
			if (fix.origin === "") {
				await vscode.commands.executeCommand("mcpMem0.setApiKey");
				return true;
			}
			return (await enterKey(context, fix)) !== undefined;
		}
		case "open-setting":
			await openSetting(fix.variable);
			return false;
		case "reembed":
			await vscode.commands.executeCommand("mcpMem0.reembed");
			return true;
		case "advice":
			return false;
	}
}

/** In the settings panel, which has a field for each; keys have theirs there, too. */
async function openSetting(name: string): Promise<void> {
	await vscode.commands.executeCommand("mcpMem0.openSettings", name);
}
