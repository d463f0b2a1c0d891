import * as vscode from "vscode";
import { type Config, type LogLevel, logLevels } from "../../config/config.ts";
import { readUsableConfig } from "../../config/usableConfig.ts";
import { variableOf } from "../../config/variables.ts";
import type { Change } from "../../settings/edits.ts";
import { settingsPrefix } from "../../settings/settingNames.ts";
import { fromSetting, settingVariables, toSetting, type Values } from "../../settings/values.ts";
import { hostEnvironment } from "./hostEnvironment.ts";

/** The values of the settings, as text; unset for settings at their default. A workspace has no influence. */
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
 * The configuration of the settings, without keys. The environment of VS Code contributes only `OPENAI_API_KEY` and the
 * variables that headers name, and a `.env` in a workspace nothing. For problems see `readUsableConfig`.
 * @throws ConfigError
 */
export function readSettings(): Config {
	return readUsableConfig(settingsEnvironment(), hostEnvironment()).config;
}

export function readLogLevel(): LogLevel {
	const level = vscode.workspace.getConfiguration(settingsPrefix).get<string>("logLevel")?.toUpperCase();
	// An unknown level is reported when the memory is opened; until then the log needs some level.
	return logLevels.find((known) => known === level) ?? "INFO";
}

/** Writes user settings, which a workspace cannot override; undefined removes one from settings.json. */
export async function updateSettings(changes: readonly Change[]): Promise<void> {
	const settings = vscode.workspace.getConfiguration(settingsPrefix);
	for (const { variable, value } of changes)
		await settings.update(
			variableOf(variable).setting as string,
			toSetting(variable, value),
			vscode.ConfigurationTarget.Global,
		);
}
