import { randomUUID } from "node:crypto";
import { closeSync, constants, fsyncSync, lstatSync, mkdirSync, openSync } from "node:fs";
import { copyFile, rename, rm } from "node:fs/promises";
import { basename, join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { setTimeout as sleep } from "node:timers/promises";
import { StoreError } from "../../errors.ts";
import { isBusy, storeError } from "../errors.ts";
import { restrict } from "../privateFiles.ts";
import { partialPrefix } from "./backupFiles.ts";

/** How long, in ms, a backup waits for that of another process. */
const longestWait = 10 * 60_000;

/**
 * Makes the folder, for its owner alone.
 * @throws StoreError if it is a link, which may lead anywhere.
 */
export function makeBackupFolder(folder: string): void {
	try {
		mkdirSync(folder, { recursive: true, mode: 0o700 });
	} catch (error) {
		throw backupError(error, folder);
	}
	if (lstatSync(folder).isSymbolicLink())
		throw new StoreError(
			"not-writable",
			folder,
			`The backup folder ${folder} is a link, and is not written to. Remove it; to keep backups elsewhere too, set BACKUP_DIR.`,
		);
	restrict(folder, 0o700);
}

/**
 * Runs `work` while no other process writes backups there. The lock is SQLite's own, so it ends with its process.
 * @throws StoreError
 */
export async function inTurn<T>(folder: string, work: () => Promise<T>): Promise<T> {
	const path = join(folder, ".lock");
	let lock: DatabaseSync | undefined;
	try {
		if (!lstatSync(path, { throwIfNoEntry: false })) closeSync(openSync(path, "wx", 0o600));
	} catch (error) {
		// Another process has made it meanwhile.
		if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw backupError(error, folder);
	}
	try {
		if (lstatSync(path).isSymbolicLink())
			throw Object.assign(new Error(`${path} is a link`), { code: "EEXIST" });
		lock = new DatabaseSync(path, { timeout: 0 });
		const deadline = performance.now() + longestWait;
		for (;;) {
			try {
				lock.exec("BEGIN EXCLUSIVE");
				break;
			} catch (error) {
				if (!isBusy(error) || performance.now() > deadline) throw error;
				await sleep(50 + Math.random() * 100);
			}
		}
	} catch (error) {
		lock?.close();
		throw backupError(error, folder);
	}
	try {
		return await work();
	} finally {
		lock.close();
	}
}

/**
 * Writes a file that appears under its name only when it is whole, verified and on the disk.
 * @param write fills an empty file, which its owner alone can read.
 */
export async function writeWhole(
	target: string,
	folder: string,
	write: (partial: string) => Promise<void>,
): Promise<void> {
	const partial = join(folder, `${partialPrefix}${randomUUID()}.db`);
	try {
		// A new file: what lies there, or what it links to, is not ours.
		closeSync(openSync(partial, "wx", 0o600));
		await write(partial);
		sync(partial);
		await rename(partial, target);
		if (process.platform !== "win32") sync(folder);
	} catch (error) {
		throw backupError(error, folder);
	} finally {
		await rm(partial, { force: true });
		await rm(`${partial}-journal`, { force: true });
	}
}

/** Copies a backup to another folder, and verifies it there. */
export async function copyTo(
	folder: string,
	file: string,
	verify: (partial: string) => Promise<void>,
): Promise<void> {
	makeBackupFolder(folder);
	await writeWhole(join(folder, basename(file)), folder, async (partial) => {
		await copyFile(file, partial, constants.COPYFILE_FICLONE);
		await verify(partial);
	});
}

/** An error of a backup in words: what failed is not the memory. */
export function backupError(error: unknown, folder: string, what = "No backup was made"): StoreError {
	const found = storeError(error, folder);
	// It is in the words of a backup already.
	if (error instanceof StoreError && (error.path === folder || error.kind === "newer-schema")) return error;
	const { cause } = found;
	const detail = cause instanceof Error ? cause.message : found.message;
	const messages = {
		full: `${what}: no space is left for ${folder}. Free some space, and try again.`,
		"not-writable": `${what}: ${folder} cannot be written (${detail}). Make the folder writable.`,
		busy: `${what}: another process has locked the memory or its backups (${detail}). Try again in a moment.`,
		corrupt: `${what}: ${detail}.`,
		failed: `${what}: ${detail}.`,
	};
	return new StoreError(found.kind, folder, messages[found.kind as keyof typeof messages], cause);
}

function sync(path: string): void {
	// Windows flushes only what is open for writing.
	const handle = openSync(path, process.platform === "win32" ? "r+" : "r");
	try {
		fsyncSync(handle);
	} finally {
		closeSync(handle);
	}
}
