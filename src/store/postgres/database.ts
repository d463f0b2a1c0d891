import { createHash } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { StoreError } from "../errors.ts";
import { newProcessOwner } from "../processOwner.ts";
import type { Destinations } from "../types.ts";
import type { Connection, Driver } from "./driver.ts";
import { isConnectionLost, isPassing, storeError } from "./errors.ts";
import { literal, type Names, type Parameters, positional, quoted } from "./sql.ts";

/** ms that a statement waits for a lock of another process. */
const lockTimeout = 10_000;
/**
 * ms after which the server ends a transaction whose process is silent, such as on a laptop that was closed: others wait
 * for its locks.
 */
const silenceTimeout = 8000;
/** ms to wait for word of a transaction whose end was cut off. */
const outcomeTimeout = 15_000;
const firstRetryDelay = 50;

export interface Reader {
	all<R>(sql: string, parameters?: Parameters): Promise<R[]>;
	get<R>(sql: string, parameters?: Parameters): Promise<R | undefined>;
	/** The number in column `n` of the first row; 0 without a row. */
	number(sql: string, parameters?: Parameters): Promise<number>;
}

/** Within a transaction. */
export type Writer = Reader;

export interface DatabaseOptions {
	readonly location: string;
	readonly names: Names;
	readonly destinations: Destinations;
	readonly retries: number;
	readonly schemaVersion: number;
}

/**
 * Runs statements and transactions, safely through a pooler in transaction mode: nothing is left in a session. A call
 * whose connection breaks is made again on another; a transaction is made exactly once, also where its end is cut off.
 */
export class Database implements Reader {
	readonly location: string;
	/** Owns this process's claims and leases. */
	readonly owner: string = newProcessOwner();
	readonly destinations: Destinations;
	readonly driver: Driver;
	readonly names: Names;
	readonly #options: DatabaseOptions;
	readonly #writeListeners = new Set<() => void>();

	constructor(driver: Driver, options: DatabaseOptions) {
		this.driver = driver;
		this.location = options.location;
		this.destinations = options.destinations;
		this.names = options.names;
		this.#options = options;
	}

	/** The channel of notifications about changes. */
	get channel(): string {
		const hash = createHash("sha256").update(this.names.schema).digest("hex");
		return `mcp_mem0_${hash.slice(0, 16)}`;
	}

