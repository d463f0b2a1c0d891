import * as vscode from "vscode";
import { keyProblem, readKey } from "../../config/keyText.ts";
import type { Environment, VariableName } from "../../config/variables.ts";
import type { EditedSettings } from "../../settings/editedSettings.ts";
import {
	type BoundKey,
	fromSecret,
	hostsOf,
	type KeySlot,
	keySlots,
	secretName,
	slotOf,
	toSecret,
} from "../../settings/keys/boundKeys.ts";
import { type AskToSend, mayTravel, secretWords, withoutExposed } from "../../settings/keys/transit.ts";
import type { ToExtension } from "../../settings/panel/protocol.ts";
import { listOf } from "../../text/wording.ts";
import { ask, confirm, pick } from "../ui.ts";
import { databaseEnvironment } from "./databasePassword.ts";
import { hostEnvironment } from "./hostEnvironment.ts";
import { readSettings, settingsEnvironment } from "./vscodeSettings.ts";

/** The stored keys of the servers that the settings name. */
export async function boundKeys(secrets: vscode.SecretStorage): Promise<BoundKey[]> {
	const found: BoundKey[] = [];
	for (const slot of keySlots(readSettings())) {
		const key = fromSecret(await secrets.get(secretName(slot)));
		if (key !== undefined) found.push({ ...slot, key });
	}
	return found;
}

/** The stored token, if the settings name a team's server of this origin. */
export async function storedToken(
	secrets: vscode.SecretStorage,
	origin: string,
): Promise<string | undefined> {
	const token = slotOf(await boundKeys(secrets), "TEAM_SERVER_TOKEN");
	return token?.origin === origin ? token.key : undefined;
}

/** The configuration of the settings and the stored keys, with what may not travel. */
export async function givenEnvironment(secrets: vscode.SecretStorage): Promise<Environment> {
	const keys = (await boundKeys(secrets)).map(({ variable, key }) => [variable, key] as const);
	return { ...settingsEnvironment(), ...Object.fromEntries(keys), ...(await databaseEnvironment(secrets)) };
}

/**
 * The configuration of the settings and the stored keys, without what may not travel.
 * @param ask without it, nobody is asked.
 */
export async function storedEnvironment(
	secrets: vscode.SecretStorage,
	ask?: AskToSend,
): Promise<Environment> {
	return withoutExposed(secrets, await givenEnvironment(secrets), hostEnvironment(), ask);
}

/** Undefined removes the key; empty: the server needs none. */
export async function storeKey(secrets: vscode.SecretStorage, slot: KeySlot, key: string | undefined) {
	if (key === undefined) await secrets.delete(secretName(slot));
	else await secrets.store(secretName(slot), toSecret(key));
}

/** Asks for the key of a host. Undefined: cancelled; empty: the key is to be removed. */
export async function askForKey(secrets: vscode.SecretStorage, { variable, origin }: KeySlot) {
	const isToken = variable === "TEAM_SERVER_TOKEN";
	const given = await ask({
		title: isToken
			? vscode.l10n.t("Token for {0}", origin)
			: vscode.l10n.t("API key for {0}", hostsOf({ origin })),
		prompt: isToken
			? vscode.l10n.t(
					"Kept in VS Code's secret storage and sent only to this server. Leave it empty to remove the token.",
				)
			: vscode.l10n.t(
					"Kept in VS Code's secret storage and sent only to this host. Leave it empty to remove the key.",
				),
		password: true,
		ignoreFocusOut: true,
		validateInput: (text) => (text === "" ? undefined : keyProblem(text)),
	});
	const key = given && readKey(given).key;
	return key && !(await mayTravel(secrets, origin, "key", askToSend)) ? undefined : key;
}

/** Asks once per host before a secret goes where others can read it in transit. */
export const askToSend: AskToSend = async (origin, what, why) =>
	// Who presses Test, List or Save has chosen the host.
	why === "other host" ||
	confirm(
		vscode.l10n.t("Send the {0} to {1} unencrypted?", secretWords(what), hostsOf({ origin })),
		vscode.l10n.t(
			"This address begins with http and is not in a private network: anyone between you and the server can read what is sent. Use https if the server offers it.",
		),
		vscode.l10n.t("Send Unencrypted"),
	);

/** Asks whether an export may contain keys, which otherwise stay in the secret storage. Undefined: cancelled. */
export async function askToIncludeKeys(keys: readonly BoundKey[], title: string) {
	const origins = [...new Set(keys.filter(({ key }) => key !== "").map(({ origin }) => origin))];
	if (origins.length === 0) return false;
	const chosen = await pick(
		[
			{
				label: vscode.l10n.t("Without API keys"),
				detail: vscode.l10n.t("They stay in VS Code's secret storage."),
				withKeys: false,
			},
			{
				label: vscode.l10n.t("With API keys, as plain text"),
				detail: vscode.l10n.t(
					"For {0}. Anyone who can read the result can use them.",
					listOf(origins.map((origin) => hostsOf({ origin }))),
				),
				withKeys: true,
			},
		],
		{ title, placeHolder: vscode.l10n.t("Include the stored API keys?") },
	);
	return chosen?.withKeys;
}

const urlVariables = {
	LLM_API_KEY: "LLM_BASE_URL",
	EMBEDDING_API_KEY: "EMBEDDING_BASE_URL",
	TEAM_SERVER_TOKEN: "TEAM_SERVER_URL",
} as const;

/** Does with a key in the panel what a button there says. @returns the variable whose field gets the cursor. */
export async function changeKey(
	secrets: vscode.SecretStorage,
	{ keys, keyStatuses }: EditedSettings,
	{ variable, action }: Extract<ToExtension, { kind: "key" }>,
): Promise<VariableName> {
	const status = keyStatuses.find(({ slot }) => slot.variable === variable);
	// Without a URL there is no host to keep a key for.
	if (!status) return urlVariables[variable];
	const { slot, reusable } = status;
	if (action === "none") keys.set(slot, "");
	else if (action === "remove") keys.set(slot, undefined);
	else {
		const mayReuse =
			action === "reuse" && reusable && (await mayTravel(secrets, slot.origin, "key", askToSend));
		const reused = mayReuse ? await keys.get(reusable) : undefined;
		const key = action === "enter" ? await askForKey(secrets, slot) : reused;
		if (key !== undefined) keys.set(slot, key || undefined);
	}
	return variable;
}
