import * as vscode from "vscode";
import { previewWords, restoredWords } from "../../memory/backups/words.ts";
import type { Backups, ExaminedBackup } from "../../store/backups.ts";
import { ageOf, counted, language } from "../../text/wording.ts";
import type { Deps } from "../deps.ts";
import { runForUser } from "../runForUser.ts";
import { choose, flash, type Item, notify, pick, withProgress } from "../ui.ts";

interface BackupItem extends Item {
	readonly file: ExaminedBackup;
}

/** `Mem0: Restore a Backup…`: shows the backups, and what restoring one changes before it does. */
export function registerRestoreBackup(deps: Deps): vscode.Disposable {
	return vscode.commands.registerCommand("mcpMem0.restoreBackup", () =>
		runForUser(deps, async () => {
			const memory = await deps.memory.get();
			const { files } = memory.backups;
			if (!files) {
				const { database } = await memory.status();
				const text = vscode.l10n.t(
					"The memory is not on this machine, but here: {0}. Whoever runs that backs it up, and restores it there.",
					database,
				);
				return void notify.info(text);
			}
			const examined = await withProgress(vscode.l10n.t("Reading the backups"), async (report, signal) => {
				const read: ExaminedBackup[] = [];
				const all = await files.list();
				for (const file of all) {
					if (signal.aborted) return undefined;
					report(vscode.l10n.t("{0} of {1}", read.length + 1, all.length));
					read.push(await files.examine(file));
				}
				return read;
			});
			if (!examined) return;
			if (examined.length === 0) {
				const none = vscode.l10n.t("There are no backups in {0} yet.", files.folder);
				if (await notify.info(none, vscode.l10n.t("Back Up Now")))
					await withProgress(vscode.l10n.t("Backing up the memory"), () => files.create("asked"));
				return;
			}
			const chosen = await pick(examined.map(itemOf), {
				title: vscode.l10n.t("Restore a Backup"),
				placeHolder: vscode.l10n.t("The memory becomes as it was then"),
			});
			if (!chosen) return;
			const { path } = chosen.file;
			const preview = await files.preview(path);
			const words = [
				...previewWords(vscode.l10n.t("It"), preview),
				vscode.l10n.t("The present state is backed up first."),
			];
			const question = vscode.l10n.t("Restore the backup of {0}?", chosen.label);
			if (!(await choose(question, words, vscode.l10n.t("Restore")))) return;
			await restore(files, path);
		}),
	);
}

async function restore(files: Backups, path: string): Promise<void> {
	const restored = await withProgress(vscode.l10n.t("Restoring the backup"), () => files.restore(path));
	const { before } = restored;
	if (!before) return flash(restoredWords(restored));
	if (await notify.info(restoredWords(restored), vscode.l10n.t("Undo"))) await restore(files, before.path);
}

function itemOf(file: ExaminedBackup): BackupItem {
	const { at, contents, damage, path, reason } = file;
	const what = {
		daily: undefined,
		asked: undefined,
		update: vscode.l10n.t("before an update"),
		import: vscode.l10n.t("before an import"),
		change: vscode.l10n.t("before a change of many"),
		restore: vscode.l10n.t("before a restore"),
	}[reason];
	return {
		icon: contents ? "history" : "error",
		label: new Date(at).toLocaleString(language()),
		description: [ageOf(at), what].filter(Boolean).join(", "),
		detail: contents
			? `${counted(contents.memories)} · ${path}`
			: vscode.l10n.t("Damaged: {0} · {1}", damage ?? vscode.l10n.t("it cannot be read"), path),
		file,
	};
}
