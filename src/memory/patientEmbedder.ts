import type { Log } from "../config/log.ts";
import type { Calibration } from "../endpoints/calibration.ts";
import type { Embedder } from "../endpoints/embedder.ts";
import { EndpointError } from "../endpoints/endpointError.ts";
import type { EndpointHealth } from "../endpoints/endpointHealth.ts";
import type { Vector } from "../store/types.ts";
import type { EmbeddingSpace } from "../vectors/embeddingSpace.ts";

/** A vector, or in words why there is none. */
export interface EmbeddingAttempt {
	readonly vector?: Vector;
	readonly problem?: string;
}

export interface EmbeddingsAttempt {
	readonly vectors?: readonly Vector[];
	readonly problem?: string;
}

/** Longest wait, in ms, for a vector before a save or search goes on without it. */
const patience = 15_000;

/** ms after a wait in vain in which nobody is made to wait again, at least: no more than a third of the time is spent so. */
const trustLost = 30_000;
/** The same at most. */
const trustLostAtMost = 120_000;

/** Makes vectors in bounded time, and never fails for want of one: no save and no search does. */
export class PatientEmbedder {
	readonly #embedder: Embedder;
	readonly #log: Log;
	readonly #health: EndpointHealth;
	readonly #onUncalibrated: () => void;
	readonly #stop = new AbortController();
	#distrustedUntil = 0;

	/** @param onUncalibrated the model works, and its range of cosines is not known yet. */
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

	get space(): EmbeddingSpace | undefined {
		return this.#embedder.space;
	}

	get calibration(): Calibration | undefined {
		return this.#embedder.calibration;
	}

	get namesDistract(): boolean {
		return this.#embedder.namesDistract ?? false;
	}

	/** @throws the signal's reason when the caller has called it off. */
	async embed(
		text: string,
		purpose: "query" | "document" = "document",
		cancelled?: AbortSignal,
	): Promise<EmbeddingAttempt> {
		const { vectors, problem } = await this.#attempt([text], purpose, cancelled);
		return { ...(vectors?.[0] ? { vector: vectors[0] } : {}), ...(problem ? { problem } : {}) };
	}

	/** @throws the signal's reason when the caller has called it off. */
	embedAll(
		texts: readonly string[],
		cancelled?: AbortSignal,
		within: number = patience,
	): Promise<EmbeddingsAttempt> {
		return this.#attempt(texts, "document", cancelled, within);
	}

	async #attempt(
		texts: readonly string[],
		purpose: "query" | "document",
		cancelled: AbortSignal | undefined,
		within: number = patience,
	): Promise<EmbeddingsAttempt> {
		if (Date.now() < this.#distrustedUntil) {
			cancelled?.throwIfAborted();
			return { problem: this.#health.problem ?? "The embedding model did not answer a moment ago." };
		}
		const begun = Date.now();
		const late = AbortSignal.timeout(within);
		const signal = AbortSignal.any([late, this.#stop.signal, ...(cancelled ? [cancelled] : [])]);
		try {
			const vectors = await embedInSpace(this.#embedder, texts, { purpose, signal });
			this.#health.worked();
			if (!this.#embedder.calibration) this.#onUncalibrated();
			return { vectors };
		} catch (error) {
			cancelled?.throwIfAborted();
			if (this.#stop.signal.aborted) return { problem: "The memory is being closed." };
			const said = error instanceof Error ? error.message : String(error);
			const problem = late.aborted
				? `${capital(this.#embedder.description)} made no vector within ${within / 1000} s.`
				: said;
			this.#health.failed(problem);
			if (late.aborted || (error instanceof EndpointError && error.kind === "timeout"))
				this.#distrustedUntil =
					Date.now() + Math.min(Math.max(trustLost, 2 * (Date.now() - begun)), trustLostAtMost);
			this.#log.warn(`Embedding failed: ${problem}`);
			return { problem };
		}
	}
}

/** Vectors with the space they belong to, which is known when they are there. */
export async function embedInSpace(
	embedder: Embedder,
	texts: readonly string[],
	options: Parameters<Embedder["embed"]>[1],
): Promise<Vector[]> {
	const vectors = await embedder.embed(texts, options);
	const { space } = embedder;
	if (!space) throw new Error(`${capital(embedder.description)} does not say how wide its vectors are.`);
	// A model that was replaced while it was asked: the next attempt gets all from the new one.
	if (vectors.some((values) => values && values.length !== space.dimensions))
		throw new Error(`${capital(embedder.description)} changed the width of its vectors while it was asked.`);
	return vectors.map((values) => ({ space, values }));
}

function capital(text: string): string {
	return text.charAt(0).toUpperCase() + text.slice(1);
}
