import type { EmbeddingSpace, TextVector } from "../vectors/embeddingSpace.ts";
import type { Calibration } from "./calibration.ts";

export interface EmbedOptions {
	/** A query goes before documents that wait, since somebody waits for it. */
	readonly purpose?: "query" | "document";
	readonly signal?: AbortSignal;
}

/** Turns texts into vectors of one embedding space. */
export interface Embedder {
	/** Undefined until the first answer where the width of the vectors is not known before. */
	readonly space: EmbeddingSpace | undefined;
	/** Model and place, for people. */
	readonly description: string;
	/** Origin of the endpoint that gets the texts; empty for this machine. */
	readonly origin: string;
	/** Undefined until it has been measured. */
	readonly calibration: Calibration | undefined;
	/** What keeps it from working at all, where that is known without asking it. */
	readonly problem?: string | undefined;
	/** Whether names draw so much of the model's attention that queries are better asked without those all memories share. */
	readonly namesDistract?: boolean;
	/** Measures `calibration`, with texts that say nothing of any user. @throws as `embed`. */
	calibrate?(signal: AbortSignal): Promise<void>;
	/**
	 * One vector of length 1 for each text, in order; undefined for a text the model has nothing to say about.
	 * Settles in bounded time.
	 * @throws EmbedderError or EndpointError; the signal's reason when aborted.
	 */
	embed(texts: readonly string[], options?: EmbedOptions): Promise<(TextVector | undefined)[]>;
	dispose(): Promise<void>;
}

/** Vectors could not be made. The message says why and what to do. */
export class EmbedderError extends Error {
	override readonly name = "EmbedderError";
}
