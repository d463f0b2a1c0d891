import * as vscode from "vscode";
import { errorText } from "../memory/errorText.ts";
import { inSettings } from "../settings/settingNames.ts";
import type { ChannelLog } from "./channelLog.ts";
import { notify } from "./ui.ts";

/** Runs what a person asked for. A failure is shown to them, with buttons that help. */
export async function runForUser<T>({ log }: { readonly log: ChannelLog }, action: () => Promise<T>) {
	try {
		return await action();
	} catch (error) {
		const text = inSettings(errorText(error));
		log.error(text);
		const [openSettings, showLog] = [vscode.l10n.t("Open Settings"), vscode.l10n.t("Show Log")];
		void notify.error(text, openSettings, showLog).then((chosen) => {
			if (chosen === showLog) log.show();
			else if (chosen) void vscode.commands.executeCommand("mcpMem0.openSettings");
		});
		return undefined;
	}
}
