import { join } from "node:path";
import { type Inspection, type InspectOptions, inspectDatabase } from "./sqlite/inspection.ts";
import { databaseFile, type OpenedStore, openStore } from "./sqlite/sqliteStore.ts";
import type { Destinations } from "./types.ts";

export type { Inspection } from "./sqlite/inspection.ts";

/** The configuration of the store. */
interface StoreConfig {
	readonly memoryDir: string;
}

/** @throws StoreError */
export function openConfiguredStore(
	{ memoryDir }: StoreConfig,
	destinations: Destinations,
): Promise<OpenedStore> {
	return openStore(memoryDir, { destinations });
}

/** The path of the database file, which the first save creates. */
export function storeLocation({ memoryDir }: StoreConfig): string {
	return join(memoryDir, databaseFile);
}

/**
 * Examines the store without opening it: opening would bring its schema up to date, or set a damaged file aside.
 * @throws the signal's reason when called off.
 */
export function inspectConfiguredStore(config: StoreConfig, options: InspectOptions): Promise<Inspection> {
	return inspectDatabase(storeLocation(config), options);
}
