import { setTimeout as sleep } from "node:timers/promises";
import * as vscode from "vscode";
import { covers } from "../../config/endpoints.ts";
import { hostsOf, type KeySlot, keySlots, secretName, slotOf } from "../../settings/keys/boundKeys.ts";
import type { Deps } from "../deps.ts";
import { flash, notify, pick } from "../ui.ts";
import { databasePasswordItem } from "./databasePassword.ts";
import { askForKey, storeKey } from "./keys.ts";
import { readSettings } from "./vscodeSettings.ts";

/** ms */
const longestEvent = 1000;

/** `Mem0: Enter Token of Team's Server…` @returns whether there is one now, and the memory knows it. */
export async function enterToken({ context: { secrets } }: Deps): Promise<boolean> {
	const slot = slotOf(keySlots(readSettings()), "TEAM_SERVER_TOKEN");
	if (!slot) {
		await vscode.commands.executeCommand("mcpMem0.openSettings", "TEAM_SERVER_URL");
		return false;
	}
	const token = await askForKey(secrets, slot);
	if (!token) return false;
	// The event tells the memory, a moment after the storage has it.
	const { promise: told, resolve } = Promise.withResolvers<void>();
	const listening = secrets.onDidChange(() => resolve());
	await storeKey(secrets, slot, token);
	await Promise.race([told, sleep(longestEvent)]);
	listening.dispose();
	flash(doneText(slot));
	return true;
}

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
			detail: (await secrets.get(secretName(slot))) ? storedText(slot) : noKeyText(slot, slots),
			set: () => setKey(secrets, slot),
		})),
	);
	const title = vscode.l10n.t("Set API key");
	const options = { title, placeHolder: vscode.l10n.t("What is the key for?") };
	const chosen = await pick([...items, ...(database ? [database] : [])], options);
	await chosen?.set();
}

async function setKey(secrets: vscode.SecretStorage, slot: KeySlot): Promise<void> {
	const key = await askForKey(secrets, slot);
	if (key === undefined) return;
	await storeKey(secrets, slot, key || undefined);
	flash(key === "" ? removedText(slot) : doneText(slot));
}

function removedText(slot: KeySlot): string {
	return slot.variable === "TEAM_SERVER_TOKEN"
		? vscode.l10n.t("The token for {0} is removed", slot.origin)
		: vscode.l10n.t("{0}: the key for {1} is removed", labelOf(slot), hostsOf(slot));
}

function doneText(slot: KeySlot): string {
	return slot.variable === "TEAM_SERVER_TOKEN"
		? vscode.l10n.t("The token for {0} is stored", slot.origin)
		: vscode.l10n.t("{0}: the key for {1} is stored", labelOf(slot), hostsOf(slot));
}

function labelOf({ variable }: KeySlot): string {
	return {
		LLM_API_KEY: vscode.l10n.t("Language model"),
		EMBEDDING_API_KEY: vscode.l10n.t("Embeddings"),
		TEAM_SERVER_TOKEN: vscode.l10n.t("Team's server"),
	}[variable];
}

function storedText({ variable }: KeySlot): string {
	return variable === "TEAM_SERVER_TOKEN"
		? vscode.l10n.t("A token is stored")
		: vscode.l10n.t("A key is stored");
}

function noKeyText({ variable, origin }: KeySlot, slots: readonly KeySlot[]): string {
	if (variable === "TEAM_SERVER_TOKEN") return vscode.l10n.t("No token is stored");
	if (variable === "LLM_API_KEY") return vscode.l10n.t("No key is stored");
	return slots.some((slot) => slot.variable === "LLM_API_KEY" && covers(slot.origin, origin))
		? vscode.l10n.t("No key is stored; the language model's key is used")
		: vscode.l10n.t("No key is stored; the language model's key does not go to another host");
}
