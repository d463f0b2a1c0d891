import * as vscode from "vscode";
import { type Config, type ConfigResult, type LogLevel, logLevels, readConfig } from "../config/config.ts";
import { settingsPrefix } from "../config/settingNames.ts";
import { type Environment, variables } from "../config/variables.ts";

/** The variables that the settings hold, as text; those left at their default are unset. */
export function settingsEnvironment(): Record<string, string> {
	const settings = vscode.workspace.getConfiguration(settingsPrefix);
	const env: Record<string, string> = {};
	for (const variable of variables) {
		if (!("setting" in variable)) continue;
		const value = settings.inspect(variable.setting)?.globalValue;
		if (value === undefined || value === null || value === "") continue;
		const text = typeof value === "object" ? JSON.stringify(value) : String(value);
		if (text !== "{}") env[variable.name] = text;
	}
	return env;
}

/**
 * The configuration from the settings and the stored keys: neither the environment VS Code was started in nor a `.env`
 * in a workspace has a say, but for `OPENAI_API_KEY` and what headers name themselves.
 * @throws ConfigError
 */
export function readSettings(keys: Environment): Config {
	return readSettingsWithNotices(keys).config;
}

export function readSettingsWithNotices(keys: Environment): ConfigResult {
	return readConfig({ ...settingsEnvironment(), ...keys }, process.env, { boundKeys: true });
}

export function readLogLevel(): LogLevel {
	const level =
		vscode.workspace.getConfiguration(settingsPrefix).get<string>("logLevel")?.toUpperCase() ?? "";
	// A word that is none of the levels is reported when the memory is opened; the log must be able to say so.
	return logLevels.find((known) => known === level) ?? "INFO";
}
