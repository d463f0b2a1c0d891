import type { EmbeddingSpace, TextVector } from "../vectors/embeddingSpace.ts";
import type { Calibration } from "./calibration.ts";
import type { Embedder, EmbedOptions } from "./embedder.ts";

const cachedQueries = 500;

interface Shared {
	readonly result: Promise<(TextVector | undefined)[]>;
	readonly stop: AbortController;
	waiting: number;
}

/**
 * Keeps the vectors of the latest queries, and makes one request for equal ones at the same time. A request is
 * cancelled when nobody waits for it any more.
 */
export class CachingEmbedder implements Embedder {
	readonly #inner: Embedder;
	readonly #queries = new Map<string, TextVector | undefined>();
	readonly #underWay = new Map<string, Shared>();
	#cachedSpace: EmbeddingSpace | undefined;

	constructor(inner: Embedder) {
		this.#inner = inner;
	}

	get space(): EmbeddingSpace | undefined {
		return this.#inner.space;
	}

	get description(): string {
		return this.#inner.description;
	}

	get origin(): string {
		return this.#inner.origin;
	}

	get problem(): string | undefined {
		return this.#inner.problem;
	}

	get calibration(): Calibration | undefined {
		return this.#inner.calibration;
	}

	get namesDistract(): boolean {
		return this.#inner.namesDistract ?? false;
	}

	async calibrate(signal: AbortSignal): Promise<void> {
		await this.#inner.calibrate?.(signal);
	}

	async embed(texts: readonly string[], options: EmbedOptions = {}): Promise<(TextVector | undefined)[]> {
		const [text = ""] = texts;
		if (options.purpose !== "query" || texts.length !== 1) return this.#once(texts, options);
		// Another model may have taken the name since.
		if (!sameSpace(this.#cachedSpace, this.space)) this.#queries.clear();
		if (this.#queries.has(text)) {
			const known = this.#queries.get(text);
			this.#queries.delete(text);
			this.#queries.set(text, known);
			return [known];
		}
		const vectors = await this.#once(texts, options);
		this.#cachedSpace = this.space;
		this.#queries.set(text, vectors[0]);
		const [oldest] = this.#queries.keys();
		if (this.#queries.size > cachedQueries && oldest !== undefined) this.#queries.delete(oldest);
		return vectors;
	}

	dispose(): Promise<void> {
		return this.#inner.dispose();
	}

	async #once(
		texts: readonly string[],
		{ signal, ...options }: EmbedOptions,
	): Promise<(TextVector | undefined)[]> {
		signal?.throwIfAborted();
		const key = JSON.stringify([options.purpose, ...texts]);
		let shared = this.#underWay.get(key);
		if (!shared) {
			const stop = new AbortController();
			const result = this.#inner.embed(texts, { ...options, signal: stop.signal }).finally(() => {
				if (this.#underWay.get(key)?.stop === stop) this.#underWay.delete(key);
			});
			shared = { result, stop, waiting: 0 };
			this.#underWay.set(key, shared);
		}
		const request = shared;
		request.waiting += 1;
		const leave = () => {
			request.waiting -= 1;
			if (request.waiting > 0) return;
			this.#underWay.delete(key);
			request.stop.abort(signal?.reason);
		};
		return new Promise((resolve, reject) => {
			const aborted = () => {
				leave();
				reject(signal?.reason);
			};
			signal?.addEventListener("abort", aborted, { once: true });
			request.result.then(resolve, reject).finally(() => signal?.removeEventListener("abort", aborted));
		});
	}
}

function sameSpace(a: EmbeddingSpace | undefined, b: EmbeddingSpace | undefined): boolean {
	return (
		a?.provider === b?.provider &&
		a?.origin === b?.origin &&
		a?.model === b?.model &&
		a?.dimensions === b?.dimensions
	);
}
