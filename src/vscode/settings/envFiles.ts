import * as vscode from "vscode";
import { exportEnv } from "../../settings/env/envExport.ts";
import { readEnvImport } from "../../settings/env/envImport.ts";
import { decodeText, EncodingError } from "../../text/decodeText.ts";
import type { Deps } from "../deps.ts";
import { confirm, flash, notify } from "../ui.ts";
import { hostEnvironment } from "./hostEnvironment.ts";
import { askToIncludeKeys, boundKeys } from "./keys.ts";
import { writeOwnFile } from "./ownFile.ts";
import type { SettingsPanel } from "./panel.ts";
import { settingsEnvironment } from "./vscodeSettings.ts";

/** Bytes. A `.env` file has a few hundred lines; a longer file was chosen by mistake. */
const longestFile = 1024 * 1024;

/** `Mem0: Import .env…`: the panel shows what the chosen file would change. */
export async function importEnv(panel: SettingsPanel, given?: unknown): Promise<void> {
	const options = {
		title: vscode.l10n.t("Import .env"),
		openLabel: vscode.l10n.t("Import"),
		filters: { [vscode.l10n.t("All files")]: ["*"] },
	};
	const [file] =
		given instanceof vscode.Uri ? [given] : ((await vscode.window.showOpenDialog(options)) ?? []);
	if (!file) return;
	const name = file.path.split("/").at(-1) ?? file.path;
	const { size } = await vscode.workspace.fs.stat(file);
	if (size > longestFile) {
		void notify.error(vscode.l10n.t("{0} is too large for a .env file. Choose another file.", name));
		return;
	}
	const text = decoded(name, await vscode.workspace.fs.readFile(file));
	if (text === undefined) return;
	const session = await panel.show();
	if (session.unsaved > 0) {
		const question = vscode.l10n.t("Import {0} and lose unsaved changes?", name);
		const detail = vscode.l10n.t("The settings panel has changes that are not saved.");
		if (!(await confirm(question, detail, vscode.l10n.t("Import")))) return;
	}
	await session.import(name, readEnvImport(text, settingsEnvironment(), hostEnvironment()));
}

function decoded(name: string, bytes: Uint8Array): string | undefined {
	try {
		return decodeText(bytes);
	} catch (error) {
		if (!(error instanceof EncodingError)) throw error;
		void notify.error(vscode.l10n.t("{0} cannot be read. {1}", name, error.message));
		return undefined;
	}
}

/** `Mem0: Export .env…` */
export async function exportToFile({ context }: Deps): Promise<void> {
	const keys = await boundKeys(context.secrets);
	const withKeys = await askToIncludeKeys(keys, vscode.l10n.t("Export .env"));
	if (withKeys === undefined) return;
	const folder = vscode.workspace.workspaceFolders?.[0]?.uri;
	const file = await vscode.window.showSaveDialog({
		title: vscode.l10n.t("Export .env"),
		saveLabel: vscode.l10n.t("Export"),
		filters: { [vscode.l10n.t("Environment files")]: ["env"], [vscode.l10n.t("All files")]: ["*"] },
		...(folder ? { defaultUri: vscode.Uri.joinPath(folder, ".env") } : {}),
	});
	if (!file) return;
	const text = exportEnv(settingsEnvironment(), keys, withKeys);
	const secret = await writeFile(file, text);
	const name = file.path.split("/").at(-1) ?? file.path;
	const written = vscode.l10n.t("The configuration was written to {0}.", name);
	if (!withKeys) return flash(written);
	const warnings = [
		vscode.l10n.t("It contains your API keys as plain text: keep it out of version control."),
		!secret &&
			vscode.l10n.t("Its access rights could not be narrowed: whoever can read its folder can read it."),
	];
	void notify.warn([written, ...warnings].filter(Boolean).join(" "));
}

/** @returns whether only the owner can read it; VS Code itself cannot set rights. */
async function writeFile(file: vscode.Uri, text: string): Promise<boolean> {
	if (file.scheme === "file") return writeOwnFile(file.fsPath, text);
	await vscode.workspace.fs.writeFile(file, new TextEncoder().encode(text));
	return false;
}
