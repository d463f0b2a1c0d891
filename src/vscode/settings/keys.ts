import * as vscode from "vscode";
import {
	type BoundKey,
	fromSecret,
	isReadableInTransit,
	type KeySlot,
	type KeyVariable,
	keyProblem,
	keySlots,
	secretName,
	toSecret,
} from "../../settings/keys/boundKeys.ts";
import type { Deps } from "../deps.ts";
import { runForUser } from "../runForUser.ts";
import { readSettings } from "./vscodeSettings.ts";

/** The keys that were entered for the endpoints that the settings name. */
export async function boundKeys(secrets: vscode.SecretStorage): Promise<BoundKey[]> {
	const found = await Promise.all(
		keySlots(readSettings({})).map(async (slot) => {
			const key = fromSecret(await secrets.get(secretName(slot)));
			return key === undefined ? [] : [{ ...slot, key }];
		}),
	);
	return found.flat();
}

export async function storedKeys(
	secrets: vscode.SecretStorage,
): Promise<Partial<Record<KeyVariable, string>>> {
	return Object.fromEntries((await boundKeys(secrets)).map(({ variable, key }) => [variable, key]));
}

/** Asks for a key; it is kept in VS Code's secret storage and nowhere else. Undefined: it was not given. */
export async function askForKey(origin: string, more = ""): Promise<string | undefined> {
	const key = await vscode.window.showInputBox({
		title: `API key for ${origin}`,
		prompt: `Kept in VS Code's secret storage, and sent to this host only. ${more}`.trim(),
		password: true,
		ignoreFocusOut: true,
		validateInput: (text) => (text === "" ? undefined : keyProblem(text)),
	});
	return key?.trim();
}

const accepted = "keysOverPlainHttp";

/** Asks once for each host before a key goes where it can be read on its way. */
export async function mayTravel(context: vscode.ExtensionContext, origin: string): Promise<boolean> {
	const known = context.globalState.get<readonly string[]>(accepted, []);
	if (!isReadableInTransit(origin) || known.includes(origin)) return true;
	const chosen = await vscode.window.showWarningMessage(
		`Send the key to ${origin} unencrypted?`,
		{
			modal: true,
			detail:
				"This address begins with http and is not in a private network: whoever is between you and the server can read the key. Use https if the server offers it.",
		},
		"Send Unencrypted",
	);
	if (!chosen) return false;
	await context.globalState.update(accepted, [...known, origin]);
	return true;
}

/** `Mem0: Set API Key…` */
export function registerSetApiKey(deps: Deps): vscode.Disposable {
	return vscode.commands.registerCommand("mcpMem0.setApiKey", () => runForUser(deps, () => setApiKey(deps)));
}

const roles: Readonly<Record<KeyVariable, string>> = {
	LLM_API_KEY: "Language model",
	EMBEDDING_API_KEY: "Embeddings",
};

async function setApiKey({ context }: Deps): Promise<void> {
	const { secrets } = context;
	const slots = keySlots(readSettings({}));
	if (slots.length === 0) {
		const chosen = await vscode.window.showInformationMessage(
			"No endpoint is configured that could need a key. Set the provider and base URL first.",
			"Open Settings",
		);
		if (chosen) await vscode.commands.executeCommand("mcpMem0.openSettings");
		return;
	}
	const items = await Promise.all(
		slots.map(async (slot) => ({
			label: roles[slot.variable],
			description: slot.origin,
			detail: (await secrets.get(secretName(slot)))
				? "A key is stored"
				: slot.variable === "EMBEDDING_API_KEY"
					? slots.some(({ variable, origin }) => variable === "LLM_API_KEY" && origin === slot.origin)
						? "No key is stored; that of the language model is used"
						: "No key is stored; that of the language model is not sent to another host"
					: "No key is stored",
			slot,
		})),
	);
	const chosen = await vscode.window.showQuickPick(items, {
		title: "Set API key",
		placeHolder: "Whose key?",
	});
	if (!chosen) return;
	const { label, slot } = chosen;
	const stored = await enterKey(context, slot);
	if (stored === undefined) return;
	void vscode.window.showInformationMessage(
		`${label}: the key for ${slot.origin} is ${stored ? "stored" : "removed"}.`,
	);
}

/** Asks for the key of a host, and stores it. @returns whether there is one then; undefined: nothing was entered. */
export async function enterKey(
	context: vscode.ExtensionContext,
	slot: KeySlot,
): Promise<boolean | undefined> {
	const key = await askForKey(slot.origin, "Leave it empty to remove the key.");
	if (key === undefined || (key !== "" && !(await mayTravel(context, slot.origin)))) return undefined;
	await storeKey(context.secrets, slot, key === "" ? undefined : key);
	return key !== "";
}

/** Undefined removes it; empty: the server needs none. */
export async function storeKey(
	secrets: vscode.SecretStorage,
	slot: KeySlot,
	key: string | undefined,
): Promise<void> {
	if (key === undefined) await secrets.delete(secretName(slot));
	else await secrets.store(secretName(slot), toSecret(key));
}
