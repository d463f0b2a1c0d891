import { setTimeout as sleep } from "node:timers/promises";
import { readConfig } from "../../src/config/config.ts";
import { silentLog } from "../../src/config/log.ts";
import type { MemoryService } from "../../src/memory/memoryService.ts";
import { openOwnMemory } from "../../src/memory/openMemory.ts";
import { built } from "./builtFiles.ts";
import type { Endpoint } from "./endpointServer.ts";
import type { Figure } from "./figure.ts";
import { userId } from "./filledMemory.ts";
import { openPlainMem0, type PlainMem0 } from "./plainMem0.ts";
import { withScratch } from "./scratch.ts";

/** Our memory, and mem0ai's where it is to be had, on the same endpoint. */
export interface Contest {
	readonly service: MemoryService;
	readonly mem0: PlainMem0 | undefined;
}

export interface ContestOptions {
	/** Of the endpoint's vectors. */
	readonly dimensions: number;
	/** Whether ours has a language model: without, it has no work of its own with memories that others put into its store. */
	readonly distils: boolean;
	/** Fills our store's folder before it is opened. */
	readonly fill?: (folder: string) => Promise<void>;
}

/** Gives `work` both, with empty memories of their own unless filled; they are gone afterwards. */
export function openContest<T>(
	{ baseUrl }: Endpoint,
	{ dimensions, distils, fill }: ContestOptions,
	work: (contest: Contest) => Promise<T>,
): Promise<T> {
	return withScratch((folder) =>
		withScratch(async (theirs) => {
			await fill?.(folder);
			const service = await openOurs(folder, baseUrl, distils);
			try {
				const mem0 = await openPlainMem0({ folder: theirs, baseUrl, dimensions });
				try {
					return await work({ service, mem0 });
				} finally {
					mem0?.close();
				}
			} finally {
				await service.dispose();
			}
		}),
	);
}

export function openOurs(folder: string, baseUrl: string, distils: boolean): Promise<MemoryService> {
	const { config } = readConfig({
		MEMORY_DIR: folder,
		DEFAULT_USER_ID: userId,
		...(distils ? { LLM_PROVIDER: "openai", LLM_BASE_URL: baseUrl, LLM_CHOICE: "test-chat" } : {}),
		EMBEDDING_PROVIDER: "openai",
		EMBEDDING_BASE_URL: baseUrl,
		EMBEDDING_MODEL_CHOICE: "test-embed",
	});
	const bundles = { embedder: built("dist/embedder.cjs"), mem0: built("dist/mem0.js") };
	return openOwnMemory({ config, bundles, log: silentLog });
}

/** The rest of a figure: what mem0ai took, or that there is none; and how often it was measured. */
export function beside(
	mem0: PlainMem0 | undefined,
	samples: readonly number[],
	runs: string,
): Pick<Figure, "runs" | "peer"> {
	return mem0 ? { runs, peer: { name: mem0.name, samples } } : { runs: `${runs}; no mem0ai here` };
}

/**
 * The model's range of cosines is measured once, in the background, seconds after the first answer: not while something
 * is timed.
 */
export async function quiet(endpoint: Endpoint, service: MemoryService): Promise<void> {
	await endpoint.take();
	service.workSoon();
	const deadline = performance.now() + 4000;
	while (performance.now() < deadline && (await endpoint.take()).length === 0) await sleep(100);
	await sleep(500);
}
