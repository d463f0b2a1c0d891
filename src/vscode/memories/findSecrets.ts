import * as vscode from "vscode";
import { erasedInBackups, eraseInBackups } from "../../memory/secrets/backupSecrets.ts";
import { listed } from "../../memory/secrets/secretKinds.ts";
import type { Deps } from "../deps.ts";
import { runForUser } from "../runForUser.ts";
import { confirm, flash, notify, withProgress } from "../ui.ts";

/** `Mem0: Find Secrets in Memories`: looks through all that is kept, and erases what it finds for good. */
export function registerFindSecrets(deps: Deps): vscode.Disposable {
	return vscode.commands.registerCommand("mcpMem0.findSecrets", () =>
		runForUser(deps, async () => {
			const memory = await deps.memory.get();
			const kept = await withProgress("Looking for secrets in memories", (report, signal) =>
				memory
					.findSecrets((texts) => report(`${texts} texts`), signal)
					.catch((error: unknown) => {
						if (signal.aborted) return undefined;
						throw error;
					}),
			);
			if (!kept) return;
			const { found, texts, affected } = kept;
			if (affected === 0) {
				flash(`No secret in ${texts} texts, history and journal included`);
				return;
			}
			const detail = `In ${affected} of ${texts} texts: ${listed(found.flatMap(({ kinds }) => kinds))}. Each is replaced by its kind, in history and journal too. This cannot be undone. Exports and copies that were made before still have the secrets.`;
			if (!(await confirm("Erase secrets for good?", detail, "Erase"))) return;
			const isClean = await withProgress("Erasing secrets", () => kept.erase());
			const rest = isClean
				? ""
				: " Another program keeps reading the database: close it, and run this again.";
			const said = `Erased the secrets of ${affected} texts. Change them where they are used.${rest}`;
			const { files } = memory.backups;
			if (!files || (await files.list()).length === 0) return void notify.info(said);
			const answer = await notify.warn(`${said} Backups still have them.`, "Erase in Backups");
			if (!answer) return;
			const { userId } = memory;
			const done = await withProgress("Erasing secrets in backups", (report, signal) =>
				eraseInBackups({ backups: files, userId }, report, signal).catch((error: unknown) => {
					if (signal.aborted) return undefined;
					throw error;
				}),
			);
			if (done) void notify.info(erasedInBackups(done));
		}),
	);
}
