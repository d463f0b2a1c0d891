import * as vscode from "vscode";
import { previewWords, restoredWords } from "../../memory/backups/words.ts";
import type { Backups, ExaminedBackup } from "../../store/backups.ts";
import { ageOf, counted } from "../../text/wording.ts";
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
			const { files } = (await deps.memory.get()).backups;
			if (!files) return;
			const examined = await withProgress("Reading the backups", async (report, signal) => {
				const read: ExaminedBackup[] = [];
				const all = await files.list();
				for (const file of all) {
					if (signal.aborted) return undefined;
					report(`${read.length + 1} of ${all.length}`);
					read.push(await files.examine(file));
				}
				return read;
			});
			if (!examined) return;
			if (examined.length === 0) {
				const answer = await notify.info(`There are no backups in ${files.folder} yet.`, "Back Up Now");
				if (answer) await withProgress("Backing up the memory", () => files.create("asked"));
				return;
			}
			const chosen = await pick(examined.map(itemOf), {
				title: "Restore a Backup",
				placeHolder: "The memory becomes as it was then",
			});
			if (!chosen) return;
			const { path } = chosen.file;
			const preview = await files.preview(path);
			const words = [...previewWords(path, preview), "The present state is backed up first."];
			if ((await choose("Restore this backup?", words, "Restore")) !== "Restore") return;
			await restore(files, path);
		}),
	);
}

async function restore(files: Backups, path: string): Promise<void> {
	const restored = await withProgress("Restoring the backup", () => files.restore(path));
	const { before } = restored;
	if (!before) return flash(restoredWords(restored));
	if (await notify.info(restoredWords(restored), "Undo")) await restore(files, before.path);
}

function itemOf(file: ExaminedBackup): BackupItem {
	const { at, contents, damage, path, reason } = file;
	const kind = { daily: "", asked: "", update: ", before an update", import: ", before an import" };
	const what = { ...kind, change: ", before a change of many", restore: ", before a restore" }[reason];
	return {
		icon: contents ? "history" : "error",
		label: new Date(at).toLocaleString(),
		description: `${ageOf(at)}${what}`,
		detail: contents
			? `${counted(contents.memories)} · ${path}`
			: `Damaged: ${damage ?? "it cannot be read"} · ${path}`,
		file,
	};
}
