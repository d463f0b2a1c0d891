import * as vscode from "vscode";
import { type PlainKey, plainKeys, wouldBeKeySettings } from "../../settings/keys/plainKeys.ts";
import { settingsPrefix } from "../../settings/settingNames.ts";
import { mayTravel, storeKey } from "./keys.ts";
import { readSettings, settingsEnvironment, updateSettings } from "./vscodeSettings.ts";

/** Keys that somebody has put into settings.json. */
export function findPlainKeys(): PlainKey[] {
	const settings = vscode.workspace.getConfiguration(settingsPrefix);
	const given = Object.fromEntries(
		wouldBeKeySettings.map((setting) => [setting, settings.inspect(setting)?.globalValue]),
	);
	return plainKeys(given, settingsEnvironment(), readSettings({}));
}

/** Takes them out of settings.json into the secret storage. */
export async function movePlainKeys(context: vscode.ExtensionContext): Promise<void> {
	const settings = vscode.workspace.getConfiguration(settingsPrefix);
	for (const { key, removal } of findPlainKeys()) {
		if (!(await mayTravel(context, key.origin))) continue;
		await storeKey(context.secrets, key, key.key);
		if ("setting" in removal)
			await settings.update(removal.setting, undefined, vscode.ConfigurationTarget.Global);
		else await updateSettings([removal]);
	}
}
