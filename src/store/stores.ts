import { join } from "node:path";
import type { EmbeddingSpace } from "../vectors/embeddingSpace.ts";
import { type Inspection, inspectDatabase } from "./sqlite/inspection.ts";
import { databaseFile, type OpenedStore, openStore } from "./sqlite/sqliteStore.ts";

export type { Inspection } from "./sqlite/inspection.ts";

/** The configuration of the store. */
export interface StoreConfig {
	readonly memoryDir: string;
}

/** @throws StoreError */
export function openConfiguredStore({ memoryDir }: StoreConfig): Promise<OpenedStore> {
	return openStore(memoryDir);
}

export interface InspectOptions {
	/** ms */
	readonly deadline: number;
	readonly signal: AbortSignal;
	/** The space of the embedding model in use, if known. */
	readonly space: EmbeddingSpace | undefined;
}

/** The path of the database file, which the first save creates. */
export function storeLocation({ memoryDir }: StoreConfig): string {
	return join(memoryDir, databaseFile);
}

/**
 * Examines the store without opening it: opening would bring its schema up to date, or set a damaged file aside.
 * @throws the signal's reason when called off.
 */
export function inspectConfiguredStore(
	config: StoreConfig,
	{ deadline, signal, space }: InspectOptions,
): Promise<Inspection> {
	return inspectDatabase(storeLocation(config), deadline, signal, space);
}
