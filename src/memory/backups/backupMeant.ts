import { existsSync } from "node:fs";
import type { Backups, ExaminedBackup } from "../../store/backups.ts";
import { InputError } from "../errors.ts";

/** `2026-11-27`, or with a time; without a zone it is local. */
const date = /^(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):?(\d\d)(?::?(\d\d))?)?(Z)?$/;

/** Whether somebody means a backup, and not the id of a memory. */
export function namesBackup(text: string): boolean {
	return text === "latest" || date.test(text) || /\.db$|[\\/]/i.test(text) || existsSync(text);
}

/**
 * The backup that somebody means: a file, the name of one, `latest`, or a date: the last one of that day, or before that
 * time. Damaged ones are skipped where no file is named.
 * @param toPath makes an absolute path of what was given.
 * @throws InputError
 */
export async function backupMeant(
	backups: Backups,
	meant: string,
	toPath: (given: string) => string,
): Promise<{ readonly path: string; readonly at?: number; readonly damaged: readonly ExaminedBackup[] }> {
	const all = await backups.list();
	const until = meant === "latest" ? Number.POSITIVE_INFINITY : endOf(meant);
	if (until === undefined) {
		const named = all.find(({ name, path }) => name === meant || path === toPath(meant));
		if (named) return { path: named.path, at: named.at, damaged: [] };
		if (existsSync(toPath(meant))) return { path: toPath(meant), damaged: [] };
		throw new InputError("backup", `There is no backup ${meant}. mcp-mem0 backups lists them.`);
	}
	// The state before a restore is taken back to by its name: otherwise a second `latest` would undo the first.
	const eligible = all.filter(({ at, reason }) => at <= until && reason !== "restore");
	const { good, damaged } = await backups.newestGood(eligible);
	if (good) return { path: good.path, at: good.at, damaged };
	const oldest = all.at(-1);
	const broken = damaged.map(({ path }) => path).join(", ");
	throw new InputError(
		"backup",
		damaged.length > 0
			? `No sound backup is as old as that; damaged: ${broken}. mcp-mem0 backups lists them.`
			: oldest
				? `No backup is as old as that; the oldest is ${oldest.name}. mcp-mem0 backups lists them.`
				: `There are no backups in ${backups.folder}. mcp-mem0 backup makes one.`,
	);
}

/** ms since 1970 of the end of what is named; undefined for what is no date. */
function endOf(text: string): number | undefined {
	const [, year, month, day, hour, minute, second, zone] = date.exec(text) ?? [];
	if (year === undefined) return undefined;
	const time = hour === undefined ? [23, 59, 59] : [Number(hour), Number(minute), Number(second ?? 59)];
	const [h = 0, m = 0, s = 0] = time;
	const parts = [Number(year), Number(month) - 1, Number(day), h, m, s, 999] as const;
	const at = zone ? Date.UTC(...parts) : new Date(...parts).getTime();
	const isReal = new Date(Date.UTC(parts[0], parts[1], parts[2])).getUTCMonth() === parts[1];
	if (!isReal || h > 23 || m > 59 || s > 59)
		throw new InputError("backup", `${JSON.stringify(text)} is no date. Give one such as 2026-11-27.`);
	return at;
}
