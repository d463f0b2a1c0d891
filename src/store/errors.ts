import type { StoredMemory } from "./types.ts";

/**
 * - `busy`: another process held the write lock for longer than a write waits.
 * - `newer-schema`: a newer version of the program made the database.
 * - `not-writable`: the file or folder cannot be written.
 * - `corrupt`: the database is damaged.
 * - `full`: no space is left on the device.
 * - `unreachable`: no connection to the database server, or it broke.
 * - `refused`: the server does not let us in: name, password, TLS, privileges.
 * - `unsupported`: the server or its pgvector is too old, or pgvector is missing.
 * - `failed`: any other error of the database.
 */
export const storeErrorKinds = [
	"busy",
	"newer-schema",
	"not-writable",
	"corrupt",
	"full",
	"unreachable",
	"refused",
	"unsupported",
	"failed",
] as const;
export type StoreErrorKind = (typeof storeErrorKinds)[number];

/** The database failed a request. The message says what failed, where, and what to do. */
export class StoreError extends Error {
	override readonly name = "StoreError";
	readonly kind: StoreErrorKind;
	readonly path: string;

	constructor(kind: StoreErrorKind, path: string, message: string, cause?: unknown) {
		super(message, { cause });
		this.kind = kind;
		this.path = path;
	}
}

/** A memory was changed by somebody else since it was read. Nothing was changed. */
export class ConflictError extends Error {
	override readonly name = "ConflictError";
	/** The memory as it is now. */
	readonly current: StoredMemory;

	constructor(current: StoredMemory) {
		super(`The memory ${current.id} was changed meanwhile. Read it again, then change it.`);
		this.current = current;
	}
}
