import * as vscode from "vscode";
import { type Config, type LogLevel, logLevels } from "../../config/config.ts";
import { readUsableConfig, type UsableConfig } from "../../config/usableConfig.ts";
import type { Environment } from "../../config/variables.ts";
import type { Change } from "../../settings/edits.ts";
import { settingsPrefix } from "../../settings/settingNames.ts";
import { fromSetting, settingVariables, toSetting, type Values, variableOf } from "../../settings/values.ts";

/** The variables that the settings hold, as text; those left at their default are unset. A workspace has no say. */
export function settingsEnvironment(): Values {
	const settings = vscode.workspace.getConfiguration(settingsPrefix);
	return Object.fromEntries(
		settingVariables.flatMap(({ name, setting }) => {
			const value = fromSetting(name, settings.inspect(setting)?.globalValue);
			return value === undefined ? [] : [[name, value]];
		}),
	);
}

/**
 * The configuration from the settings and the stored keys: neither the environment VS Code was started in nor a `.env`
 * in a workspace has a say, but for `OPENAI_API_KEY` and what headers name themselves. Endpoints that are not set up
 * are left out, see `readUsableConfig`.
 * @throws ConfigError
 */
export function readUsableSettings(keys: Environment): UsableConfig {
	return readUsableConfig({ ...settingsEnvironment(), ...keys }, process.env);
}

/** @throws ConfigError */
export function readSettings(keys: Environment): Config {
	return readUsableSettings(keys).config;
}

export function readLogLevel(): LogLevel {
	const level =
		vscode.workspace.getConfiguration(settingsPrefix).get<string>("logLevel")?.toUpperCase() ?? "";
	// A word that is none of the levels is reported when the memory is opened; the log must be able to say so.
	return logLevels.find((known) => known === level) ?? "INFO";
}

/** Writes settings where a workspace has no say; undefined values take theirs out of settings.json. */
export async function updateSettings(changes: readonly Change[]): Promise<void> {
	const settings = vscode.workspace.getConfiguration(settingsPrefix);
	for (const { variable, value } of changes)
		await settings.update(
			variableOf(variable).setting as string,
			toSetting(variable, value),
			vscode.ConfigurationTarget.Global,
		);
}
