import { createHash } from "node:crypto";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { databaseFile, type OpenedStore, openStore } from "../../../src/store/sqlite/sqliteStore.ts";
import { openConfiguredStore } from "../../../src/store/stores.ts";
import type { Destinations } from "../../../src/store/types.ts";
import { TestSchema, testDatabaseUrl } from "./testDatabase.ts";

/** `TEST_STORE=postgres` runs the tests of memory on PostgreSQL: a server, or PGlite in this process. */
export const testsOnPostgres = process.env.TEST_STORE === "postgres";

/** A test that looks into files of SQLite. */
export const itOnSqlite = testsOnPostgres ? it.skip : it;

/** A test in which a process that it starts and itself have one store open: PGlite is in one process alone. */
export const itWithProcesses = testsOnPostgres && !testDatabaseUrl ? it.skip : it;

const schemas = new Map<string, TestSchema>();

/** Stands for a folder: the same one for all who open it. */
function schemaOf(folder: string): TestSchema {
	const hash = createHash("sha256").update(folder).digest("hex").slice(0, 16);
	const schema = schemas.get(folder) ?? new TestSchema(`test_${hash}`);
	schemas.set(folder, schema);
	return schema;
}

/** Opens the store of a folder, as one more process would. */
export async function openTestStore(
	folder: string,
	options: { readonly destinations?: Destinations } = {},
): Promise<OpenedStore> {
	if (!testsOnPostgres) return openStore(folder, options);
	return { store: await schemaOf(folder).open(options.destinations), notice: undefined };
}

/** Runs a statement behind the port; `{s}.` stands before the names of tables. */
export async function runOnStore<R>(folder: string, sql: string): Promise<R[]> {
	if (testsOnPostgres) return schemaOf(folder).run<R>(sql);
	const database = new DatabaseSync(join(folder, databaseFile));
	try {
		database.exec("PRAGMA busy_timeout = 2000");
		return database.prepare(sql.replaceAll("{s}.", "")).all() as R[];
	} finally {
		database.close();
	}
}

/** For `openMemory`. */
export const openMemoryStore: typeof openConfiguredStore = (config, destinations, reading) =>
	testsOnPostgres
		? openTestStore(config.memoryDir, { destinations })
		: openConfiguredStore(config, destinations, reading);

/** What makes another process open the store of a folder. Without a server, that is its file. */
export function storeEnvironment(folder: string): Readonly<Record<string, string>> {
	if (!testsOnPostgres || !testDatabaseUrl) return { MEMORY_DIR: folder };
	return {
		MEMORY_DIR: folder,
		DATABASE_URL: testDatabaseUrl,
		DATABASE_SCHEMA: schemaOf(folder).name,
		DATABASE_POOL_TIMEOUT: "60",
	};
}

/** The variables of a process, whose folder is that of a test's store. */
export function onTestStore<T extends Readonly<Record<string, string | undefined>>>(env: T) {
	const { MEMORY_DIR, DATABASE_URL } = env;
	return { ...env, ...(MEMORY_DIR && !DATABASE_URL ? storeEnvironment(MEMORY_DIR) : {}) };
}

export async function dropTestSchemas(): Promise<void> {
	for (const schema of schemas.values()) await schema.drop();
	schemas.clear();
}
