import { chmodSync, closeSync, existsSync, mkdirSync, openSync, readdirSync, statSync } from "node:fs";
import { basename, dirname } from "node:path";

/** Windows gives the folders of a user's profile to that user alone; modes mean nothing there. */
const hasModes = process.platform !== "win32";
const ownerOnly = 0o077;

/**
 * Makes the folder and the database file readable by their owner alone, before anything is written to them, also where
 * they exist with wider rights. A folder that holds other files as well is left as it is: it is not only ours.
 * @returns what had wider rights and has them no more.
 */
export function makePrivate(path: string): string[] {
	const folder = dirname(path);
	const made = mkdirSync(folder, { recursive: true, mode: 0o700 }) !== undefined;
	// SQLite makes its other files with the mode of the database.
	if (!existsSync(path)) closeSync(openSync(path, "a", 0o600));
	if (!hasModes) return [];
	const files = ["", "-wal", "-shm"].map((suffix) => path + suffix);
	const mended = files.filter((file) => restrict(file, 0o600));
	if (!made && holdsOnly(folder, basename(path)) && restrict(folder, 0o700)) mended.push(folder);
	return mended;
}

/** Takes the rights of others away from what is the user's own. @returns whether they had any. */
export function restrict(path: string, mode: number): boolean {
	const found = statSync(path, { throwIfNoEntry: false });
	if (!found || (found.mode & ownerOnly) === 0 || found.uid !== process.geteuid?.()) return false;
	chmodSync(path, mode);
	return true;
}

/** Besides the database only what belongs to it: `memory.db-wal`, `memory.db.corrupt-…`, the backups. */
function holdsOnly(folder: string, database: string): boolean {
	return readdirSync(folder).every((name) => name.startsWith(database) || name === "backups");
}
