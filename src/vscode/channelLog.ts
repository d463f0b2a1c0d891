import * as vscode from "vscode";
import type { LogLevel } from "../config/config.ts";
import { createLog, type Log } from "../config/log.ts";
import { redactor } from "../config/redact.ts";
import { inLog } from "../text/inert.ts";

/** The log channel. `level` is called for every line, so that a changed setting applies at once. */
export interface ChannelLog extends Log, vscode.Disposable {
	/** From now on, no line shows these secrets. Earlier ones stay hidden: a worker may still report about them. */
	hide(secrets: readonly string[]): void;
	show(): void;
}

export function createChannelLog(level: () => LogLevel): ChannelLog {
	const channel = vscode.window.createOutputChannel("Mem0", { log: true });
	const write = (own: LogLevel, text: string) => {
		const message = inLog(text);
		if (own === "ERROR") channel.error(message);
		else if (own === "WARNING") channel.warn(message);
		// The channel's own level may be higher; lines that the setting asks for are still shown.
		else if (own === "DEBUG" && channel.logLevel > vscode.LogLevel.Debug) channel.info(`[debug] ${message}`);
		else if (own === "DEBUG") channel.debug(message);
		else channel.info(message);
	};
	const hidden = new Set<string>();
	let redact = redactor([]);
	const log = () => createLog(level(), redact, write);
	return {
		debug: (message) => log().debug(message),
		info: (message) => log().info(message),
		warn: (message) => log().warn(message),
		error: (message) => log().error(message),
		hide: (secrets) => {
			for (const secret of secrets) hidden.add(secret);
			redact = redactor([...hidden]);
		},
		show: () => channel.show(),
		dispose: () => channel.dispose(),
	};
}
