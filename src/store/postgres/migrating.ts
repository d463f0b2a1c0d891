import { StoreError } from "../errors.ts";
import { newerSchema } from "./database.ts";
import type { Connection, Driver } from "./driver.ts";
import { messageOf, sqlState, storeError } from "./errors.ts";
import { migrations, schemaVersion } from "./schema.ts";
import { type Names, named, quoted } from "./sql.ts";

/** Of PostgreSQL, and of pgvector, whose indexes go on searching while a filter excludes what they find. */
const oldestServer = 150_000;
const oldestPgvector = [0, 8] as const;

/** A number of our own for `pg_advisory_xact_lock`: one process at a time brings the schema up to date. */
const migrationLock = 0x6d656d30_01000000n;

/**
 * Brings the schema up to date, in one transaction.
 * @returns the schemas that statements name.
 * @throws StoreError
 */
export async function migrate(driver: Driver, schema: string, location: string): Promise<Names> {
	let connection: Connection | undefined;
	try {
		connection = await driver.connect();
		const names = await current(connection, schema, location);
		if (names) {
			connection.release(false);
			return names;
		}
		await connection.script(
			`BEGIN; SET LOCAL lock_timeout = 60000; SET LOCAL statement_timeout = 0; SELECT pg_advisory_xact_lock(${migrationLock})`,
		);
		const migrated = await bringUpToDate(connection, schema, location);
		await connection.script("COMMIT");
		connection.release(false);
		return migrated;
	} catch (error) {
		// Closing it rolls back.
		connection?.release(true);
		throw storeError(error, location);
	}
}

/** Undefined if there is something to be done. */
async function current(connection: Connection, schema: string, location: string): Promise<Names | undefined> {
	const [server] = await connection.query(
		`SELECT current_setting('server_version_num')::int AS number, current_setting('server_version') AS version,
		(SELECT n.nspname FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace WHERE e.extname = 'vector') AS place,
		(SELECT extversion FROM pg_extension WHERE extname = 'vector') AS pgvector,
		to_regclass($1) IS NOT NULL AS made`,
		[`${quoted(schema)}.meta`],
	);
	const unsupported = (message: string) => new StoreError("unsupported", location, message);
	if (Number(server?.number) < oldestServer)
		throw unsupported(
			`The memory database ${location} is PostgreSQL ${String(server?.version)}. MCP Mem0 needs PostgreSQL 15 or newer.`,
		);
	if (typeof server?.pgvector === "string" && isOlder(server.pgvector))
		throw unsupported(
			`The memory database ${location} has pgvector ${server.pgvector}. MCP Mem0 needs 0.8 or newer. Install it on the server, then run: ALTER EXTENSION vector UPDATE;`,
		);
	if (!server?.made || typeof server.place !== "string") return undefined;
	const version = await versionOf(connection, schema);
	if (version > schemaVersion) throw newerSchema(location, version);
	return version === schemaVersion ? { schema, vectorSchema: server.place } : undefined;
}

async function versionOf(connection: Connection, schema: string): Promise<number> {
	const [row] = await connection.query(`SELECT version FROM ${quoted(schema)}.meta`, []);
	return Number(row?.version ?? 0);
}

async function bringUpToDate(connection: Connection, schema: string, location: string): Promise<Names> {
	const [there] = await connection.query(
		`SELECT EXISTS (SELECT 1 FROM pg_namespace WHERE nspname = $1) AS made,
		EXISTS (SELECT 1 FROM pg_extension WHERE extname = 'vector') AS extended, to_regclass($2) IS NOT NULL AS begun`,
		[schema, `${quoted(schema)}.meta`],
	);
	// Only what is missing: either needs a privilege, which the administrator may not have granted.
	if (!there?.made) await connection.script(`CREATE SCHEMA ${quoted(schema)}`);
	if (!there?.extended) await createExtension(connection, location);
	const [extension] = await connection.query(
		"SELECT n.nspname AS place FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace WHERE e.extname = 'vector'",
		[],
	);
	const names = { schema, vectorSchema: String(extension?.place) };
	if (!there?.begun)
		await connection.script(
			named("CREATE TABLE {s}.meta (version int NOT NULL); INSERT INTO {s}.meta VALUES (0)", names),
		);
	const version = await versionOf(connection, schema);
	if (version > schemaVersion) throw newerSchema(location, version);
	// The functions name settings of pgvector, which PostgreSQL knows once its library is loaded.
	await connection.script(named("SELECT '[1]'::{v}.vector", names));
	for (const step of migrations.slice(version)) await connection.script(named(step, names));
	await connection.query(`UPDATE ${quoted(schema)}.meta SET version = $1::int`, [schemaVersion]);
	return names;
}

async function createExtension(connection: Connection, location: string): Promise<void> {
	try {
		await connection.script("CREATE EXTENSION vector");
	} catch (error) {
		const isMissing = ["0A000", "58P01", "22023"].includes(sqlState(error));
		const advice = isMissing
			? "Install pgvector 0.8 or newer on the server (https://github.com/pgvector/pgvector), then run as its administrator, in this database: CREATE EXTENSION vector;"
			: "Ask its administrator to run in this database: CREATE EXTENSION vector;";
		throw new StoreError(
			"unsupported",
			location,
			`The memory database ${location} has no pgvector, and it cannot be added (${messageOf(error)}). ${advice}`,
			error,
		);
	}
}

function isOlder(version: string): boolean {
	const [major = 0, minor = 0] = version.split(".").map(Number);
	const [oldestMajor, oldestMinor] = oldestPgvector;
	return major < oldestMajor || (major === oldestMajor && minor < oldestMinor);
}
