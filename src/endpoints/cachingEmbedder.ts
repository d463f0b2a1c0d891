import { isDeepStrictEqual } from "node:util";
import type { EmbeddingSpace, TextVector } from "../vectors/embeddingSpace.ts";
import { type Embedder, type EmbedOptions, TextsNotEmbedded } from "./embedder.ts";

const cachedQueries = 500;

interface Shared {
	readonly result: ReturnType<Embedder["embed"]>;
	readonly stop: AbortController;
	waiting: number;
}

/** Where the vectors of documents outlive the process. */
export interface KeptVectors {
	/** The vectors of these texts; undefined for those that are not known. */
	vectorsOf(space: EmbeddingSpace, texts: readonly string[]): Promise<readonly (TextVector | undefined)[]>;
	keep(
		space: EmbeddingSpace,
		vectors: readonly { readonly text: string; readonly values: TextVector }[],
	): Promise<void>;
}

/**
 * Keeps the vectors of the latest queries, and makes one request for equal ones at the same time. A request is
 * cancelled when nobody waits for it any more.
 * @param kept of documents: the model is asked only for those that are not there.
 */
export function cachingEmbedder(inner: Embedder, kept?: KeptVectors): Embedder {
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

	const embedDocuments = async (texts: readonly string[], options: EmbedOptions) => {
		if (!kept) return embedOnce(texts, options);
		const before = inner.space;
		const all = [...new Set(texts)];
		// A database that does not answer is told by whoever needs it; here, its help is just missing.
		const known = before ? await kept.vectorsOf(before, all).catch(() => []) : [];
		const vectors = new Map(all.map((text, index) => [text, known[index]]));
		const unknown = all.filter((text) => vectors.get(text) === undefined);
		if (unknown.length === 0) return texts.map((text) => vectors.get(text));
		const { vectors: made, failed } = await embedOnce(unknown, options).then(
			(each) => ({ vectors: each, failed: new Map<number, Error>() }),
			(error: unknown) => {
				if (error instanceof TextsNotEmbedded) return error;
				throw error;
			},
		);
		// Another model has taken the name: what is known is of the old one.
		const { space } = inner;
		if (before && !isDeepStrictEqual(space, before)) return embedOnce(texts, options);
		const toKeep = unknown.flatMap((text, index) => {
			const values = made[index];
			vectors.set(text, values);
			return values && (values.model ?? space?.model) === space?.model ? [{ text, values }] : [];
		});
		// The model on this machine is nearly as fast as a write.
		if (space && inner.origin !== "") await kept.keep(space, toKeep).catch(() => undefined);
		const result = texts.map((text) => vectors.get(text));
		if (failed.size === 0) return result;
		const errors = new Map([...failed].map(([index, error]) => [unknown[index], error]));
		const places = texts.flatMap((text, index) => {
			const error = errors.get(text);
			return error ? [[index, error] as const] : [];
		});
		throw new TextsNotEmbedded(result, new Map(places));
	};

	const embed = async (texts: readonly string[], options: EmbedOptions = {}) => {
		const [text = ""] = texts;
		if (options.purpose !== "query") return embedDocuments(texts, options);
		if (texts.length !== 1) return embedOnce(texts, options);
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