	all<R>(sql: string, parameters: Parameters = {}): Promise<R[]> {
		return this.#retrying(async () => {
			const connection = await this.driver.connect();
			return using(connection, () => this.#reader(connection).all<R>(sql, parameters));
		});
	}

	get<R>(sql: string, parameters: Parameters = {}): Promise<R | undefined> {
		return first(this.all<R>(sql, parameters));
	}

	number(sql: string, parameters: Parameters = {}): Promise<number> {
		return count(this.all(sql, parameters));
	}

	/**
	 * Runs `body` in one READ COMMITTED transaction: all of it happens or none. It may run more than once, each time from
	 * the beginning.
	 * @param quiet nobody is told.
	 * @param locks names of what nobody else may decide on meanwhile; see `lockKey`.
	 * @throws StoreError
	 */
	async write<T>(
		body: (writer: Writer) => Promise<T>,
		locks: readonly string[] = [],
		quiet = false,
	): Promise<T> {
		const result = await this.#retrying(() => this.#writeOnce(body, this.#begin(locks, quiet)));
		if (!quiet) for (const listener of this.#writeListeners) listener();
		return result;
	}

	/** Calls back after every write of this process. */
	onDidWrite(listener: () => void): void {
		this.#writeListeners.add(listener);
	}

	async #writeOnce<T>(body: (writer: Writer) => Promise<T>, begin: string): Promise<T> {
		const connection = await this.driver.connect();
		let transaction: string | undefined;
		let result: T;
		try {
			const begun = await connection.script(begin);
			transaction = String(begun[0]?.xid);
			this.#refuseNewer(Number(begun[0]?.version));
			result = await body(this.#reader(connection));
		} catch (error) {
			await rollBack(connection, error);
			throw error;
		}
		try {
			await connection.script("COMMIT");
			connection.release(false);
		} catch (error) {
			connection.release(true);
			if (!isConnectionLost(error) || !(await this.#hasCommitted(transaction, error))) throw error;
		}
		return result;
	}

	/** In one round trip. A transaction number is taken at once, for `hasCommitted`. */
	#begin(locks: readonly string[], quiet: boolean): string {
		const keys = [...new Set(locks.map((name) => lockKey(this.names.schema, name)))].sort();
		return [
			"BEGIN",
			`SET LOCAL lock_timeout = ${lockTimeout}`,
			`SET LOCAL idle_in_transaction_session_timeout = ${silenceTimeout}`,
			...keys.map((key) => `SELECT pg_advisory_xact_lock(${key})`),
			...(quiet ? [] : this.#tell()),
			`SELECT pg_current_xact_id()::text AS xid, version FROM ${quoted(this.names.schema)}.meta`,
		].join(";\n");
	}

	/** Tells the other processes. */
	#tell(): readonly string[] {
		const schema = quoted(this.names.schema);
		const owner = literal(this.owner);
		return [
			// For those behind a pooler, whom notifications do not reach.
			`INSERT INTO ${schema}.changes (owner, at) VALUES (${owner}, ${schema}.now_ms())`,
			`SELECT pg_notify(${literal(this.channel)}, ${owner})`,
		];
	}

	#refuseNewer(version: number): void {
		if (version > this.#options.schemaVersion) throw newerSchema(this.location, version);
	}

	/** Asks the server what became of a transaction. */
	async #hasCommitted(transaction: string, cause: unknown): Promise<boolean> {
		const deadline = performance.now() + outcomeTimeout;
		for (let delay = firstRetryDelay; ; delay = Math.min(2 * delay, 1000)) {
			const status = await this.#statusOf(transaction);
			if (status === "committed") return true;
			if (status === "aborted") return false;
			if (performance.now() > deadline)
				throw new StoreError(
					"unreachable",
					this.location,
					`The connection to the memory database ${this.location} broke at the end of a change, and the server cannot be asked whether it was made. Look before you try again.`,
					cause,
				);
			await sleep(delay);
		}
	}

	async #statusOf(transaction: string): Promise<string | undefined> {
		try {
			const connection = await this.driver.connect();
			return await using(connection, async () => {
				const [row] = await connection.query("SELECT pg_xact_status($1::text::xid8) AS status", [
					transaction,
				]);
				return row?.status as string;
			});
		} catch (error) {
			if (isConnectionLost(error)) return undefined;
			throw error;
		}
	}

	async #retrying<T>(attempt: () => Promise<T>): Promise<T> {
		for (let tried = 0; ; tried += 1)
			try {
				return await attempt();
			} catch (error) {
				const canRetry = isConnectionLost(error) || isPassing(error);
				if (error instanceof StoreError || !canRetry || tried >= this.#options.retries)
					throw storeError(error, this.location);
				// Random, so that processes that lost their connections together do not return together.
				await sleep(firstRetryDelay * 2 ** tried * (0.5 + Math.random()));
			}
	}

	#reader(connection: Connection): Reader {
		const all = async <R>(sql: string, parameters: Parameters = {}) => {
			const { text, values } = positional(sql, parameters, this.names);
			return (await connection.query(text, values)) as R[];
		};
		return {
			all,
			get: (sql, parameters) => first(all(sql, parameters)),
			number: (sql, parameters) => count(all(sql, parameters)),
		};
	}
}

export function newerSchema(location: string, version: number): StoreError {
	return new StoreError(
		"newer-schema",
		location,
		`The memory database ${location} has schema ${version}, which is newer than this version of MCP Mem0 knows. Update MCP Mem0.`,
	);
}

/** The lock of everything that says the same, or of anything else that has a name; as PostgreSQL's 64-bit number. */
export function lockKey(schema: string, name: string): bigint {
	const hash = createHash("sha256").update(`${schema}\0${name}`).digest();
	// Few enough that an import of many texts fits the server's table of locks.
	return 0x6d656d30_00000000n + BigInt(hash.readUInt16LE() % lockCount);
}

const lockCount = 512;

async function using<T>(connection: Connection, work: () => Promise<T>): Promise<T> {
	try {
		const result = await work();
		connection.release(false);
		return result;
	} catch (error) {
		connection.release(isConnectionLost(error));
		throw error;
	}
}

/** A connection that may still be in a transaction is not used again. */
async function rollBack(connection: Connection, cause: unknown): Promise<void> {
	if (isConnectionLost(cause)) return connection.release(true);
	try {
		await connection.script("ROLLBACK");
		connection.release(false);
	} catch {
		connection.release(true);
	}
}

async function first<R>(rows: Promise<R[]>): Promise<R | undefined> {
	return (await rows)[0];
}

async function count(rows: Promise<unknown[]>): Promise<number> {
	return Number(((await rows)[0] as { n: unknown } | undefined)?.n ?? 0);
}
