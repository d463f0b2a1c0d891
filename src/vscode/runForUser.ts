import * as vscode from "vscode";
import { UnknownMemoryError } from "../memory/errors.ts";
import { errorText } from "../memory/errorText.ts";
import { inSettings } from "../settings/settingNames.ts";
import { StoreError } from "../store/errors.ts";
import type { ChannelLog } from "./channelLog.ts";
import { notify } from "./ui.ts";

/** What went wrong, in the words of VS Code: its settings, and no ids, which only agents can use. */
export function errorForUser(error: unknown): string {
	if (error instanceof UnknownMemoryError)
		return vscode.l10n.t("The memory was deleted. Restore it under “Recently deleted”, and try again.");
	return inSettings(errorText(error));
}

/** Whether a team's server lets nobody in with the token that this window has. */
export function needsToken(error: unknown): boolean {
	return error instanceof StoreError && error.kind === "refused" && /^https?:/.test(error.path);
}

/** Shows that the token is refused, with a button. @returns whether there is another one now. */
export async function offerToken(text: string): Promise<boolean> {
	const enter = vscode.l10n.t("Enter Token…");
	if ((await notify.error(text, enter)) !== enter) return false;
	return (await vscode.commands.executeCommand<boolean>("mcpMem0.enterToken")) === true;
}

/** Runs what a person asked for. A failure is shown to them, with buttons that help. */
export async function runForUser<T>(
	deps: { readonly log: ChannelLog },
	action: () => Promise<T>,
): Promise<T | undefined> {
	const { log } = deps;
	try {
		return await action();
	} catch (error) {
		const text = errorForUser(error);
		log.error(text);
		if (needsToken(error)) return (await offerToken(text)) ? runForUser(deps, action) : undefined;
		const [openSettings, showLog] = [vscode.l10n.t("Open Settings"), vscode.l10n.t("Show Log")];
		void notify.error(text, openSettings, showLog).then((chosen) => {
			if (chosen === showLog) log.show();
			else if (chosen) void vscode.commands.executeCommand("mcpMem0.openSettings");
		});
		return undefined;
	}
}
