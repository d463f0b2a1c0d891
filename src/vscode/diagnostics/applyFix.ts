import * as vscode from "vscode";
import type { VariableName } from "../../config/variables.ts";
import type { Fix } from "../../doctor/report.ts";
import type { Change } from "../../settings/edits.ts";
import type { KeySlot } from "../../settings/keys/boundKeys.ts";
import { isSettingVariable } from "../../settings/values.ts";
import { rescueFiles } from "../../store/stores.ts";
import { askForKey, storeKey } from "../settings/keys.ts";
import { readSettings, updateSettings } from "../settings/vscodeSettings.ts";
import { notify } from "../ui.ts";

/** What a fix changes: the saved settings, or the edits in the settings panel. */
interface FixTarget {
	readonly set: (changes: readonly Change[]) => unknown;
	/** Undefined removes the key. */
	readonly setKey: (slot: KeySlot, key: string | undefined) => unknown;
	/** Puts the cursor into the field of a variable. */
	readonly open: (variable: VariableName) => unknown;
}

export function savedSettings({ secrets }: vscode.ExtensionContext): FixTarget {
	return {
		set: updateSettings,
		setKey: (slot, key) => storeKey(secrets, slot, key),
		open: (variable) => vscode.commands.executeCommand("mcpMem0.openSettings", variable),
	};
}

/** @returns whether anything has changed, so that the checks should run again. */
export async function applyFix({ secrets }: vscode.ExtensionContext, fix: Fix, target: FixTarget) {
	switch (fix.kind) {
		case "set":
			await target.set(
				fix.changes.flatMap(({ variable, value }) =>
					isSettingVariable(variable) ? [{ variable, value }] : [],
				),
			);
			return true;
		case "enter-key":
		case "open-setting": {
			// While the host of a key is unknown, the key's field shows what is needed first.
			if (fix.kind === "open-setting" || fix.origin === "") {
				await target.open(fix.variable);
				return false;
			}
			const key = await askForKey(secrets, fix);
			if (key !== undefined) await target.setKey(fix, key || undefined);
			return key !== undefined;
		}
		case "reembed":
			await vscode.commands.executeCommand("mcpMem0.reembed");
			return true;
		case "rescue": {
			const told = await rescueFiles(readSettings(), fix.files);
			for (const text of told) void notify.info(text);
			return true;
		}
		case "connect":
			// It shows the change before it writes it.
			await vscode.commands.executeCommand("mcpMem0.connectAgents", fix.client);
			return true;
		case "open-file": {
			const at = new vscode.Position((fix.line ?? 1) - 1, 0);
			await vscode.window.showTextDocument(vscode.Uri.file(fix.file), {
				selection: new vscode.Range(at, at),
			});
			return false;
		}
		case "host-setting":
			await vscode.workspace
				.getConfiguration()
				.update(fix.setting, fix.value, vscode.ConfigurationTarget.Global);
			return true;
		case "advice":
			return false;
	}
}
