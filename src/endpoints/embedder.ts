import type { EmbeddingSpace } from "../config/embeddingSpace.ts";

export interface EmbedOptions {
	/** A query goes before documents that wait, since somebody waits for it. */
	readonly purpose?: "query" | "document";
	readonly signal?: AbortSignal;
}

/** Turns texts into vectors of one embedding space. */
export interface Embedder {
	readonly space: EmbeddingSpace;
	/**
	 * One vector of length 1 for each text, in order; undefined for a text the model has nothing to say about.
	 * Settles in bounded time.
	 * @throws EmbedderError; the signal's reason when aborted.
	 */
	embed(texts: readonly string[], options?: EmbedOptions): Promise<(Float32Array | undefined)[]>;
	dispose(): Promise<void>;
}

/** Vectors could not be made. The message says why and what to do. */
export class EmbedderError extends Error {
	override readonly name = "EmbedderError";
}
