import * as vscode from "vscode";
import { errorText } from "../memory/errorText.ts";
import { inSettings } from "../settings/settingNames.ts";
import type { Deps } from "./deps.ts";

/** Runs what a person asked for; a failure is shown to them in words, with the ways to mend it. */
export async function runForUser<T>(
	{ log }: Pick<Deps, "log">,
	action: () => Promise<T>,
): Promise<T | undefined> {
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
