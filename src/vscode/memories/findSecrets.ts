import * as vscode from "vscode";
import { erasedInBackups, eraseInBackups } from "../../memory/secrets/backupSecrets.ts";
import { listed } from "../../memory/secrets/secretKinds.ts";
import { plural } from "../../text/wording.ts";
import type { Deps } from "../deps.ts";
import { runForUser } from "../runForUser.ts";
import { confirm, flash, notify, withProgress } from "../ui.ts";

/** `Mem0: Find Secrets in Memories`: looks through all that is kept, and erases what it finds for good. */
export function registerFindSecrets(deps: Deps): vscode.Disposable {
	return vscode.commands.registerCommand("mcpMem0.findSecrets", () =>
		runForUser(deps, async () => {
			const memory = await deps.memory.get();
			const kept = await withProgress(vscode.l10n.t("Looking for secrets in memories"), (report, signal) =>
				memory
					.findSecrets((texts) => report(vscode.l10n.t("{0} texts", texts)), signal)
					.catch((error: unknown) => {
						if (signal.aborted) return undefined;
						throw error;
					}),
			);
			if (!kept) return;
			const { found, texts, affected } = kept;
			if (affected === 0) {
				flash(vscode.l10n.t("No secret in {0} texts, history and journal included", texts));
				return;
			}
			const detail = vscode.l10n.t(
				"In {0} of {1} texts: {2}. Each is replaced by its kind, in history and journal too. This cannot be undone. Exports and copies that were made before still have the secrets.",
				affected,
				texts,
				listed(found.flatMap(({ kinds }) => kinds)),
			);
			const question = vscode.l10n.t("Erase secrets for good?");
			if (!(await confirm(question, detail, vscode.l10n.t("Erase")))) return;
			const isClean = await withProgress(vscode.l10n.t("Erasing secrets"), () => kept.erase());
			const erased = plural(
				affected,
				vscode.l10n.t("Erased the secrets of # text. Change them where they are used."),
				vscode.l10n.t("Erased the secrets of # texts. Change them where they are used."),
			);
			const inUse = vscode.l10n.t(
				"Another program keeps reading the database: close it, and run this again.",
			);
			const said = isClean ? erased : `${erased} ${inUse}`;
			const { files } = memory.backups;
			if (!files || (await files.list()).length === 0) return void notify.info(said);
			const warned = `${said} ${vscode.l10n.t("Backups may still have them.")}`;
			const answer = await notify.warn(warned, vscode.l10n.t("Erase in Backups"));
			if (!answer) return;
			const { userId } = memory;
			const done = await withProgress(vscode.l10n.t("Erasing secrets in backups"), (report, signal) =>
				eraseInBackups({ backups: files, userId }, report, signal).catch((error: unknown) => {
					if (signal.aborted) return undefined;
					throw error;
				}),
			);
			if (done) void notify.info(erasedInBackups(done));
		}),
	);
}
