import { StoreError, type StoreErrorKind } from "../errors.ts";

/** SQLite's primary result codes that matter here (https://www.sqlite.org/rescode.html). */
const code = {
	busy: 5,
	locked: 6,
	readOnly: 8,
	ioError: 10,
	corrupt: 11,
	full: 13,
	cannotOpen: 14,
	notADatabase: 26,
};

export function isBusy(error: unknown): boolean {
	const primary = primaryCode(error);
	return primary === code.busy || primary === code.locked;
}

/** Turns what `node:sqlite` or the file system threw into a StoreError; StoreErrors pass through. */
export function storeError(error: unknown, path: string): StoreError {
	if (error instanceof StoreError) return error;
	const said = error instanceof Error ? error.message : String(error);
	const make = (kind: StoreErrorKind, message: string) => new StoreError(kind, path, message, error);
	const elsewhere = "set MEMORY_DIR (in VS Code: mcpMem0.storage.directory) to a folder that can be written";
	switch (primaryCode(error)) {
		case code.busy:
		case code.locked:
			return make(
				"busy",
				`The memory database ${path} is locked by another process (${said}). Try again in a moment.`,
			);
		case code.corrupt:
		case code.notADatabase:
			return make(
				"corrupt",
				`The memory database ${path} is damaged (${said}). Restart: it is then checked, set aside under another name if need be, and a new one is begun.`,
			);
		case code.full:
			return make("full", `No space is left for the memory database ${path}. Free some space and try again.`);
		case code.readOnly:
		case code.cannotOpen:
			return make(
				"not-writable",
				`The memory database ${path} cannot be written (${said}). Make it writable, or ${elsewhere}.`,
			);
	}
	const system = (error as NodeJS.ErrnoException).code;
	if (system && ["EACCES", "EPERM", "EROFS", "ENOTDIR", "EEXIST", "ENOENT"].includes(system)) {
		return make(
			"not-writable",
			`The memory folder of ${path} cannot be used (${said}). Make it writable, or ${elsewhere}.`,
		);
	}
	if (system === "ENOSPC")
		return make("full", `No space is left for the memory database ${path}. Free some space and try again.`);
	return make("failed", `The memory database ${path} failed: ${said}.`);
}

function primaryCode(error: unknown): number | undefined {
	const extended = (error as { errcode?: unknown } | undefined)?.errcode;
	return typeof extended === "number" ? extended & 0xff : undefined;
}
