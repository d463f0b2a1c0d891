import * as vscode from "vscode";
import { UnknownMemoryError } from "../memory/errors.ts";
import { errorText } from "../memory/errorText.ts";
import { inSettings } from "../settings/settingNames.ts";
import type { ChannelLog } from "./channelLog.ts";
import { notify } from "./ui.ts";

/** What went wrong, in the words of VS Code: its settings, and no ids, which only agents can use. */
export function errorForUser(error: unknown): string {
	if (error instanceof UnknownMemoryError)
		return vscode.l10n.t("The memory was deleted. Restore it under “Recently deleted”, and try again.");
	return inSettings(errorText(error));
}

/** Runs what a person asked for. A failure is shown to them, with buttons that help. */
export async function runForUser<T>({ log }: { readonly log: ChannelLog }, action: () => Promise<T>) {
	try {
		return await action();
	} catch (error) {
		const text = errorForUser(error);
		log.error(text);
		const [openSettings, showLog] = [vscode.l10n.t("Open Settings"), vscode.l10n.t("Show Log")];
		void notify.error(text, openSettings, showLog).then((chosen) => {
			if (chosen === showLog) log.show();
			else if (chosen) void vscode.commands.executeCommand("mcpMem0.openSettings");
		});
		return undefined;
	}
}
