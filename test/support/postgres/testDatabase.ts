import { randomBytes } from "node:crypto";
import type { MemoryStore } from "../../../src/store/memoryStore.ts";
import type { Driver } from "../../../src/store/postgres/driver.ts";
import { connectDriver } from "../../../src/store/postgres/nodePostgres.ts";
import { openStoreOn, type StoreOptions } from "../../../src/store/postgres/postgresStore.ts";
import type { PostgresSettings } from "../../../src/store/postgres/settings.ts";
import type { Destinations } from "../../../src/store/types.ts";
import { pgliteDriver } from "./pglite.ts";

/** A real server for the tests, as `postgres://…` of a database that they may fill; without it, PGlite in this process. */
export const testDatabaseUrl = process.env.TEST_DATABASE_URL || undefined;

/** The name of what the tests run on. */
export const testDatabaseName = testDatabaseUrl ? "PostgreSQL" : "PGlite";

export function testSettings(schema: string, url = testDatabaseUrl): PostgresSettings {
	if (!url) throw new Error("This test needs a real server: set TEST_DATABASE_URL.");
	const { hostname, port, username, password, pathname } = new URL(url);
	return {
		host: hostname,
		port: Number(port || 5432),
		user: decodeURIComponent(username),
		password: decodeURIComponent(password),
		database: pathname.slice(1),
		tls: "disable",
		schema,
		poolSize: 4,
		poolTimeout: 60_000,
		poolRecycle: 0,
		retries: 3,
	};
}

export function testDriver(schema: string): Promise<Driver> {
	return testDatabaseUrl ? connectDriver(testSettings(schema)) : pgliteDriver();
}

/** A schema of its own, dropped after the tests. */
export class TestSchema {
	readonly name: string;

	constructor(name = `test_${process.pid}_${randomBytes(4).toString("hex")}`) {
		this.name = name;
	}

	async open(
		destinations: Destinations = { chat: "", embedding: "" },
		options: Pick<StoreOptions, "housekeepingDelay"> = {},
	): Promise<MemoryStore> {
		const driver = await testDriver(this.name);
		return openStoreOn(driver, {
			location: this.name,
			schema: this.name,
			retries: 3,
			destinations,
			...options,
		});
	}

	/** Runs a statement beside the store; `{s}` is the schema. */
	async run<R>(sql: string, values: readonly unknown[] = []): Promise<R[]> {
		const driver = await testDriver(this.name);
		try {
			const connection = await driver.connect();
			try {
				return (await connection.query(sql.replaceAll("{s}", `"${this.name}"`), values)) as R[];
			} finally {
				connection.release(false);
			}
		} finally {
			await driver.close();
		}
	}

	async drop(): Promise<void> {
		await this.run("DROP SCHEMA IF EXISTS {s} CASCADE");
	}
}
