import { setTimeout as sleep } from "node:timers/promises";
import type { Connection, Driver } from "./driver.ts";
import { storeError } from "./errors.ts";
import { connectDriver } from "./nodePostgres.ts";
import { preferringTls } from "./preferringTls.ts";
import { schemaVersion } from "./schema.ts";
import { indexName } from "./searchFunction.ts";
import { locationOf, type PostgresSettings } from "./settings.ts";
import { named, quoted } from "./sql.ts";

/** What a look at a server finds, which changes nothing there. */
export interface ServerInspection {
	readonly location: string;
	readonly encrypted: boolean;
	/** A pooler between here and the server gives each transaction another of the server's sessions. */
	readonly poolsTransactions: boolean;
	readonly version: string;
	readonly versionNumber: number;
	/** Of pgvector, if this database has it. */
	readonly pgvector: string | null;
	/** Whether pgvector could be added. */
	readonly available: string | null;
	readonly maxConnections: number;
	/** ms that the server's clock is ahead of this machine's. */
	readonly clockAhead: number;
	readonly isStandby: boolean;
	readonly mayCreateSchema: boolean;
	readonly schemaExists: boolean;
	readonly mayUseSchema: boolean;
	/** Whether the user may read and write the tables that there are. */
	readonly mayUseTables: boolean;
	/** New transactions can only read: `default_transaction_read_only`. */
	readonly isReadOnly: boolean;
	/** ms after which the server ends a statement; 0: never. */
	readonly statementTimeout: number;
	/** Bytes of the memory's tables and indexes. */
	readonly size: number;
	/** Of the memory's tables; undefined: there are none yet. */
	readonly schema: number | undefined;
	readonly newestSchema: number;
	readonly spaces: readonly {
		readonly model: string;
		readonly dimensions: number;
		readonly vectors: number;
		readonly indexed: boolean;
		/** Whether the index of the space is there, whole, and for vectors of this width. */
		readonly isWhole: boolean;
	}[];
	/** ms, the shortest of a few. */
	readonly roundTrip: number;
}

/** @throws StoreError */
export function inspectServer(settings: PostgresSettings): Promise<ServerInspection> {
	return preferringTls(settings, inspect);
}

async function inspect(settings: PostgresSettings): Promise<ServerInspection> {
	const location = locationOf(settings);
	const driver = await connectDriver({ ...settings, poolSize: 2 });
	let connection: Connection | undefined;
	try {
		connection = await driver.connect();
		const { schema: name } = settings;
		const meta = `${quoted(name)}.meta`;
		const [row] = await connection.query(
			`SELECT current_setting('server_version') AS version, current_setting('server_version_num')::int AS "versionNumber",
			(SELECT extversion FROM pg_extension WHERE extname = 'vector') AS pgvector,
			(SELECT default_version FROM pg_available_extensions WHERE name = 'vector') AS available,
			current_setting('max_connections')::int AS "maxConnections", pg_is_in_recovery() AS "isStandby",
			has_database_privilege(current_database(), 'CREATE') AS "mayCreateSchema",
			EXISTS (SELECT 1 FROM pg_namespace WHERE nspname = $1) AS "schemaExists",
			coalesce((SELECT has_schema_privilege(oid, 'USAGE') FROM pg_namespace WHERE nspname = $1), false) AS "mayUseSchema",
			coalesce((SELECT bool_and(has_table_privilege(c.oid, 'SELECT') AND has_table_privilege(c.oid, 'INSERT')
				AND has_table_privilege(c.oid, 'UPDATE') AND has_table_privilege(c.oid, 'DELETE'))
				FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = $1 AND c.relkind = 'r'), true) AS "mayUseTables",
			current_setting('default_transaction_read_only')::bool AS "isReadOnly",
			(SELECT setting::float8 FROM pg_settings WHERE name = 'statement_timeout') AS "statementTimeout",
			coalesce((SELECT sum(pg_total_relation_size(c.oid)) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
				WHERE n.nspname = $1 AND c.relkind = 'r'), 0)::float8 AS size`,
			[name],
		);
		let roundTrip = Number.POSITIVE_INFINITY;
		let clockAhead = 0;
		for (let look = 0; look < 5; look += 1) {
			const begun = performance.now();
			const sent = Date.now();
			const [clock] = await connection.query(
				"SELECT floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint AS now",
				[],
			);
			const took = performance.now() - begun;
			// The quickest answer tells the time best.
			if (took < roundTrip) clockAhead = Math.round(Number(clock?.now) - sent - took / 2);
			roundTrip = Math.min(roundTrip, took);
		}
		const [made] =
			row?.mayUseSchema && row.mayUseTables
				? await connection.query("SELECT to_regclass($1) IS NOT NULL AS made", [meta])
				: [];
		const [version] = made?.made ? await connection.query(`SELECT version FROM ${meta}`, []) : [];
		// Those of another version are not like this.
		const spaces =
			Number(version?.version) === schemaVersion
				? await connection.query(
						named(
							`SELECT s.model, s.dimensions, s.indexed_to > 0 AS indexed,
						(SELECT coalesce(sum(n), 0)::int FROM {s}.tallies t WHERE t.spaces @> ARRAY[s.id]) AS vectors,
						EXISTS (SELECT 1 FROM pg_index i WHERE i.indexrelid = to_regclass($1 || '.' || ${indexName}) AND i.indisvalid
							AND pg_get_indexdef(i.indexrelid) LIKE '%halfvec(' || s.dimensions || ')%') AS "isWhole"
						FROM {s}.spaces s ORDER BY s.id`,
							{ schema: name, vectorSchema: name },
						),
						[quoted(name)],
					)
				: [];
		return {
			...row,
			location,
			encrypted: settings.tls !== "disable" && !settings.host.startsWith("/"),
			poolsTransactions: await poolsTransactions(connection, driver),
			clockAhead,
			roundTrip,
			schema: version && Number(version.version),
			newestSchema: schemaVersion,
			spaces,
		} as unknown as ServerInspection;
	} catch (error) {
		throw storeError(error, location);
	} finally {
		connection?.release(true);
		await driver.close();
	}
}

/** ms to wait for a session that nobody else has. */
const oneSession = 2000;

/** What a session keeps from one transaction to the next is gone when another client has its place meanwhile. */
async function poolsTransactions(connection: Connection, driver: Driver): Promise<boolean> {
	// The server may have no room for a second connection, which is no reason to stop here.
	const other = await driver.connect().catch(() => undefined);
	if (!other) return false;
	try {
		await connection.query("SELECT set_config('mcp_mem0.seen', 'yes', false)", []);
		await other.script("BEGIN; SELECT 1");
		const seen = connection.query("SELECT current_setting('mcp_mem0.seen', true) AS seen", []);
		// A pooler with one session lets this client wait until the other is done.
		const rows = await Promise.race([seen, sleep(oneSession, undefined)]);
		if (!rows) await other.script("COMMIT");
		return (rows ?? (await seen))[0]?.seen !== "yes" || !rows;
	} finally {
		other.release(true);
	}
}
