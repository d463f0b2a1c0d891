import * as vscode from "vscode";
import { type Config, type LogLevel, logLevels, readConfig } from "../config/config.ts";
import { variables } from "../config/variables.ts";

export const settingsPrefix = "mcpMem0";

/**
 * The configuration from the settings alone: neither the environment VS Code was started in nor a `.env` in a
 * workspace has a say.
 * @throws ConfigError
 */
export function readSettings(): Config {
	const settings = vscode.workspace.getConfiguration(settingsPrefix);
	const env: Record<string, string> = {};
	for (const variable of variables) {
		if (!("setting" in variable)) continue;
		const value = settings.get<string>(variable.setting);
		if (value) env[variable.name] = value;
	}
	return readConfig(env).config;
}

export function readLogLevel(): LogLevel {
	const level =
		vscode.workspace.getConfiguration(settingsPrefix).get<string>("logLevel")?.toUpperCase() ?? "";
	// A word that is none of the levels is reported when the memory is opened; the log must be able to say so.
	return logLevels.find((known) => known === level) ?? "INFO";
}
