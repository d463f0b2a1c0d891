import type { Connection } from "./driver.ts";
import { storeError } from "./errors.ts";
import { connectDriver } from "./nodePostgres.ts";
import { preferringTls } from "./preferringTls.ts";
import { schemaVersion } from "./schema.ts";
import { locationOf, type PostgresSettings } from "./settings.ts";
import { named, quoted } from "./sql.ts";

/** What a look at a server finds, which changes nothing there. */
export interface ServerInspection {
	readonly location: string;
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
	/** Of the memory's tables; undefined: there are none yet. */
	readonly schema: number | undefined;
	readonly newestSchema: number;
	readonly spaces: readonly {
		readonly model: string;
		readonly dimensions: number;
		readonly vectors: number;
		readonly indexed: boolean;
		/** Whether the index of the space is there and whole. */
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
	const driver = await connectDriver({ ...settings, poolSize: 1 });
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
			coalesce((SELECT has_schema_privilege(oid, 'USAGE') FROM pg_namespace WHERE nspname = $1), false) AS "mayUseSchema"`,
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
		const [made] = row?.mayUseSchema
			? await connection.query("SELECT to_regclass($1) IS NOT NULL AS made", [meta])
			: [];
		const [version] = made?.made ? await connection.query(`SELECT version FROM ${meta}`, []) : [];
		// Nobody knows what those of a newer version are like.
		const spaces =
			version && Number(version.version) <= schemaVersion
				? await connection.query(
						named(
							`SELECT s.model, s.dimensions, s.indexed_to > 0 AS indexed,
						(SELECT coalesce(sum(n), 0)::int FROM {s}.tallies t WHERE t.spaces @> ARRAY[s.id]) AS vectors,
						EXISTS (SELECT 1 FROM pg_index i WHERE i.indexrelid = to_regclass($1 || '.vectors_hnsw_' || s.id || '_' || s.indexed_to) AND i.indisvalid) AS "isWhole"
						FROM {s}.spaces s ORDER BY s.id`,
							{ schema: name, vectorSchema: name },
						),
						[quoted(name)],
					)
				: [];
		return {
			...row,
			location,
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
