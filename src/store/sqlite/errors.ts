import { StoreError, type StoreErrorKind } from "../errors.ts";

/** Primary result codes of SQLite (https://www.sqlite.org/rescode.html). */
export const resultCode = {
	busy: 5,
	locked: 6,
	readOnly: 8,
	corrupt: 11,
	full: 13,
	cannotOpen: 14,
	notADatabase: 26,
};

/** The kinds that SQLite and the file system cause. */
type Failure = Exclude<StoreErrorKind, "newer-schema" | "unreachable" | "refused" | "unsupported">;

const kindsByCode: Readonly<Record<number, Failure>> = {
	[resultCode.busy]: "busy",
	[resultCode.locked]: "busy",
	[resultCode.readOnly]: "not-writable",
	[resultCode.corrupt]: "corrupt",
	[resultCode.full]: "full",
	[resultCode.cannotOpen]: "not-writable",
	[resultCode.notADatabase]: "corrupt",
};

export function isBusy(error: unknown): boolean {
	return kindsByCode[primaryCode(error)] === "busy";
}

/** Turns an error of `node:sqlite` or the file system into a StoreError; a StoreError passes through. */
export function storeError(error: unknown, path: string): StoreError {
	if (error instanceof StoreError) return error;
	const detail = error instanceof Error ? error.message : String(error);
	const systemCode = (error as NodeJS.ErrnoException).code ?? "";
	const concernsFolder = ["EACCES", "EPERM", "EROFS", "ENOTDIR", "EEXIST", "ENOENT"].includes(systemCode);
	const systemKind = concernsFolder ? "not-writable" : systemCode === "ENOSPC" ? "full" : "failed";
	const kind = kindsByCode[primaryCode(error)] ?? systemKind;
	const unusable = concernsFolder
		? `The memory folder of ${path} cannot be used`
		: `The memory database ${path} cannot be written`;
	const messages: Readonly<Record<Failure, string>> = {
		busy: `Another process has locked the memory database ${path} (${detail}). Try again in a moment.`,
		corrupt: `The memory database ${path} is damaged (${detail}). Try again in a moment: MCP Mem0 checks the file now and, if the damage is confirmed, renames it and copies what is readable to a new one.`,
		full: `No space is left for the memory database ${path}. Free some space and try again.`,
		"not-writable": `${unusable} (${detail}). Make it writable, or set MEMORY_DIR (in VS Code: mcpMem0.storage.directory) to a writable folder.`,
		failed: `The memory database ${path} failed: ${detail}.`,
	};
	return new StoreError(kind, path, messages[kind], error);
}

/** 0 for an error that is not SQLite's. */
function primaryCode(error: unknown): number {
	const extended = (error as { errcode?: unknown } | undefined)?.errcode;
	return typeof extended === "number" ? extended & 0xff : 0;
}
