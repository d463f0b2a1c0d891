import * as vscode from "vscode";
import type { LogLevel } from "../config/config.ts";
import { createLog, type Log } from "../config/log.ts";

/** The log channel. `level` is asked at every line, so that a changed setting counts at once. */
export interface ChannelLog extends Log, vscode.Disposable {
	show(): void;
}

export function createChannelLog(level: () => LogLevel): ChannelLog {
	const channel = vscode.window.createOutputChannel("Mem0", { log: true });
	const write = (own: LogLevel, message: string) => {
		if (own === "ERROR") channel.error(message);
		else if (own === "WARNING") channel.warn(message);
		// The channel has a level of its own, which may be coarser: what the setting asks for is shown all the same.
		else if (own === "DEBUG" && channel.logLevel > vscode.LogLevel.Debug) channel.info(`[debug] ${message}`);
		else if (own === "DEBUG") channel.debug(message);
		else channel.info(message);
	};
	const at = (own: "debug" | "info" | "warn" | "error") => (message: string) =>
		createLog(level(), write)[own](message);
	return {
		debug: at("debug"),
		info: at("info"),
		warn: at("warn"),
		error: at("error"),
		show: () => channel.show(),
		dispose: () => channel.dispose(),
	};
}
