import { join } from "node:path";
import { neverRead, offerForRescue } from "./sqlite/damagedFiles.ts";
import { type Inspection, type InspectOptions, inspectDatabase } from "./sqlite/inspection.ts";
import { databaseFile, type OpenedStore, openStore } from "./sqlite/sqliteStore.ts";
import type { Destinations } from "./types.ts";

export type { Inspection } from "./sqlite/inspection.ts";

/** The configuration of the store. */
interface StoreConfig {
	readonly memoryDir: string;
}

/**
 * @param reading only reads, from a store that is there and needs no work first.
 * @throws StoreError
 */
export function openConfiguredStore(
	{ memoryDir }: StoreConfig,
	destinations: Destinations,
	reading?: { readonly busyTimeout: number },
): Promise<OpenedStore> {
	return openStore(memoryDir, { destinations, ...(reading ? { readOnly: true, ...reading } : {}) });
}

/** The damaged files of the store from which nothing was copied yet. */
export function unreadDamagedFiles(config: StoreConfig): readonly string[] {
	return neverRead(storeLocation(config));
}

/**
 * Copies into the store what it lacks and what is readable in damaged files of it.
 * @returns what happened, for a person.
 * @throws StoreError
 */
export async function rescueFiles(config: StoreConfig, files: readonly string[]): Promise<readonly string[]> {
	for (const file of files) await offerForRescue(storeLocation(config), file);
	const { store } = await openConfiguredStore(config, { chat: undefined, embedding: undefined });
	try {
		return (await store.notices.list()).slice(-files.length);
	} finally {
		await store.close();
	}
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
