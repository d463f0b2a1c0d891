import * as vscode from "vscode";
import { covers } from "../../config/endpoints.ts";
import { hostsOf, type KeySlot, keySlots, secretName } from "../../settings/keys/boundKeys.ts";
import type { Deps } from "../deps.ts";
import { flash, notify, pick } from "../ui.ts";
import { databasePasswordItem } from "./databasePassword.ts";
import { askForKey, storeKey } from "./keys.ts";
import { readSettings } from "./vscodeSettings.ts";

/** `Mem0: Set API Key…` */
export async function setApiKey({ context }: Deps): Promise<void> {
	const { secrets } = context;
	const slots = keySlots(readSettings());
	const database = await databasePasswordItem(secrets);
	if (slots.length === 0 && !database) {
		const chosen = await notify.info(
			vscode.l10n.t("No endpoint is configured that could need a key. Set the provider and base URL first."),
			vscode.l10n.t("Open Settings"),
		);
		if (chosen) await vscode.commands.executeCommand("mcpMem0.openSettings");
		return;
	}
	const items = await Promise.all(
		slots.map(async (slot) => ({
			label: labelOf(slot),
			description: hostsOf(slot),
			detail: (await secrets.get(secretName(slot)))
				? vscode.l10n.t("A key is stored")
				: noKeyText(slot, slots),
			set: () => setKey(secrets, slot),
		})),
	);
	const title = vscode.l10n.t("Set API key");
	const options = { title, placeHolder: vscode.l10n.t("Which endpoint is the key for?") };
	const chosen = await pick([...items, ...(database ? [database] : [])], options);
	await chosen?.set();
}

async function setKey(secrets: vscode.SecretStorage, slot: KeySlot): Promise<void> {
	const key = await askForKey(secrets, slot.origin);
	if (key === undefined) return;
	await storeKey(secrets, slot, key || undefined);
	const words = [labelOf(slot), hostsOf(slot)] as const;
	flash(
		key === ""
			? vscode.l10n.t("{0}: the key for {1} is removed", ...words)
			: vscode.l10n.t("{0}: the key for {1} is stored", ...words),
	);
}

function labelOf({ variable }: KeySlot): string {
	return variable === "LLM_API_KEY" ? vscode.l10n.t("Language model") : vscode.l10n.t("Embeddings");
}

function noKeyText({ variable, origin }: KeySlot, slots: readonly KeySlot[]): string {
	if (variable === "LLM_API_KEY") return vscode.l10n.t("No key is stored");
	return slots.some((slot) => slot.variable === "LLM_API_KEY" && covers(slot.origin, origin))
		? vscode.l10n.t("No key is stored; the language model's key is used")
		: vscode.l10n.t("No key is stored; the language model's key does not go to another host");
}
