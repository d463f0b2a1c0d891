import { StoreError, type StoreErrorKind } from "../errors.ts";

/** Primary result codes of SQLite (https://www.sqlite.org/rescode.html). */
export const resultCode = {
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
	return primary === resultCode.busy || primary === resultCode.locked;
}

/** Turns an error of `node:sqlite` or the file system into a StoreError; a StoreError passes through. */
export function storeError(error: unknown, path: string): StoreError {
	if (error instanceof StoreError) return error;
	const detail = error instanceof Error ? error.message : String(error);
	const make = (kind: StoreErrorKind, message: string) => new StoreError(kind, path, message, error);
	const elsewhere = "set MEMORY_DIR (in VS Code: mcpMem0.storage.directory) to a writable folder";
	const noSpace = `No space is left for the memory database ${path}. Free some space and try again.`;
	switch (primaryCode(error)) {
		case resultCode.busy:
		case resultCode.locked:
			return make(
				"busy",
				`Another process has locked the memory database ${path} (${detail}). Try again in a moment.`,
			);
		case resultCode.corrupt:
		case resultCode.notADatabase:
			return make(
				"corrupt",
				`The memory database ${path} is damaged (${detail}). Restart to check it; if the damage is confirmed, MCP Mem0 renames the file and starts a new one.`,
			);
		case resultCode.full:
			return make("full", noSpace);
		case resultCode.readOnly:
		case resultCode.cannotOpen:
			return make(
				"not-writable",
				`The memory database ${path} cannot be written (${detail}). Make it writable, or ${elsewhere}.`,
			);
	}
	const systemCode = (error as NodeJS.ErrnoException).code;
	if (systemCode && ["EACCES", "EPERM", "EROFS", "ENOTDIR", "EEXIST", "ENOENT"].includes(systemCode)) {
		return make(
			"not-writable",
			`The memory folder of ${path} cannot be used (${detail}). Make it writable, or ${elsewhere}.`,
		);
	}
	if (systemCode === "ENOSPC") return make("full", noSpace);
	return make("failed", `The memory database ${path} failed: ${detail}.`);
}

function primaryCode(error: unknown): number | undefined {
	const extended = (error as { errcode?: unknown } | undefined)?.errcode;
	return typeof extended === "number" ? extended & 0xff : undefined;
}
