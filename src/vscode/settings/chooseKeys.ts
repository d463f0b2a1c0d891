import * as vscode from "vscode";
import type { BoundKey } from "../../settings/keys/boundKeys.ts";

/** Keys leave the secret storage only where somebody says so. Undefined: called off. */
export async function chooseKeys(keys: readonly BoundKey[], title: string): Promise<boolean | undefined> {
	const origins = [...new Set(keys.filter(({ key }) => key !== "").map(({ origin }) => origin))];
	if (origins.length === 0) return false;
	const chosen = await vscode.window.showQuickPick(
		[
			{ label: "Without API keys", detail: "They stay in VS Code's secret storage.", withKeys: false },
			{
				label: "With API keys, as plain text",
				detail: `For ${origins.join(" and ")}. Whoever can read the result can use them.`,
				withKeys: true,
			},
		],
		{ title, placeHolder: "With the API keys that are stored?" },
	);
	return chosen?.withKeys;
}
