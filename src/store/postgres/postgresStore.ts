import type { MemoryStore } from "../memoryStore.ts";
import type { Destinations } from "../types.ts";
import { postgresCandidates } from "./candidates.ts";
import { postgresCopying } from "./copying.ts";
import { Database } from "./database.ts";
import { postgresDistillation } from "./distillation.ts";
import type { Driver } from "./driver.ts";
import { Housekeeping } from "./housekeeping.ts";
import { postgresLeases } from "./leases.ts";
import { postgresMemories } from "./memories.ts";
import { migrate } from "./migrating.ts";
import { postgresNotes } from "./notes.ts";
import { stateOf, watchChanges } from "./notifications.ts";
import { preferringTls } from "./preferringTls.ts";
import { postgresSaves } from "./saves.ts";
import { schemaVersion } from "./schema.ts";
import { postgresSearch } from "./search.ts";
import { locationOf, type PostgresSettings } from "./settings.ts";
import { postgresSpaces } from "./spaces.ts";
import { postgresTraffic } from "./traffic.ts";
import { postgresTransfers } from "./transfers.ts";
import { postgresUsage } from "./usage.ts";

/**
 * Opens the store in a PostgreSQL database, and brings its schema up to date.
 * @throws StoreError
 */
export async function openPostgresStore(
	settings: PostgresSettings,
	destinations: Destinations,
): Promise<MemoryStore> {
	const { connectDriver } = await import("./nodePostgres.ts");
	const { schema, retries } = settings;
	return preferringTls(settings, async (tried) =>
		openStoreOn(await connectDriver(tried), {
			location: locationOf(settings),
			schema,
			retries,
			destinations,
		}),
	);
}

export interface StoreOptions {
	readonly location: string;
	readonly schema: string;
	readonly retries: number;
	readonly destinations: Destinations;
	/** See Housekeeping. */
	readonly housekeepingDelay?: number;
}

/** Opens the store on a driver, which closes with it. @throws StoreError */
export async function openStoreOn(
	driver: Driver,
	{ location, schema, retries, destinations, housekeepingDelay }: StoreOptions,
): Promise<MemoryStore> {
	try {
		const names = await migrate(driver, schema, location);
		const database = new Database(driver, { location, names, destinations, retries, schemaVersion });
		return await storeOf(database, new Housekeeping(database, housekeepingDelay));
	} catch (error) {
		await driver.close();
		throw error;
	}
}

async function storeOf(database: Database, housekeeping: Housekeeping): Promise<MemoryStore> {
	const [notes, seen] = await Promise.all([postgresNotes(database), stateOf(database)]);
	const listeners = new Set<() => void>();
	const notify = () => {
		for (const listener of listeners) listener();
	};
	database.onDidWrite(notify);
	database.onDidWrite(() => housekeeping.wrote());
	let unwatch: (() => void) | undefined;
	let closing: Promise<void> | undefined;
	const close = async () => {
		listeners.clear();
		unwatch?.();
		await housekeeping.close();
		await database.driver.close();
	};
	return {
		location: database.location,
		notes,
		saves: postgresSaves(database),
		memories: postgresMemories(database),
		search: postgresSearch(database),
		distillation: postgresDistillation(database),
		spaces: postgresSpaces(database),
		leases: postgresLeases(database),
		candidates: postgresCandidates(database),
		usage: postgresUsage(database),
		transfers: postgresTransfers(database),
		copying: postgresCopying(database),
		traffic: postgresTraffic(database),
		// Its administrator looks after the database.
		notices: { list: async () => [], seen: async () => undefined },
		onDidChange(listener) {
			listeners.add(listener);
			unwatch ??= watchChanges(database, seen, notify);
			return { dispose: () => void listeners.delete(listener) };
		},
		close() {
			closing ??= close();
			return closing;
		},
	};
}
