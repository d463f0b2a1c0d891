import { randomUUID } from "node:crypto";
import { isRunning } from "../processOwner.ts";
import type { Database } from "./database.ts";
import type { Connection } from "./driver.ts";
import { tallyKey } from "./schemaTeams.ts";
import { named } from "./sql.ts";

/** ms until an index that could not be built is tried again. */
const pauseAfterFailure = 600_000;
/** Vectors of a space from which an index finds the nearest faster than comparing all. */
const indexedFrom = 10_000;
/** The widest vectors that an index takes, as `vector` and as `halfvec`. */
const widestVector = 2000;
const widestHalfvec = 4000;
/** Rows of one sum at which they are added up. */
const rowsPerSum = 50;

/**
 * What keeps the database fast, done beside the writes, by one process at a time: an index for each space that has many
 * vectors, and the sums of counts (see schema.ts) made one row again.
 */
export class Housekeeping {
	readonly #database: Database;
	readonly #delay: number;
	#timer: NodeJS.Timeout | undefined;
	#running: Promise<void> = Promise.resolve();
	#building: Connection | undefined;
	#closed = false;
	#notBefore = 0;

	/** @param delay ms after a write at which it looks what is to be done. */
	constructor(database: Database, delay = 10_000) {
		this.#database = database;
		this.#delay = delay;
	}

	wrote(): void {
		if (this.#timer || this.#closed) return;
		this.#timer = setTimeout(() => {
			this.#timer = undefined;
			// Nothing depends on it: the next look does what this one could not.
			this.#running = this.#running.then(() => this.#run()).catch(() => undefined);
		}, this.#delay).unref();
	}

	async #run(): Promise<void> {
		await this.#addUp("term_counts", "term");
		await this.#addUp("tallies", tallyKey);
		await this.#database.all("DELETE FROM {s}.changes WHERE at < {s}.now_ms() - 60000");
		await this.#buildIndexes();
	}

	/** An index that is being built is given up: closing the connection ends it. */
	async close(): Promise<void> {
		this.#closed = true;
		clearTimeout(this.#timer);
		this.#building?.release(true);
		await this.#running;
	}

	/** One row for each sum that has very many. Rows that others write or add up meanwhile stay. */
	async #addUp(table: string, key: string): Promise<void> {
		await this.#database.all(
			`WITH long AS (SELECT ${key} FROM {s}.${table} GROUP BY ${key} HAVING count(*) > ${rowsPerSum}),
			old AS (
				SELECT t.ctid FROM {s}.${table} t JOIN long l ON (${prefixed("t", key)}) IS NOT DISTINCT FROM (${prefixed("l", key)})
				FOR UPDATE OF t SKIP LOCKED
			), gone AS (DELETE FROM {s}.${table} WHERE ctid IN (SELECT ctid FROM old) RETURNING ${key}, n)
			INSERT INTO {s}.${table} (${key}, n) SELECT ${key}, sum(n) FROM gone GROUP BY ${key} HAVING sum(n) <> 0`,
		);
	}

	async #buildIndexes(): Promise<void> {
		const due = await this.#database.all<{ id: number; dimensions: number }>(
			`SELECT s.id, s.dimensions FROM {s}.spaces s WHERE NOT s.indexed AND s.dimensions <= ${widestHalfvec}
			AND (SELECT coalesce(sum(n), 0) FROM {s}.tallies t WHERE t.spaces @> ARRAY[s.id]) >= ${indexedFrom}`,
		);
		for (const { id, dimensions } of due) await this.#buildIndex(id, dimensions);
	}

	async #buildIndex(space: number, dimensions: number): Promise<void> {
		const lease = `index of space ${space}`;
		const name = `vectors_hnsw_${space}`;
		if (this.#closed || performance.now() < this.#notBefore || !(await this.#takeLease(lease))) return;
		try {
			const type = dimensions <= widestVector ? "vector" : "halfvec";
			const cast = `(vector::{v}.${type}(${dimensions}))`;
			await this.#alone([
				// One that was not finished is worth nothing.
				`DROP INDEX CONCURRENTLY IF EXISTS {s}.${name}`,
				// Others go on writing meanwhile.
				`CREATE INDEX CONCURRENTLY ${name} ON {s}.vectors USING hnsw (${cast} {v}.${type}_cosine_ops) WHERE space = ${space}`,
			]);
			await this.#database.all("UPDATE {s}.spaces SET indexed = true WHERE id = :space", { space });
		} catch (error) {
			// Such as the server's statement_timeout: it would end the next attempt, too.
			this.#notBefore = performance.now() + pauseAfterFailure;
			throw error;
		} finally {
			const { owner } = this.#database;
			const free = "DELETE FROM {s}.leases WHERE name = :lease AND holder = :owner";
			// Otherwise it is free when this process is gone.
			await this.#database.all(free, { lease, owner }).catch(() => undefined);
		}
	}

	/** Statements that take minutes, on a connection of their own. */
	async #alone(statements: readonly string[]): Promise<void> {
		const { names, driver } = this.#database;
		const connection = await driver.connectAlone();
		this.#building = connection;
		try {
			for (const statement of statements) await connection.script(named(statement, names));
		} finally {
			this.#building = undefined;
			if (!this.#closed) connection.release(true);
		}
	}

	/** For as long as building takes at most; a holder whose process is gone holds nothing. */
	async #takeLease(name: string): Promise<boolean> {
		const { owner } = this.#database;
		const holder = await this.#database.get<{ holder: string }>(
			"SELECT holder FROM {s}.leases WHERE name = :name AND expires_at > {s}.now_ms()",
			{ name },
		);
		if (holder && isRunning(holder.holder)) return false;
		const taken = await this.#database.all(
			`INSERT INTO {s}.leases AS l (name, holder, expires_at) VALUES (:name, :owner, {s}.now_ms() + 3600000)
			ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, expires_at = excluded.expires_at
			WHERE l.expires_at <= {s}.now_ms() OR l.holder = :dead RETURNING name`,
			{ name, owner, dead: holder?.holder ?? randomUUID() },
		);
		return taken.length > 0;
	}
}

function prefixed(table: string, key: string): string {
	return key.replace(/\w+/g, (column) => `${table}.${column}`);
}
