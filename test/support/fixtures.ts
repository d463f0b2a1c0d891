import { mkdtempSync } from "node:fs";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { silentLog } from "../../src/config/log.ts";
import { BuiltinEmbedder } from "../../src/endpoints/builtinEmbedder.ts";
import type { Embedder } from "../../src/endpoints/embedder.ts";
import { MemoryService } from "../../src/memory/memoryService.ts";
import type { MemoryStore, Project } from "../../src/store/memoryStore.ts";
import { openStore } from "../../src/store/sqliteStore.ts";

/** The bundles that are tested; `npm test` builds them first. */
export const serverFile = resolve("dist/server.js");
export const workerFile = resolve("dist/embedder.cjs");
export const bundles = { embedder: workerFile, mem0: resolve("dist/mem0.js") };

export const projectA: Project = { id: "example.com/team/alpha", name: "alpha" };
export const projectB: Project = { id: "example.com/team/beta", name: "beta" };

/** A folder that is gone after the test or suite in whose hook or body it is asked for. */
export function temporaryFolder(): string {
	const folder = mkdtempSync(join(tmpdir(), "mcp-mem0-test-"));
	folders.push(folder);
	return folder;
}

const folders: string[] = [];

/** Mocha root hook: what tests left in the temporary folder goes. */
export async function removeTemporaryFolders(): Promise<void> {
	await Promise.all(
		folders.splice(0).map((folder) => rm(folder, { recursive: true, force: true, maxRetries: 5 })),
	);
}

/** One model for a whole suite: loading it takes longer than most tests. */
export function builtinEmbedder(): BuiltinEmbedder {
	return new BuiltinEmbedder({ workerFile });
}

export interface OpenedService {
	readonly service: MemoryService;
	readonly store: MemoryStore;
}

/** A service of its own on a folder, with an embedder that outlives it. */
export async function openService(
	folder: string,
	embedder: Embedder,
	userId = "ada",
): Promise<OpenedService> {
	const { store } = await openStore(folder);
	const lent: Embedder = {
		get space() {
			return embedder.space;
		},
		description: embedder.description,
		origin: embedder.origin,
		get calibration() {
			return embedder.calibration;
		},
		namesDistract: embedder.namesDistract ?? false,
		embed: (texts, options) => embedder.embed(texts, options),
		dispose: async () => undefined,
	};
	return { service: new MemoryService({ store, embedder: lent, userId, log: silentLog }), store };
}

/** An embedder that fails while `failing` is true. */
export function unreliable(embedder: Embedder): Embedder & { failing: boolean } {
	return {
		failing: false,
		space: embedder.space,
		description: embedder.description,
		origin: embedder.origin,
		calibration: embedder.calibration,
		embed(texts, options) {
			return this.failing ? Promise.reject(new Error("The model is away.")) : embedder.embed(texts, options);
		},
		dispose: () => embedder.dispose(),
	};
}
