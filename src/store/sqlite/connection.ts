import { existsSync, rmSync, writeFileSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { StoreError } from "../errors.ts";
import { retryWhileBusy } from "./busy.ts";
import { moveAside, toRescue } from "./damagedFiles.ts";
import { resultCode, storeError } from "./errors.ts";
import { FileLock, identityOf } from "./fileLock.ts";
import { migrate } from "./migration.ts";
import { makePrivate } from "./privateFiles.ts";
import { migrations, schemaVersion } from "./schema.ts";

/** How long, in ms, SQLite itself waits for another process's write. Short: it blocks the thread, which may be the extension host's. */
const blockingWait = 4;

/** An open database file, and the lock that keeps others from renaming it. */
export interface Connection {
	readonly sqlite: DatabaseSync;
	readonly lock: FileLock;
	/** See identityOf. */
	readonly identity: string | undefined;
}

export interface Connected {
	readonly connection: Connection;
	/** The paths of damaged files that were set aside, from which this process is to copy what is readable. */
	readonly toRescue: readonly string[];
	/** The files and folders that others could read before. */
	readonly madePrivate: readonly string[];
}

/**
 * Opens or creates the database and brings its schema up to date. A damaged file is renamed aside, never deleted, once
 * no other process has it open.
 * @throws StoreError `not-writable`, `newer-schema`, `busy` or `corrupt`.
 */
export async function connect(path: string, busyTimeout: number): Promise<Connected> {
	try {
		const madePrivate = makePrivate(path);
		let setAside: string | undefined;
		for (;;) {
			const lock = await FileLock.share(path, busyTimeout);
			const identity = identityOf(path);
			try {
				const connection = { sqlite: await openFile(path, busyTimeout), lock, identity };
				return { connection, toRescue: toRescue(path, setAside), madePrivate };
			} catch (error) {
				if (setAside !== undefined || storeError(error, path).kind !== "corrupt") {
					lock.close();
					throw error;
				}
				// The mark asks the processes that have the file open to close it for a moment.
				leaveSuspectMark(path);
				// Another process may have found the damage too and already created a new database, which must stay.
				const isReplaced = () => identityOf(path) !== identity;
				await lock.alone(() => {
					if (isReplaced()) return;
					setAside = moveAside(path);
					rmSync(suspectMark(path), { force: true });
					makePrivate(path);
				}, isReplaced);
				lock.close();
				if (!isReplaced()) throw stillInUse(path, error);
			}
		}
	} catch (error) {
		throw storeError(error, path);
	}
}

/**
 * Opens a database that is there, to read from it. Nothing is created, mended or brought up to date.
 * @throws StoreError also if there is none, or one that has to be mended or brought up to date first.
 */
export async function connectToRead(path: string, busyTimeout: number): Promise<Connection> {
	if (!existsSync(path)) throw new StoreError("failed", path, `There is no memory database ${path}.`);
	if (isSuspect(path))
		throw new StoreError(
			"corrupt",
			path,
			`The memory database ${path} may be damaged, and is not checked yet.`,
		);
	let lock: FileLock | undefined;
	let sqlite: DatabaseSync | undefined;
	try {
		lock = await FileLock.share(path, busyTimeout);
		const identity = identityOf(path);
		const opened = new DatabaseSync(path, { readOnly: true, timeout: blockingWait });
		sqlite = opened;
		const found = await retryWhileBusy(path, busyTimeout, () => userVersion(opened));
		refuseNewerSchema(path, found);
		if (found === schemaVersion) return { sqlite, lock, identity };
		const said = `An earlier version of MCP Mem0 made the memory database ${path}, which is not brought up to date yet.`;
		throw new StoreError("failed", path, said);
	} catch (error) {
		sqlite?.close();
		lock?.close();
		throw storeError(error, path);
	}
}

export function disconnect({ sqlite, lock }: Connection): void {
	if (sqlite.isOpen) sqlite.close();
	lock.close();
}

/** Whether SQLite has reported damage that nobody has looked into yet. */
export function isSuspect(path: string): boolean {
	return existsSync(suspectMark(path));
}

/** Leaves a mark beside a damaged file, so that every process opens it again, which checks it. */
export function leaveSuspectMark(path: string): void {
	try {
		writeFileSync(suspectMark(path), "");
	} catch {
		// The folder is gone or full: the caller throws the original error, which says more than this one.
	}
}

export function userVersion(sqlite: DatabaseSync): number {
	return (sqlite.prepare("PRAGMA user_version").get() as { user_version: number }).user_version;
}

/** @throws StoreError if a newer version of the program made the file. */
export function refuseNewerSchema(path: string, found: number): void {
	if (found <= schemaVersion) return;
	throw new StoreError(
		"newer-schema",
		path,
		`A newer version of MCP Mem0 made the memory database ${path} (schema ${found}; this version supports up to ${schemaVersion}). Update MCP Mem0 here, or set MEMORY_DIR (in VS Code: mcpMem0.storage.directory) to another folder. The database was not changed.`,
	);
}

async function openFile(path: string, busyTimeout: number): Promise<DatabaseSync> {
	const sqlite = new DatabaseSync(path, { timeout: blockingWait });
	try {
		// FULL: what we report as saved survives a power cut. A page of a new database holds a whole vector of 1536
		// dimensions or three of the built-in model; the cache, in KB, holds the indexes of 100,000 memories.
		const pragmas =
			"PRAGMA page_size = 8192; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA secure_delete = ON; PRAGMA temp_store = MEMORY; PRAGMA cache_size = -8192";
		await retryWhileBusy(path, busyTimeout, () => sqlite.exec(pragmas));
		if (isSuspect(path)) checkIntegrity(sqlite, path);
		const found = await retryWhileBusy(path, busyTimeout, () => userVersion(sqlite));
		if (found === 0) await createSchema(sqlite, path, busyTimeout);
		else if (found !== schemaVersion) refuseNewerSchema(path, await migrate(path, busyTimeout));
		return sqlite;
	} catch (error) {
		sqlite.close();
		throw error;
	}
}

async function createSchema(sqlite: DatabaseSync, path: string, busyTimeout: number): Promise<void> {
	// A step replaces a table that others refer to; within a transaction this pragma does nothing.
	sqlite.exec("PRAGMA foreign_keys = OFF");
	await retryWhileBusy(path, busyTimeout, () => sqlite.exec("BEGIN IMMEDIATE"));
	// Read the version inside the transaction: another process may have created it meanwhile.
	const found = userVersion(sqlite);
	refuseNewerSchema(path, found);
	for (const migration of migrations.slice(found)) sqlite.exec(migration);
	sqlite.exec(`PRAGMA user_version = ${schemaVersion}; COMMIT; PRAGMA foreign_keys = ON`);
}

/** Reads the whole file, so it only runs after SQLite has reported damage. */
function checkIntegrity(sqlite: DatabaseSync, path: string): void {
	const row = sqlite.prepare("PRAGMA integrity_check(1)").get() as { integrity_check: string };
	if (row.integrity_check !== "ok") {
		throw Object.assign(new Error(row.integrity_check), { errcode: resultCode.corrupt });
	}
	rmSync(suspectMark(path), { force: true });
}

const suspectMark = (path: string) => `${path}.suspect`;

function stillInUse(path: string, cause: unknown): StoreError {
	return new StoreError(
		"corrupt",
		path,
		`The memory database ${path} is damaged, but another program has it open, so it cannot be set aside yet. Close the other programs that use the memory (windows of VS Code, agents, MCP servers), then try again: what is readable is copied to a new database.`,
		cause,
	);
}
