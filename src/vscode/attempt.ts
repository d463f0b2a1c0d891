import * as vscode from "vscode";
import { errorText } from "../memory/errorText.ts";
import type { Deps } from "./deps.ts";

/** Runs what a person asked for; a failure is shown to them in words, with the way to the log. */
export async function attempt<T>(
	{ log }: Pick<Deps, "log">,
	action: () => Promise<T>,
): Promise<T | undefined> {
	try {
		return await action();
	} catch (error) {
		const text = errorText(error);
		log.error(text);
		void vscode.window.showErrorMessage(text, "Show Log").then((chosen) => {
			if (chosen) log.show();
		});
		return undefined;
	}
}
