import type { EmbeddingSpace, TextVector } from "../vectors/embeddingSpace.ts";
import type { Calibration } from "./calibration.ts";

export interface EmbedOptions {
	/** A query overtakes documents, since somebody waits for it. */
	readonly purpose?: "query" | "document";
	/** The longest wait, in ms, for a server that has had its requests of a minute. Default: as long as it takes. */
	readonly patience?: number;
	readonly signal?: AbortSignal | undefined;
}

/** Turns texts into vectors of one embedding space. */
export interface Embedder {
	/** May be undefined until the first answer, which tells the width of the vectors. */
	readonly space: EmbeddingSpace | undefined;
	/** Names model and place for people. */
	readonly description: string;
	/** The origin of the endpoint that gets the texts; empty for this machine. */
	readonly origin: string;
	/** Undefined until it is measured. */
	readonly calibration: Calibration | undefined;
	/** Why it cannot work at all, if that is known without a request. */
	readonly problem?: string | undefined;
	/** What somebody should know of a model that works. */
	readonly remark?: string | undefined;
	/** Whether names weigh so much that queries do better without those that all memories share. */
	readonly namesDistract?: boolean;
	/** Measures `calibration` with texts that say nothing about any user. @throws as `embed`. */
	calibrate?(signal: AbortSignal): Promise<void>;
	/**
	 * One vector of length 1 for each text, in order; undefined for a text that the model cannot read. Settles in
	 * bounded time.
	 * @throws TextsNotEmbedded if it works, but not on some of the texts; EmbedderError or EndpointError if it does not work;
	 * the signal's reason when aborted.
	 */
	embed(texts: readonly string[], options?: EmbedOptions): Promise<(TextVector | undefined)[]>;
	dispose(): Promise<void>;
}

/** Vectors could not be made. The message says why and what to do. */
export class EmbedderError extends Error {
	override readonly name = "EmbedderError";
}

/** A model works, and fails on some of the texts: those that it can embed have their vectors. */
export class TextsNotEmbedded extends Error {
	override readonly name = "TextsNotEmbedded";
	/** In the order of the texts. */
	readonly vectors: readonly (TextVector | undefined)[];
	/** The errors of the others, by their places. */
	readonly failed: ReadonlyMap<number, Error>;

	constructor(vectors: readonly (TextVector | undefined)[], failed: ReadonlyMap<number, Error>) {
		super([...failed.values()][0]?.message);
		this.vectors = vectors;
		this.failed = failed;
	}
}
