import { existsSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { copyFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { isRunning, newProcessOwner } from "../processOwner.ts";

/** Beside a damaged file from which nothing has been copied yet; names the process that does it. */
const unreadMark = (aside: string) => `${aside}.unread`;
/** Beside one from which everything readable was copied. */
const copiedMark = (aside: string) => `${aside}.copied`;

/**
 * Renames a damaged file.
 * @returns its new path.
 */
export function moveAside(path: string): string {
	const aside = newNameAside(path);
	// Before the file is renamed: a process that is killed after that must not leave it unnoticed.
	writeFileSync(unreadMark(aside), newProcessOwner(), { mode: 0o600 });
	for (const suffix of ["-wal", "-shm", ""])
		if (existsSync(path + suffix)) renameSync(path + suffix, aside + suffix);
	return aside;
}

function newNameAside(path: string): string {
	return `${path}.corrupt-${new Date().toISOString().replace(/[:.]/g, "-")}`;
}

/** The damaged files beside the database from which nothing was copied: earlier versions only set them aside. */
export function neverRead(path: string): readonly string[] {
	if (!existsSync(dirname(path))) return [];
	return readdirSync(dirname(path))
		.filter((name) => name.startsWith(`${basename(path)}.corrupt-`))
		.filter((name) => !/(-wal|-shm|\.unread|\.copied)$/.test(name))
		.map((name) => join(dirname(path), name))
		.filter((aside) => !existsSync(unreadMark(aside)) && !existsSync(copiedMark(aside)));
}

/** Has whoever opens the database next copy what is readable in a damaged file, or a copy of another one. */
export async function offerForRescue(path: string, file: string): Promise<void> {
	const isAside = file.startsWith(`${path}.corrupt-`);
	const aside = isAside ? file : newNameAside(path);
	if (!isAside)
		for (const suffix of ["-wal", ""])
			if (existsSync(file + suffix)) await copyFile(file + suffix, aside + suffix);
	rmSync(copiedMark(aside), { force: true });
	// Nobody is reading it yet.
	writeFileSync(unreadMark(aside), "", { mode: 0o600 });
}

/** The damaged files that this process is to read: the one it has set aside itself, and those of processes that are gone. */
export function toRescue(path: string, own: string | undefined): readonly string[] {
	const left = readdirSync(dirname(path))
		.filter((name) => name.startsWith(`${basename(path)}.corrupt-`) && name.endsWith(unreadMark("")))
		.map((name) => join(dirname(path), name))
		.filter((mark) => {
			const reader = readFileSync(mark, "utf8");
			return reader === "" || !isRunning(reader);
		})
		.map((mark) => mark.slice(0, -unreadMark("").length))
		.filter((aside) => existsSync(aside) && aside !== own);
	return own === undefined ? left : [...left, own];
}

/** All that is readable has been copied. */
export function markRescued(aside: string): void {
	writeFileSync(copiedMark(aside), "", { mode: 0o600 });
	rmSync(unreadMark(aside), { force: true });
}
