import { resolve } from "node:path";
import { backupMeant } from "../memory/backups/backupMeant.ts";
import { previewWords, restoredWords } from "../memory/backups/words.ts";
import { configuredBackups } from "../store/stores.ts";
import { oneLine } from "../text/inert.ts";
import { answerTo } from "./answer.ts";
import type { Flags } from "./command.ts";
import { configuredHere, type Launch } from "./context.ts";
import { iso } from "./memoryOutput.ts";
import { printJson, say } from "./terminal.ts";

/** Goes back to a backup: tells what would change, asks, restores it, and tells how to take that back. */
export async function restoreBackup(launch: Launch, meant: string, flags: Flags): Promise<number> {
	const backups = configuredBackups(configuredHere(launch).config);
	const { path, at, damaged } = await backupMeant(backups, meant, (given) => resolve(given));
	for (const each of damaged)
		say(`${each.path} is damaged, and is skipped: ${oneLine(each.damage ?? "unknown", 300)}`);
	const preview = await backups.preview(path);
	for (const line of previewWords(path, preview)) say(line);
	const isDryRun = flags["dry-run"] === true;
	const isAgreed = flags.yes === true || (!isDryRun && process.stdin.isTTY && (await agrees()));
	const restored = isAgreed && !isDryRun ? await backups.restore(path) : undefined;
	if (flags.json) {
		const { added, removed, changed, now, contents } = preview;
		const backup = { file: path, ...(at === undefined ? {} : { at: iso(at) }), memories: contents.memories };
		const undo = restored?.before ? { undo: restored.before.path } : {};
		printJson({ backup, added, removed, changed, now, restored: restored !== undefined, ...undo });
	}
	if (restored) {
		say(restoredWords(restored));
		if (restored.before) say(`To take it back: mcp-mem0 restore ${restored.before.name} --yes`);
		return 0;
	}
	if (!isDryRun) say("Nothing was restored. Run it again with --yes to restore it.");
	return isDryRun ? 0 : 1;
}

async function agrees(): Promise<boolean> {
	return (await answerTo("Restore it? [y/N] ")) === "yes";
}
