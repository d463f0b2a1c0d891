import type { DatabaseSync, SQLInputValue, StatementResultingChanges, StatementSync } from "node:sqlite";
import { setTimeout as sleep } from "node:timers/promises";
import { ConflictError, StoreError } from "../errors.ts";
import { newProcessOwner } from "../processOwner.ts";
import type { Destinations } from "../types.ts";
import { retryWhileBusy } from "./busy.ts";
import {
	type Connection,
	type ConnectOptions,
	connect,
	connectToRead,
	disconnect,
	isSuspect,
	leaveSuspectMark,
	refuseNewerSchema,
} from "./connection.ts";
import { markRescued } from "./damagedFiles.ts";
import { storeError } from "./errors.ts";
import { identityOf } from "./fileLock.ts";

export interface OpenOptions extends ConnectOptions {
	readonly destinations: Destinations;
	/** Copies what the database lacks from a file that is no longer in its place. */
	readonly takeAlong: TakeAlong;
	/** Opens only a database that is there and whole, and leaves it as it is: see `connectToRead`. Writes fail. */
	readonly readOnly?: boolean;
}

/**
 * @param write does `Database.write` in the turn of the caller, which waits for all of it.
 * @param from what the process had open until now, or the path of the damaged file that was set aside.
 */
export type TakeAlong = (
	database: Database,
	write: <T>(body: () => T) => Promise<T>,
	from: DatabaseSync | string,
) => Promise<void>;

export type Parameters = Record<string, SQLInputValue>;

/**
 * One connection to the database file: WAL, every commit synced to disk, short IMMEDIATE write transactions that wait
 * for other processes without blocking the thread. If the file is removed, renamed or replaced, it moves over to the
 * one that is there, or makes it anew.
 */
export class Database {
	readonly path: string;
	/** Owns this connection's claims and leases. */
	readonly owner: string = newProcessOwner();
	readonly destinations: Destinations;
	readonly #options: OpenOptions;
	#connection: Connection;
	#closed = false;
	/** Increases when another file takes the place of the open one; what was read from it before is worth nothing then. */
	#generation = 0;
	/** What is still to be copied into the open file, and what to do after that. */
	readonly #owed: { readonly from: DatabaseSync | string; readonly release: () => void }[] = [];
	readonly #statements = new Map<string, StatementSync>();
	readonly #writeListeners = new Set<() => void>();
	#lastWrite: Promise<unknown> = Promise.resolve();

	private constructor(path: string, connection: Connection, options: OpenOptions) {
		this.path = path;
		this.destinations = options.destinations;
		this.#connection = connection;
		this.#options = options;
	}

	/**
	 * Opens the file, as `connect` does.
	 * @returns also the files and folders that others could read before.
	 * @throws StoreError
	 */
	static async open(path: string, options: OpenOptions) {
		if (options.readOnly) {
			const reading = await connectToRead(path, options.busyTimeout);
			return { database: new Database(path, reading, options), madePrivate: [] };
		}
		const { connection, toRescue, madePrivate } = await connect(path, options);
		const database = new Database(path, connection, options);
		database.#owe(toRescue);
		try {
			await database.settle();
		} catch (error) {
			await database.close();
			throw error;
		}
		return { database, madePrivate };
	}

	/**
	 * Runs `body` in one IMMEDIATE transaction: all of it happens or none. Writes of this process take turns. When it
	 * returns, what was written is in the file that is under the name.
	 * @param quietly does not call back the listeners of this process.
	 */
	async write<T>(body: () => T, quietly = false): Promise<T> {
		const result = await this.#inTurn(async () => {
			await this.#settle();
			const written = await this.#writeNow(body);
			await this.#settle();
			return written;
		});
		if (!quietly) this.#notify();
		return result;
	}

	/** Moves over to the file that is under the name, if that is another one. */
	settle(): Promise<void> {
		return this.#isSettled ? Promise.resolve() : this.#inTurn(() => this.#settle());
	}

	/** Changes when another file has taken the place of the open one, or a backup that of its rows. */
	get generation(): string {
		return `${this.#generation} ${this.number("SELECT value AS n FROM counters WHERE name = 'restored'")}`;
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
		const deadline = performance.now() + this.#options.busyTimeout;
		for (;;) {
			if (this.get<{ busy: number }>("PRAGMA wal_checkpoint(TRUNCATE)")?.busy === 0) return true;
			if (performance.now() > deadline) return false;
			await sleep(1 + Math.random() * 12);
		}
	}

	/** Waits for the write under way, then closes. */
	async close(): Promise<void> {
		await this.#lastWrite;
		this.#closed = true;
		// Whoever opens it next reads the damaged files that are left.
		for (const { from, release } of this.#owed.splice(0)) if (typeof from !== "string") release();
		disconnect(this.#connection);
	}

	get #sqlite(): DatabaseSync {
		const { sqlite } = this.#connection;
		if (sqlite.isOpen || this.#closed) return sqlite;
		throw new StoreError(
			"busy",
			this.path,
			`The memory database ${this.path} is damaged and is being set aside. Try again in a moment.`,
		);
	}

	#notify(): void {
		for (const listener of this.#writeListeners) listener();
	}

	#inTurn<T>(work: () => Promise<T>): Promise<T> {
		const turn = this.#lastWrite.then(work);
		this.#lastWrite = turn.catch(() => undefined);
		return turn;
	}

	get #isInPlace(): boolean {
		const { sqlite, identity } = this.#connection;
		return sqlite.isOpen && identity === identityOf(this.path) && !isSuspect(this.path);
	}

	get #isSettled(): boolean {
		const settled = this.#closed || this.#options.readOnly;
		return settled || (this.#owed.length === 0 && this.#isInPlace);
	}

	async #settle(): Promise<void> {
		if (this.#isSettled) return;
		if (!this.#isInPlace) await this.#reconnect();
		// What cannot be copied now is tried again before the next write.
		for (let owed = this.#owed[0]; owed; owed = this.#owed[0]) {
			await this.#options.takeAlong(this, (body) => this.#writeNow(body), owed.from);
			this.#owed.shift();
			owed.release();
		}
	}

	#owe(damaged: readonly string[]): void {
		this.#owed.push(...damaged.map((from) => ({ from, release: () => markRescued(from) })));
	}

	async #reconnect(): Promise<void> {
		const old = this.#connection;
		const moved = old.sqlite.isOpen && old.identity !== identityOf(this.path);
		if (!moved) {
			// Whoever sets a damaged file aside needs it to itself.
			disconnect(old);
			await sleep(50 + Math.random() * 100);
		}
		const { connection, toRescue } = await connect(this.path, this.#options);
		this.#connection = connection;
		this.#statements.clear();
		this.#generation += 1;
		if (moved) this.#owed.push({ from: old.sqlite, release: () => disconnect(old) });
		this.#owe(toRescue);
		this.#notify();
	}

	async #writeNow<T>(body: () => T): Promise<T> {
		try {
			const begin = () => this.#sqlite.exec("BEGIN IMMEDIATE");
			await retryWhileBusy(this.path, this.#options.busyTimeout, begin);
			try {
				refuseNewerSchema(this.path, this.#userVersion());
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

	/** Also leaves a mark beside a file that SQLite reports as damaged, so that every process opens it again, which checks it. */
	#toStoreError(error: unknown): StoreError | ConflictError {
		if (error instanceof ConflictError) return error;
		const wrapped = storeError(error, this.path);
		if (wrapped.kind === "corrupt" && !this.#options.readOnly) leaveSuspectMark(this.path);
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
