import { isDeepStrictEqual } from "node:util";
import * as vscode from "vscode";
import { type DatabaseAddress, readDatabaseUrl } from "../../config/database.ts";
import type { Environment } from "../../config/variables.ts";
import type { EditedSettings } from "../../settings/editedSettings.ts";
import {
	databaseHost,
	passwordSecret,
	splitPassword,
	withPassword,
} from "../../settings/keys/databasePassword.ts";
import { ask, flash } from "../ui.ts";
import { settingsEnvironment, updateSettings } from "./vscodeSettings.ts";

/** The database's URL with the password that is stored for its user and host. One in the settings is moved to the secrets. */
export async function databaseEnvironment(secrets: vscode.SecretStorage): Promise<Environment> {
	const given = settingsEnvironment().DATABASE_URL;
	const name = given && passwordSecret(given);
	if (!given || !name) return {};
	const { url, password } = splitPassword(given);
	if (password !== undefined) {
		await secrets.store(name, password);
		await updateSettings([{ variable: "DATABASE_URL", value: url }]);
	}
	return { DATABASE_URL: withPassword(url, password ?? (await secrets.get(name))) };
}

/** The stored password, if it is that of this user of this database. */
export async function storedPassword(
	secrets: vscode.SecretStorage,
	asked: Pick<DatabaseAddress, "host" | "port" | "user">,
): Promise<string | undefined> {
	const { DATABASE_URL } = await databaseEnvironment(secrets);
	const own = DATABASE_URL === undefined ? undefined : readDatabaseUrl(DATABASE_URL);
	if (!own || typeof own === "string") return undefined;
	return isDeepStrictEqual([own.host, own.port, own.user], [asked.host, asked.port, asked.user])
		? own.password
		: undefined;
}

/** Undefined: cancelled; empty: the password is to be removed. @param host with its user. */
export function askForPassword(host: string): Promise<string | undefined> {
	return ask({
		title: vscode.l10n.t("Password of {0}", host),
		prompt: vscode.l10n.t(
			"Kept in VS Code's secret storage and sent only to this host. Leave it empty to remove the password.",
		),
		password: true,
		ignoreFocusOut: true,
	});
}

/** What `Mem0: Set API Key…` offers for the database that the settings name. */
export async function databasePasswordItem(secrets: vscode.SecretStorage) {
	const url = settingsEnvironment().DATABASE_URL;
	const name = url && passwordSecret(url);
	const read = url === undefined ? undefined : readDatabaseUrl(url);
	if (!name || !read || typeof read === "string") return undefined;
	const host = databaseHost(read);
	return {
		label: vscode.l10n.t("Database"),
		description: host,
		detail: (await secrets.get(name))
			? vscode.l10n.t("A password is stored")
			: vscode.l10n.t("No password is stored"),
		set: async () => {
			const given = await askForPassword(host);
			if (given === undefined) return;
			if (given === "") await secrets.delete(name);
			else await secrets.store(name, given);
			flash(
				given === ""
					? vscode.l10n.t("The password of {0} is removed", host)
					: vscode.l10n.t("The password of {0} is stored", host),
			);
		},
	};
}

/** Does with the password in the panel what a button there says. */
export async function changePassword(
	{ keys: { passwords }, databaseUrl }: EditedSettings,
	action: "enter" | "remove",
): Promise<void> {
	const read = databaseUrl === undefined ? undefined : readDatabaseUrl(databaseUrl);
	if (!databaseUrl || !read || typeof read === "string") return;
	const given = action === "remove" ? "" : await askForPassword(databaseHost(read));
	if (given !== undefined) passwords.set(databaseUrl, given || undefined);
}
