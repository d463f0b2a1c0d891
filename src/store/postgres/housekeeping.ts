import { randomUUID } from "node:crypto";
import { isRunning } from "../processOwner.ts";
import type { Database } from "./database.ts";
import type { Connection } from "./driver.ts";
import { tallyKey } from "./schemaTeams.ts";
import { indexed, indexName } from "./searchFunction.ts";
import { named } from "./sql.ts";

/** ms until an index that could not be built is tried again. */
const pauseAfterFailure = 600_000;
/** Vectors of a space from which an index finds the nearest faster than comparing all. */
const indexedFrom = 10_000;
/** So many vectors outside the index are compared one by one, or one in a hundred of all, before it is built anew. */
const outsideAtMost = 5000;
const outsideShare = 100;
/**
 * While so many are added from one look to the next, as by an import, it is built anew only when it would have twenty times
 * as many, and some time after the last build: each build takes the cores from the import, and one that ends with the import
 * is followed by another.
 */
const manyAdded = 1000;
const growth = 20;
/** ms */
const betweenBuilds = 600_000;
/** The widest vectors that an index takes. */
const widestIndexed = 4000;
/**
 * With fewer links (pgvector's default is 16) a search does not get into groups of vectors that lie far from all others: 7 of
 * 100 then found none of the nearest among 200,000 of 100 topics, 2 with these.
 */
const indexOptions = "m = 32, ef_construction = 100";
/** Rows of one sum at which they are added up. */
const rowsPerSum = 50;
/** Rows that one statement adds up, so that it never takes as long as an answer may. */
const rowsAtOnce = 50_000;

/** In SQL, whether there is a whole index of the name. Somebody may have dropped it, or a build may have been ended. */
const isThere = (name: string) => `EXISTS (
	SELECT 1 FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
	WHERE i.indrelid = '{s}.vectors'::regclass AND c.relname = ${name} AND i.indisvalid
)`;

/**
 * What keeps the database fast, done beside the writes, by one process at a time: an index for each space that has many
 * vectors, and the sums of counts (see schema.ts) made one row again.
 *
 * An index has the vectors from the oldest to the newest of when it was begun (`spaces.indexed_after`, `indexed_to`). A
 * vector takes 2 ms to go into an index, and a tenth of that when many are built into one: so others stay outside until
 * there are some thousand.
 */
export class Housekeeping {
	readonly #database: Database;
	readonly #delay: number;
	#timer: NodeJS.Timeout | undefined;
	#running: Promise<void> = Promise.resolve();
	#building: Connection | undefined;
	#closed = false;
	#notBefore = 0;
	/** By space, the number of vectors at the last look. */
	readonly #counts = new Map<number, number>();
	/** By space, when this process last built its index. */
	readonly #builtAt = new Map<number, number>();

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

