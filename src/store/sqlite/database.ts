import { existsSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { DatabaseSync, type SQLInputValue, type StatementSync } from "node:sqlite";
import { setTimeout as sleep } from "node:timers/promises";
import { StoreError } from "../errors.ts";
import { isBusy, storeError } from "./errors.ts";
import { makePrivate } from "./privateFiles.ts";
import { migrations, schemaVersion } from "./schema.ts";

/** SQLite's own wait, in ms, for another process's write. Short: it blocks the thread, which may be the extension host's. */
const blockingWait = 4;

export type Parameters = Record<string, SQLInputValue>;

export interface OpenedDatabase {
	readonly database: Database;
	/** Where a damaged file was moved to before a new one was begun. */
	readonly setAside: string | undefined;
	/** Files and folders that others could read before. */
	readonly madePrivate: readonly string[];
}

/**
 * One connection to the database file: WAL, every commit synced to disk, short IMMEDIATE write transactions that wait for other
 * processes without blocking the thread.
 */
export class Database {
	readonly path: string;
	readonly #sqlite: DatabaseSync;
	readonly #statements = new Map<string, StatementSync>();
	readonly #writeListeners = new Set<() => void>();
	/** How long, in ms, a write waits for other processes before it fails as `busy`. */
	readonly busyTimeout: number;
	#lastWrite: Promise<unknown> = Promise.resolve();

	private constructor(path: string, sqlite: DatabaseSync, busyTimeout: number) {
		this.path = path;
		this.#sqlite = sqlite;
		this.busyTimeout = busyTimeout;
	}

	/**
	 * Opens or creates the database and brings its schema up to date. A damaged file is renamed aside, never deleted.
	 * @throws StoreError `not-writable`, `newer-schema` or `busy`.
	 */
	static async open(path: string, busyTimeout = 5000): Promise<OpenedDatabase> {
		try {
			const madePrivate = makePrivate(path);
			const file = identity(path);
			try {
				return { database: await Database.#connect(path, busyTimeout), setAside: undefined, madePrivate };
			} catch (error) {
				if (storeError(error, path).kind !== "corrupt") throw error;
				// Another process that met the damage too may have begun a new database already, which must stay.
				const setAside = identity(path) === file ? moveAside(path) : undefined;
				makePrivate(path);
				return { database: await Database.#connect(path, busyTimeout), setAside, madePrivate };
			}
		} catch (error) {
			throw storeError(error, path);
		}
	}

	static async #connect(path: string, busyTimeout: number): Promise<Database> {
		const sqlite = new DatabaseSync(path, { timeout: blockingWait });
		const database = new Database(path, sqlite, busyTimeout);
		try {
			// FULL: "saved" is said only for what would survive a power cut as well. A page, in a new database, holds a
			// whole vector of 1536 dimensions or three of the built-in model; the cache, in KB, keeps the indexes of 100,000.
			const pragmas =
				"PRAGMA page_size = 8192; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA secure_delete = ON; PRAGMA temp_store = MEMORY; PRAGMA cache_size = -8192";
			await database.#retryWhileBusy(() => sqlite.exec(pragmas));
			if (existsSync(suspicion(path))) database.#checkThoroughly();
			if ((await database.#retryWhileBusy(() => database.#userVersion())) !== schemaVersion)
				await database.#migrate();
			return database;
		} catch (error) {
			sqlite.close();
			throw error;
		}
	}

	/** Runs `body` in one IMMEDIATE transaction; all of it happens or none. Writes of this process take turns. */
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

	/** Changes whenever another connection has committed a write. */
	get foreignVersion(): number {
		return this.number("SELECT data_version AS n FROM pragma_data_version");
	}

	/** Runs reads that see one state of the database; cheaper than each by itself, which locks the file anew. */
	read<T>(body: () => T): T {
		// A write that has begun and not yet come to its first statement: nothing is changed yet.
		if (this.#worded(() => this.#sqlite.isTransaction)) return body();
		this.#worded(() => this.#sqlite.exec("BEGIN"));
		try {
			return body();
		} finally {
			if (this.#sqlite.isTransaction) this.#worded(() => this.#sqlite.exec("COMMIT"));
		}
	}

	/** Runs a statement that changes something; only within `write`. */
	run(
		sql: string,
		parameters: Parameters = {},
	): { changes: number | bigint; lastInsertRowid: number | bigint } {
		return this.#worded(() => this.#statement(sql).run(parameters));
	}

	/** The first row, whose columns the caller's query names. */
	get<Row>(sql: string, parameters: Parameters = {}): Row | undefined {
		return this.#worded(() => this.#statement(sql).get(parameters)) as Row | undefined;
	}

	all<Row>(sql: string, parameters: Parameters = {}): Row[] {
		return this.#worded(() => this.#statement(sql).all(parameters)) as Row[];
	}

	/** The number in column `n` of the first row; 0 where there is no row. */
	number(sql: string, parameters: Parameters = {}): number {
		return Number(this.get<{ n: number | bigint }>(sql, parameters)?.n ?? 0);
	}

	/** Moves what was written to the database file and empties the write-ahead log, which holds earlier texts. */
	checkpoint(): void {
		this.#worded(() => this.#sqlite.exec("PRAGMA wal_checkpoint(TRUNCATE)"));
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
			throw this.#noted(error);
		}
	}

	async #retryWhileBusy<T>(attempt: () => T): Promise<T> {
		const deadline = performance.now() + this.busyTimeout;
		for (;;) {
			try {
				return attempt();
			} catch (error) {
				if (!isBusy(error)) throw error;
				if (performance.now() < deadline) {
					// A random pause, so that processes that wait do not keep meeting.
					await sleep(1 + Math.random() * 12);
					continue;
				}
				throw new StoreError(
					"busy",
					this.path,
					`The memory database ${this.path} has been locked by another process for ${this.busyTimeout / 1000} s. Nothing was changed. Close the program that holds it, or try again.`,
					error,
				);
			}
		}
	}

	async #migrate(): Promise<void> {
		await this.#writeNow(() => {
			// Read again inside the transaction: another process may have migrated meanwhile.
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
			`The memory database ${this.path} was made by a newer version of MCP Mem0 (schema ${found}; this version knows up to ${schemaVersion}). Update MCP Mem0 here, or set MEMORY_DIR (in VS Code: mcpMem0.storage.directory) to another folder. The database was not changed.`,
		);
	}

	/** Reads the whole file; only done after SQLite has called it damaged. */
	#checkThoroughly(): void {
		const row = this.#sqlite.prepare("PRAGMA integrity_check(1)").get() as { integrity_check: string };
		if (row.integrity_check !== "ok") {
			throw Object.assign(new Error(row.integrity_check), { errcode: 11 });
		}
		rmSync(suspicion(this.path), { force: true });
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

	#worded<T>(body: () => T): T {
		try {
			return body();
		} catch (error) {
			throw this.#noted(error);
		}
	}

	/** Leaves a mark beside a file that SQLite calls damaged, so that the next start checks it. */
	#noted(error: unknown): StoreError {
		const worded = storeError(error, this.path);
		if (worded.kind === "corrupt") {
			try {
				writeFileSync(suspicion(this.path), "");
			} catch {
				// The folder went away or is full: the error itself, thrown by the caller, says more than this would.
			}
		}
		return worded;
	}
}

/** Rises with every change of a memory or its vector. */
export function currentRevision(database: Database): number {
	return database.number("SELECT value AS n FROM counters WHERE name = 'revision'");
}

const suspicion = (path: string) => `${path}.suspect`;

/** Tells a file from another one that has taken its name. */
function identity(path: string): bigint | undefined {
	return statSync(path, { bigint: true, throwIfNoEntry: false })?.ino;
}

function moveAside(path: string): string {
	const stamp = new Date().toISOString().replace(/[:.]/g, "-");
	const target = `${path}.corrupt-${stamp}`;
	for (const suffix of ["", "-wal", "-shm"]) {
		if (existsSync(path + suffix)) renameSync(path + suffix, target + suffix);
	}
	rmSync(suspicion(path), { force: true });
	return target;
}
