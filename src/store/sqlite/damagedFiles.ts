import { existsSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { isRunning, newProcessOwner } from "./processOwner.ts";

/** Beside a damaged file from which nothing has been copied yet; names the process that does it. */
const unreadMark = (aside: string) => `${aside}.unread`;

/**
 * Renames a damaged file.
 * @returns its new path.
 */
export function moveAside(path: string): string {
	const stamp = new Date().toISOString().replace(/[:.]/g, "-");
	const aside = `${path}.corrupt-${stamp}`;
	// Before the file is renamed: a process that is killed after that must not leave it unnoticed.
	writeFileSync(unreadMark(aside), newProcessOwner(), { mode: 0o600 });
	for (const suffix of ["-wal", "-shm", ""])
		if (existsSync(path + suffix)) renameSync(path + suffix, aside + suffix);
	return aside;
}

/** The damaged files that this process is to read: the one it has set aside itself, and those of processes that are gone. */
export function toRescue(path: string, own: string | undefined): readonly string[] {
	const left = readdirSync(dirname(path))
		.filter((name) => name.startsWith(`${basename(path)}.corrupt-`) && name.endsWith(unreadMark("")))
		.map((name) => join(dirname(path), name))
		.filter((mark) => !isRunning(readFileSync(mark, "utf8")))
		.map((mark) => mark.slice(0, -unreadMark("").length))
		.filter((aside) => existsSync(aside) && aside !== own);
	return own === undefined ? left : [...left, own];
}

/** All that is readable has been copied. */
export function markRescued(aside: string): void {
	rmSync(unreadMark(aside), { force: true });
}
