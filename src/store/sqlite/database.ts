import { existsSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import {
	DatabaseSync,
	type SQLInputValue,
	type StatementResultingChanges,
	type StatementSync,
} from "node:sqlite";
import { setTimeout as sleep } from "node:timers/promises";
import { StoreError } from "../errors.ts";
import type { Destinations } from "../types.ts";
import { isBusy, resultCode, storeError } from "./errors.ts";
import { makePrivate } from "./privateFiles.ts";
import { newProcessOwner } from "./processOwner.ts";
import { migrations, schemaVersion } from "./schema.ts";

/** How long, in ms, SQLite itself waits for another process's write. Short: it blocks the thread, which may be the extension host's. */
const blockingWait = 4;

export interface OpenOptions {
	readonly destinations: Destinations;
	/** How long, in ms, a write waits for other processes before it fails as `busy`. */
	readonly busyTimeout: number;
}

export type Parameters = Record<string, SQLInputValue>;

/**
 * One connection to the database file: WAL, every commit synced to disk, short IMMEDIATE write transactions that wait
 * for other processes without blocking the thread.
 */
export class Database {
	readonly path: string;
	/** Owns this connection's claims and leases. */
	readonly owner: string = newProcessOwner();
	readonly destinations: Destinations;
	readonly #sqlite: DatabaseSync;
	readonly #statements = new Map<string, StatementSync>();
	readonly #writeListeners = new Set<() => void>();
	/** How long, in ms, a write waits for other processes before it fails as `busy`. */
	readonly #busyTimeout: number;
	#lastWrite: Promise<unknown> = Promise.resolve();

	private constructor(path: string, sqlite: DatabaseSync, { destinations, busyTimeout }: OpenOptions) {
		this.path = path;
		this.destinations = destinations;
		this.#sqlite = sqlite;
		this.#busyTimeout = busyTimeout;
	}

	/**
	 * Opens or creates the database and brings its schema up to date. A damaged file is renamed aside, never deleted.
	 * @returns also the new path of a damaged file, and the files and folders that others could read before.
	 * @throws StoreError `not-writable`, `newer-schema` or `busy`.
	 */
	static async open(path: string, options: OpenOptions) {
		try {
			const madePrivate = makePrivate(path);
			const file = identity(path);
			try {
				return { database: await Database.#connect(path, options), setAside: undefined, madePrivate };
			} catch (error) {
				if (storeError(error, path).kind !== "corrupt") throw error;
				// Another process may have found the damage too and already created a new database, which must stay.
				const setAside = identity(path) === file ? moveAside(path) : undefined;
				makePrivate(path);
				return { database: await Database.#connect(path, options), setAside, madePrivate };
			}
		} catch (error) {
			throw storeError(error, path);
		}
	}

	static async #connect(path: string, options: OpenOptions): Promise<Database> {
		const sqlite = new DatabaseSync(path, { timeout: blockingWait });
		const database = new Database(path, sqlite, options);
		try {
			// FULL: what we report as saved survives a power cut. A page of a new database holds a whole vector of 1536
			// dimensions or three of the built-in model; the cache, in KB, holds the indexes of 100,000 memories.
			const pragmas =
				"PRAGMA page_size = 8192; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA secure_delete = ON; PRAGMA temp_store = MEMORY; PRAGMA cache_size = -8192";
			await database.#retryWhileBusy(() => sqlite.exec(pragmas));
			if (existsSync(suspectMark(path))) database.#checkIntegrity();
			if ((await database.#retryWhileBusy(() => database.#userVersion())) !== schemaVersion)
				await database.#migrate();
			return database;
		} catch (error) {
			sqlite.close();
			throw error;
		}
	}

	/** Runs `body` in one IMMEDIATE transaction: all of it happens or none. Writes of this process take turns. */
	async write<T>(body: () => T): Promise<T> {
		const turn = this.#lastWrite.then(() => this.#writeNow(body));
		this.#lastWrite = turn.catch(() => undefined);
		const result = await turn;
		for (const listener of this.#writeListeners) listener();
		return result;
	}

	/** Calls back after every write of this connection. */
	onDidWrite(listener: () => void): void {
		this.#writeListeners.add(listener);
	}

	/** Changes whenever another connection commits a write. */
	get foreignVersion(): number {
		return this.number("SELECT data_version AS n FROM pragma_data_version");
	}

	/** Runs several reads on one snapshot; cheaper than separate reads, each of which locks the file again. */
	read<T>(body: () => T): T {
		// A write has begun but not reached its first statement: nothing has changed yet.
		if (this.#wrapErrors(() => this.#sqlite.isTransaction)) return body();
		this.#wrapErrors(() => this.#sqlite.exec("BEGIN"));
		try {
			return body();
		} finally {
			if (this.#sqlite.isTransaction) this.#wrapErrors(() => this.#sqlite.exec("COMMIT"));
		}
	}

	/** Runs a statement that changes data; call it within `write` only. */
	run(sql: string, parameters: Parameters = {}): StatementResultingChanges {
		return this.#wrapErrors(() => this.#statement(sql).run(parameters));
	}

	/** The first row; the caller's query determines its columns. */
	get<Row>(sql: string, parameters: Parameters = {}): Row | undefined {
		return this.#wrapErrors(() => this.#statement(sql).get(parameters)) as Row | undefined;
	}

	all<Row>(sql: string, parameters: Parameters = {}): Row[] {
		return this.#wrapErrors(() => this.#statement(sql).all(parameters)) as Row[];
	}

	/** The number in column `n` of the first row; 0 without a row. */
	number(sql: string, parameters: Parameters = {}): number {
		return Number(this.get<{ n: number | bigint }>(sql, parameters)?.n ?? 0);
	}

	/**
	 * Moves what was written to the database file and empties the write-ahead log, which holds earlier texts.
	 * @returns false if others kept reading an earlier state of the file.
	 */
	async checkpoint(): Promise<boolean> {
		const deadline = performance.now() + this.#busyTimeout;
		for (;;) {
			if (this.get<{ busy: number }>("PRAGMA wal_checkpoint(TRUNCATE)")?.busy === 0) return true;
			if (performance.now() > deadline) return false;
			await sleep(1 + Math.random() * 12);
		}
	}

	/** Waits for the write under way, then closes. */
	async close(): Promise<void> {
		await this.#lastWrite;
		if (this.#sqlite.isOpen) this.#sqlite.close();
	}

	async #writeNow<T>(body: () => T): Promise<T> {
		try {
			await this.#retryWhileBusy(() => this.#sqlite.exec("BEGIN IMMEDIATE"));
			try {
				this.#refuseNewerSchema();
				const result = body();
				this.#sqlite.exec("COMMIT");
				return result;
			} catch (error) {
				if (this.#sqlite.isTransaction) this.#sqlite.exec("ROLLBACK");
				throw error;
			}
		} catch (error) {
			throw this.#toStoreError(error);
		}
	}

	async #retryWhileBusy<T>(attempt: () => T): Promise<T> {
		const deadline = performance.now() + this.#busyTimeout;
		for (;;) {
			try {
				return attempt();
			} catch (error) {
				if (!isBusy(error)) throw error;
				if (performance.now() < deadline) {
					// A random pause, so that waiting processes do not keep colliding.
					await sleep(1 + Math.random() * 12);
					continue;
				}
				throw new StoreError(
					"busy",
					this.path,
					`Another process has kept the memory database ${this.path} locked for ${this.#busyTimeout / 1000} s. Nothing was changed. Close the program that holds the lock, or try again.`,
					error,
				);
			}
		}
	}

	async #migrate(): Promise<void> {
		await this.#writeNow(() => {
			// Read the version again inside the transaction: another process may have migrated meanwhile.
			for (let version = this.#userVersion(); version < schemaVersion; version += 1) {
				this.#sqlite.exec(migrations[version] as string);
				this.#sqlite.exec(`PRAGMA user_version = ${version + 1}`);
			}
		});
	}

	#refuseNewerSchema(): void {
		const found = this.#userVersion();
		if (found <= schemaVersion) return;
		throw new StoreError(
			"newer-schema",
			this.path,
			`A newer version of MCP Mem0 made the memory database ${this.path} (schema ${found}; this version supports up to ${schemaVersion}). Update MCP Mem0 here, or set MEMORY_DIR (in VS Code: mcpMem0.storage.directory) to another folder. The database was not changed.`,
		);
	}

	/** Reads the whole file, so it only runs after SQLite has reported damage. */
	#checkIntegrity(): void {
		const row = this.#sqlite.prepare("PRAGMA integrity_check(1)").get() as { integrity_check: string };
		if (row.integrity_check !== "ok") {
			throw Object.assign(new Error(row.integrity_check), { errcode: resultCode.corrupt });
		}
		rmSync(suspectMark(this.path), { force: true });
	}

	#userVersion(): number {
		return (this.#statement("PRAGMA user_version").get() as { user_version: number }).user_version;
	}

	#statement(sql: string): StatementSync {
		let statement = this.#statements.get(sql);
		if (!statement) {
			statement = this.#sqlite.prepare(sql);
			this.#statements.set(sql, statement);
		}
		return statement;
	}

	#wrapErrors<T>(body: () => T): T {
		try {
			return body();
		} catch (error) {
			throw this.#toStoreError(error);
		}
	}

	/** Also leaves a mark beside a file that SQLite reports as damaged, so that the next start checks it. */
	#toStoreError(error: unknown): StoreError {
		const wrapped = storeError(error, this.path);
		if (wrapped.kind === "corrupt") {
			try {
				writeFileSync(suspectMark(this.path), "");
			} catch {
				// The folder is gone or full: the caller throws the original error, which says more than this one.
			}
		}
		return wrapped;
	}
}

/** Increases with every change to a memory or its vector. */
export function currentRevision(database: Database): number {
	return database.number("SELECT value AS n FROM counters WHERE name = 'revision'");
}

/** Within a write: the next revision, which marks a memory as changed for every process. */
export function nextRevision(database: Database): number {
	return database.number(
		"UPDATE counters SET value = value + 1 WHERE name = 'revision' RETURNING value AS n",
	);
}

const suspectMark = (path: string) => `${path}.suspect`;

/** Differs between a file and its replacement of the same name. */
function identity(path: string): bigint | undefined {
	return statSync(path, { bigint: true, throwIfNoEntry: false })?.ino;
}

function moveAside(path: string): string {
	const stamp = new Date().toISOString().replace(/[:.]/g, "-");
	const target = `${path}.corrupt-${stamp}`;
	for (const suffix of ["", "-wal", "-shm"]) {
		if (existsSync(path + suffix)) renameSync(path + suffix, target + suffix);
	}
	rmSync(suspectMark(path), { force: true });
	return target;
}
