import { isDeepStrictEqual } from "node:util";
import type { EmbeddingSpace, TextVector } from "../vectors/embeddingSpace.ts";
import type { Embedder, EmbedOptions } from "./embedder.ts";

const cachedQueries = 500;

interface Shared {
	readonly result: ReturnType<Embedder["embed"]>;
	readonly stop: AbortController;
	waiting: number;
}

/**
 * Keeps the vectors of the latest queries, and makes one request for equal ones at the same time. A request is
 * cancelled when nobody waits for it any more.
 */
export function cachingEmbedder(inner: Embedder): Embedder {
	const queries = new Map<string, TextVector | undefined>();
	const underWay = new Map<string, Shared>();
	let cachedSpace: EmbeddingSpace | undefined;

	const embedOnce: Embedder["embed"] = async (texts, { signal, ...options } = {}) => {
		signal?.throwIfAborted();
		const key = JSON.stringify([options.purpose, ...texts]);
		let shared = underWay.get(key);
		if (!shared) {
			const stop = new AbortController();
			const result = inner.embed(texts, { ...options, signal: stop.signal }).finally(() => {
				if (underWay.get(key)?.stop === stop) underWay.delete(key);
			});
			shared = { result, stop, waiting: 0 };
			underWay.set(key, shared);
		}
		const request = shared;
		request.waiting += 1;
		return new Promise((resolve, reject) => {
			const leave = () => {
				reject(signal?.reason);
				request.waiting -= 1;
				if (request.waiting > 0) return;
				underWay.delete(key);
				request.stop.abort(signal?.reason);
			};
			signal?.addEventListener("abort", leave, { once: true });
			request.result.then(resolve, reject).finally(() => signal?.removeEventListener("abort", leave));
		});
	};

	const embed = async (texts: readonly string[], options: EmbedOptions = {}) => {
		const [text = ""] = texts;
		if (options.purpose !== "query" || texts.length !== 1) return embedOnce(texts, options);
		// Another model may have taken the name since.
		if (!isDeepStrictEqual(cachedSpace, inner.space)) queries.clear();
		if (queries.has(text)) {
			const known = queries.get(text);
			queries.delete(text);
			queries.set(text, known);
			return [known];
		}
		const vectors = await embedOnce(texts, options);
		cachedSpace = inner.space;
		queries.set(text, vectors[0]);
		const [oldest] = queries.keys();
		if (queries.size > cachedQueries && oldest !== undefined) queries.delete(oldest);
		return vectors;
	};

	const { description, origin, problem, namesDistract = false } = inner;
	return {
		description,
		origin,
		problem,
		namesDistract,
		get space() {
			return inner.space;
		},
		get calibration() {
			return inner.calibration;
		},
		get remark() {
			return inner.remark;
		},
		calibrate: async (signal) => inner.calibrate?.(signal),
		embed,
		dispose: () => inner.dispose(),
	};
}
