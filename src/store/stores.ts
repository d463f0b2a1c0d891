import { existsSync } from "node:fs";
import { join } from "node:path";
import type { EmbeddingSpace } from "../vectors/embeddingSpace.ts";
import { type Inspection, inspectDatabase } from "./sqlite/inspection.ts";
import { databaseFile, type OpenedStore, openStore } from "./sqlite/sqliteStore.ts";

export type { Inspection } from "./sqlite/inspection.ts";

/** What the configuration says of the place. */
export interface StoreConfig {
	readonly memoryDir: string;
}

/** Opens the store that the configuration means. @throws StoreError */
export function openConfiguredStore({ memoryDir }: StoreConfig): Promise<OpenedStore> {
	return openStore(memoryDir);
}

export interface InspectOptions {
	/** ms */
	readonly deadline: number;
	readonly signal: AbortSignal;
	/** Of the embedding model in use, where it is known. */
	readonly space: EmbeddingSpace | undefined;
}

/**
 * Looks the store over without opening it: opening would bring its schema up to date, or set a damaged file aside.
 * @returns no inspection where nothing has been saved yet.
 * @throws the signal's reason when called off.
 */
export async function inspectConfiguredStore(
	{ memoryDir }: StoreConfig,
	{ deadline, signal, space }: InspectOptions,
): Promise<{ readonly location: string; readonly inspection: Inspection | undefined }> {
	const location = join(memoryDir, databaseFile);
	const inspection = existsSync(location)
		? await inspectDatabase(location, deadline, signal, space)
		: undefined;
	return { location, inspection };
}
