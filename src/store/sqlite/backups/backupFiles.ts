import { lstatSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { BackupSettings } from "../../../config/backupSettings.ts";
import { type BackupFile, type BackupReason, backupReasons } from "../../backups.ts";

/** Beside the database. */
export const backupsFolder = "backups";

const day = 86_400_000;
/** Backups of the last day that are kept besides the last one of the day. */
const mostOfToday = 10;
/** After this many ms, what somebody left who was writing a backup is removed. */
const leftAfter = 6 * 3_600_000;

const pattern = new RegExp(
	`^memory-(\\d{4}-\\d\\d-\\d\\d)T(\\d\\d)-(\\d\\d)-(\\d\\d)-(\\d{3})Z-(${backupReasons.join("|")})\\.db$`,
);

export function backupName(at: number, reason: BackupReason): string {
	return `memory-${new Date(at).toISOString().replace(/[:.]/g, "-")}-${reason}.db`;
}

/** The backups in a folder, newest first. Links and other files are none. Empty if the folder cannot be read. */
export function backupsIn(folder: string): readonly BackupFile[] {
	return namesIn(folder)
		.flatMap((name) => {
			const [, date, hour, minute, second, ms, reason] = pattern.exec(name) ?? [];
			if (date === undefined) return [];
			const path = join(folder, name);
			const found = lstatSync(path, { throwIfNoEntry: false });
			if (!found?.isFile()) return [];
			const at = Date.parse(`${date}T${hour}:${minute}:${second}.${ms}Z`);
			return [{ path, name, at, reason: reason as BackupReason, bytes: found.size }];
		})
		.sort((a, b) => b.at - a.at);
}

/**
 * Those that are no longer kept. Kept are the last of each of so many days and weeks that have one, and the newest of
 * the last 24 hours.
 * @param backups newest first.
 */
export function superseded(
	backups: readonly BackupFile[],
	{ days, weeks }: Pick<BackupSettings, "days" | "weeks">,
	now: number,
): readonly BackupFile[] {
	const kept = new Set(backups.filter(({ at }) => now - at < day).slice(0, mostOfToday));
	const keepLastOf = (count: number, spanOf: (at: number) => number) => {
		const seen = new Set<number>();
		for (const backup of backups) {
			const span = spanOf(backup.at);
			if (seen.has(span)) continue;
			seen.add(span);
			if (seen.size > count) return;
			kept.add(backup);
		}
	};
	keepLastOf(days, (at) => Math.floor(at / day));
	// 1970-01-01 was a Thursday; weeks begin on Monday.
	keepLastOf(weeks, (at) => Math.floor((at / day + 3) / 7));
	return backups.filter((backup) => !kept.has(backup));
}

/** Removes what is no longer kept, and what a process left that was killed while it wrote a backup. */
export function removeOld(folder: string, keep: Pick<BackupSettings, "days" | "weeks">, now: number): void {
	for (const { path } of superseded(backupsIn(folder), keep, now)) rmSync(path, { force: true });
	for (const name of namesIn(folder).filter((each) => each.startsWith(partialPrefix))) {
		const path = join(folder, name);
		const found = lstatSync(path, { throwIfNoEntry: false });
		if (found && now - found.mtimeMs > leftAfter) rmSync(path, { force: true, recursive: true });
	}
}

/** What a file is called while it is written. */
export const partialPrefix = ".partial-";

function namesIn(folder: string): readonly string[] {
	try {
		return readdirSync(folder);
	} catch {
		// There is none yet, or it is on a disk that is away: its backups cannot be used now.
		return [];
	}
}
