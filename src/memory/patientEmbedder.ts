import type { Log } from "../config/log.ts";
import { type Embedder, type EmbedOptions, TextsNotEmbedded } from "../endpoints/embedder.ts";
import { EndpointError } from "../endpoints/endpointError.ts";
import type { EndpointHealth } from "../endpoints/endpointHealth.ts";
import type { Vector } from "../store/types.ts";
import { plural } from "../text/wording.ts";
import type { EmbeddingSpace } from "../vectors/embeddingSpace.ts";

/** Longest wait, in ms, for a vector before a save or search goes on without it. */
const patience = 15_000;

/** After a wait in vain, nobody waits again for twice as long as it took, so that waiting takes at most a third of the time; in ms, at least … */
const minDistrust = 30_000;
/** … and at most. */
const maxDistrust = 120_000;

/** Makes vectors in bounded time. Without one, saves and searches still succeed. */
export class PatientEmbedder {
	readonly #embedder: Embedder;
	readonly #log: Log;
	readonly #health: EndpointHealth;
	readonly #onUncalibrated: () => void;
	readonly #stop = new AbortController();
	#distrustedUntil = 0;

	/** @param onUncalibrated is called when the model works but its range of cosines is still unknown. */
	constructor(
		embedder: Embedder,
		log: Log,
		health: EndpointHealth,
		onUncalibrated: () => void = () => undefined,
	) {
		this.#onUncalibrated = onUncalibrated;
		this.#embedder = embedder;
		this.#log = log;
		this.#health = health;
	}

	/** The memory is being closed: what waits for a vector goes on without. */
	stop(): void {
		this.#stop.abort(new Error("shutting down"));
	}

	/** One vector; see `embedAll`. */
	async embed(
		text: string,
		purpose?: EmbedOptions["purpose"],
		cancelled?: AbortSignal,
	): Promise<{ readonly vector?: Vector | undefined; readonly problem?: string | undefined }> {
		const { vectors, problem } = await this.embedAll([text], cancelled, patience, purpose);
		return { vector: vectors?.[0], problem };
	}

	/**
	 * @returns vectors, and why all or some are missing.
	 * @throws the signal's reason when the caller has cancelled.
	 */
	async embedAll(
		texts: readonly string[],
		cancelled?: AbortSignal,
		within: number = patience,
		purpose: EmbedOptions["purpose"] = "document",
	): Promise<{ readonly vectors?: readonly (Vector | undefined)[]; readonly problem?: string }> {
		if (Date.now() < this.#distrustedUntil) {
			cancelled?.throwIfAborted();
			return { problem: this.#health.status().problem ?? "The embedding model did not answer a moment ago." };
		}
		const begun = Date.now();
		// Not AbortSignal.timeout: its timer outlives the answer, and then makes an error of every search there was.
		const late = new AbortController();
		const timer = setTimeout(() => late.abort(new DOMException("timeout", "TimeoutError")), within).unref();
		const signal = AbortSignal.any([late.signal, this.#stop.signal, ...(cancelled ? [cancelled] : [])]);
		try {
			const { vectors, failed } = await embedInSpace(this.#embedder, texts, {
				purpose,
				patience: within / 3,
				signal,
			});
			noteVectors(this.#health);
			if (!this.#embedder.calibration) this.#onUncalibrated();
			const [error] = failed.values();
			if (!error) return { vectors };
			this.#log.warn(
				`Embedding failed for ${failed.size} of ${plural(texts.length, "# text", "# texts")}: ${error.message}`,
			);
			return { vectors, problem: error.message };
		} catch (error) {
			cancelled?.throwIfAborted();
			if (this.#stop.signal.aborted) return { problem: "The memory is being closed." };
			const said = error instanceof Error ? error.message : String(error);
			const problem = late.signal.aborted
				? `The embedding model (${this.#embedder.description}) made no vector within ${within / 1000} s.`
				: said;
			this.#health.failed(problem);
			if (late.signal.aborted || (error instanceof EndpointError && error.kind === "timeout")) {
				const now = Date.now();
				this.#distrustedUntil = now + Math.min(Math.max(minDistrust, 2 * (now - begun)), maxDistrust);
			}
			this.#log.warn(`Embedding failed: ${problem}`);
			return { problem };
		} finally {
			clearTimeout(timer);
		}
	}
}

/** Vectors were made; or they were known, which says nothing about an endpoint whose last request has failed. */
export function noteVectors(health: EndpointHealth): void {
	if (health.traffic.last?.ok !== false) health.worked();
}

/**
 * Vectors with the space they belong to, which is known once they are there.
 * @returns no vector for texts on which the model fails although it works on others, but their errors, by their places.
 */
export async function embedInSpace(
	embedder: Embedder,
	texts: readonly string[],
	options: EmbedOptions,
): Promise<{
	readonly vectors: readonly (Vector | undefined)[];
	readonly failed: ReadonlyMap<number, Error>;
}> {
	const { vectors, failed } = await embedder.embed(texts, options).then(
		(made) => ({ vectors: made, failed: new Map<number, Error>() }),
		(error: unknown) => {
			if (error instanceof TextsNotEmbedded) return error;
			throw error;
		},
	);
	const space = knownSpace(embedder);
	// If the model was replaced meanwhile, the next attempt gets all vectors from the new one.
	for (const values of vectors)
		if (values && (values.length !== space.dimensions || (values.model ?? space.model) !== space.model))
			throw new Error(
				`The embedding model (${embedder.description}) was replaced by another model while it was embedding.`,
			);
	return {
		vectors: vectors.map((values, index) => (failed.has(index) ? undefined : { space, values })),
		failed,
	};
}

/** The space of a model that has made a vector. */
export function knownSpace({ space, description }: Embedder): EmbeddingSpace {
	if (space) return space;
	throw new Error(`The embedding model (${description}) does not tell the width of its vectors.`);
}
