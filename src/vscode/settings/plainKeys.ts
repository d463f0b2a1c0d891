import * as vscode from "vscode";
import type { Endpoints } from "../../config/endpoints.ts";
import { type PlainKey, plainKeys, wouldBeKeySettings } from "../../settings/keys/plainKeys.ts";
import { mayTravel } from "../../settings/keys/transit.ts";
import { settingsPrefix } from "../../settings/settingNames.ts";
import { askToSend, storeKey } from "./keys.ts";
import { settingsEnvironment, updateSettings } from "./vscodeSettings.ts";

/** Keys that somebody has put into settings.json, for the endpoints that the settings name. */
export function findPlainKeys(endpoints: Endpoints): PlainKey[] {
	const settings = vscode.workspace.getConfiguration(settingsPrefix);
	const given = Object.fromEntries(
		wouldBeKeySettings.map((setting) => [setting, settings.inspect(setting)?.globalValue]),
	);
	return plainKeys(given, settingsEnvironment(), endpoints);
}

/** Moves them from settings.json to the secret storage. */
export async function movePlainKeys(context: vscode.ExtensionContext, found: readonly PlainKey[]) {
	const settings = vscode.workspace.getConfiguration(settingsPrefix);
	for (const { key, removal } of found) {
		if (!(await mayTravel(context.secrets, key.origin, "key", askToSend))) continue;
		await storeKey(context.secrets, key, key.key);
		if ("setting" in removal)
			await settings.update(removal.setting, undefined, vscode.ConfigurationTarget.Global);
		else await updateSettings([removal]);
	}
}
