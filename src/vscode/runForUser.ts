import * as vscode from "vscode";
import { errorText } from "../memory/errorText.ts";
import { inSettings } from "../settings/settingNames.ts";
import type { ChannelLog } from "./channelLog.ts";

/** Runs what a person asked for. A failure is shown to them, with buttons that help. */
export async function runForUser<T>({ log }: { readonly log: ChannelLog }, action: () => Promise<T>) {
	try {
		return await action();
	} catch (error) {
		const text = inSettings(errorText(error));
		log.error(text);
		void vscode.window.showErrorMessage(text, "Open Settings", "Show Log").then((chosen) => {
			if (chosen === "Show Log") log.show();
			else if (chosen) void vscode.commands.executeCommand("mcpMem0.openSettings");
		});
		return undefined;
	}
}

/** Shows a notification while the work goes on, with a button that aborts the signal. */
export function withProgress<T>(
	title: string,
	work: (
		progress: vscode.Progress<{ message?: string; increment?: number }>,
		signal: AbortSignal,
	) => Promise<T>,
): Thenable<T> {
	const options = { location: vscode.ProgressLocation.Notification, title, cancellable: true };
	return vscode.window.withProgress(options, (progress, token) => {
		const stop = new AbortController();
		token.onCancellationRequested(() => stop.abort(new Error("cancelled")));
		return work(progress, stop.signal);
	});
}