	/** An index that is being built is given up: the server ends it when the connection is closed, see `#alone`. */
	async close(): Promise<void> {
		this.#closed = true;
		clearTimeout(this.#timer);
		this.#building?.release(true);
		await this.#running;
	}

	/** One row for each sum that has very many. Rows that others write or add up meanwhile stay. */
	async #addUp(table: string, key: string): Promise<void> {
		for (let gone = rowsAtOnce; gone === rowsAtOnce && !this.#closed; ) {
			const row = await this.#database.get<{ gone: number }>(
				`WITH counted AS (SELECT ctid AS place, count(*) OVER (PARTITION BY ${key}) AS alike FROM {s}.${table}),
				old AS (
					SELECT ctid FROM {s}.${table} WHERE ctid IN (SELECT place FROM counted WHERE alike > ${rowsPerSum} LIMIT ${rowsAtOnce})
					FOR UPDATE SKIP LOCKED
				), gone AS (
					DELETE FROM {s}.${table} WHERE ctid IN (SELECT ctid FROM old) RETURNING ${key}, n
				), sums AS (
					INSERT INTO {s}.${table} (${key}, n) SELECT ${key}, sum(n) FROM gone GROUP BY ${key} HAVING sum(n) <> 0
				)
				SELECT count(*) AS gone FROM gone`,
			);
			gone = row?.gone ?? 0;
		}
	}

	async #buildIndexes(): Promise<void> {
		const spaces = await this.#database.all<{
			id: number;
			dimensions: number;
			vectors: number;
			outside: number;
		}>(
			`SELECT * FROM (
				SELECT s.id, s.dimensions, (SELECT coalesce(sum(n), 0)::bigint FROM {s}.tallies t WHERE t.spaces @> ARRAY[s.id]) AS vectors,
				(SELECT count(*) FROM {s}.vectors v WHERE v.space = s.id
					AND (v.seq > s.indexed_to OR v.seq <= s.indexed_after OR NOT ${isThere(indexName)})) AS outside
				FROM {s}.spaces s WHERE s.dimensions <= ${widestIndexed}
			) counted WHERE vectors >= ${indexedFrom} AND outside > 0`,
		);
		for (const { id, dimensions, vectors, outside } of spaces) {
			const added = vectors - (this.#counts.get(id) ?? Number.NEGATIVE_INFINITY);
			this.#counts.set(id, vectors);
			const isMany = outside >= Math.max(outsideAtMost, vectors / outsideShare);
			const isRested =
				performance.now() - (this.#builtAt.get(id) ?? Number.NEGATIVE_INFINITY) > betweenBuilds;
			const hasGrown = growth * outside >= (growth - 1) * vectors;
			if ((hasGrown && isRested) || (isMany && added < manyAdded)) await this.#buildIndex(id, dimensions);
			else if (isMany) this.wrote();
		}
	}

	async #buildIndex(space: number, dimensions: number): Promise<void> {
		const lease = `index of space ${space}`;
		if (this.#closed || performance.now() < this.#notBefore || !(await this.#takeLease(lease))) return;
		try {
			// One that was not finished is worth nothing.
			await this.#dropIndexes(space);
			const { start, end } = (await this.#database.get<{ start: number; end: number }>(
				`SELECT coalesce(min(seq) - 1, 0) AS start, coalesce(max(seq), 0) AS "end" FROM {s}.vectors WHERE space = :space`,
				{ space },
			)) ?? { start: 0, end: 0 };
			const name = `vectors_hnsw_${space}_${start}_${end}`;
			// Others go on writing meanwhile, and searching with the one before.
			await this.#alone([
				`CREATE INDEX CONCURRENTLY ${name} ON {s}.vectors USING hnsw ((${indexed("vector", dimensions)}) {v}.halfvec_cosine_ops)
				WITH (${indexOptions}) WHERE space = ${space} AND seq > ${start} AND seq <= ${end}`,
			]);
			// Another process may have dropped it as unfinished, where building took longer than the lease.
			await this.#database.all(
				`UPDATE {s}.spaces s SET indexed_after = :start, indexed_to = :end WHERE id = :space AND ${isThere(":name")}`,
				{ space, start, end, name },
			);
			await this.#dropIndexes(space);
			this.#builtAt.set(space, performance.now());
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

	/** Drops all indexes of the space but the one in use, if that is whole. */
	async #dropIndexes(space: number): Promise<void> {
		const unused = await this.#database.all<{ name: string }>(
			`SELECT c.relname AS name FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid, {s}.spaces s
			WHERE i.indrelid = '{s}.vectors'::regclass AND s.id = :space AND c.relname ~ ('^vectors_hnsw_' || s.id || '(_|$)')
			AND (c.relname <> ${indexName} OR NOT i.indisvalid)`,
			{ space },
		);
		await this.#alone(unused.map(({ name }) => `DROP INDEX CONCURRENTLY IF EXISTS {s}.${name}`));
	}

	/** Statements that take minutes, on a connection of their own. */
	async #alone(statements: readonly string[]): Promise<void> {
		const { names, driver } = this.#database;
		const connection = await driver.connectAlone();
		this.#building = connection;
		try {
			// Otherwise the server would go on for a client that is gone. Some systems that it runs on cannot tell.
			await connection.script("SET client_connection_check_interval = 1000").catch(() => undefined);
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
