import { existsSync } from "node:fs";
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

/**
 * Inspects the store without opening it: opening would migrate its schema or set a damaged file aside.
 * @returns no inspection if nothing has been saved yet.
 * @throws the signal's reason when aborted.
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
