import type { Log } from "../config/log.ts";
import type { Embedder } from "../endpoints/embedder.ts";
import type { Vector } from "../store/memoryStore.ts";

/** A vector, or in words why there is none. */
export interface EmbeddingAttempt {
	readonly vector?: Vector;
	readonly problem?: string;
}

/** Longest wait, in ms, for a vector before a save or search goes on without it. */
const patience = 15_000;

/** Makes single vectors in bounded time, and never fails for want of one: no save and no search does. */
export class PatientEmbedder {
	readonly #embedder: Embedder;
	readonly #log: Log;

	constructor(embedder: Embedder, log: Log) {
		this.#embedder = embedder;
		this.#log = log;
	}

	/** @throws the signal's reason when the caller has called it off. */
	async embed(
		text: string,
		purpose: "query" | "document" = "document",
		cancelled?: AbortSignal,
	): Promise<EmbeddingAttempt> {
		const late = AbortSignal.timeout(patience);
		const signal = cancelled ? AbortSignal.any([late, cancelled]) : late;
		try {
			const [values] = await this.#embedder.embed([text], { purpose, signal });
			return { vector: { space: this.#embedder.space, values } };
		} catch (error) {
			cancelled?.throwIfAborted();
			const said = error instanceof Error ? error.message : String(error);
			const problem = late.aborted ? `No vector was made within ${patience / 1000} s.` : said;
			this.#log.warn(`Embedding failed: ${problem}`);
			return { problem };
		}
	}
}
