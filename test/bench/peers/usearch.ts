import { benchPackage } from "./package.ts";
import type { OpenPeer } from "./peer.ts";

interface Usearch {
	readonly default: {
		readonly Index: new (options: {
			metric: "ip";
			dimensions: number;
			connectivity: number;
		}) => {
			add(keys: BigUint64Array, vectors: Float32Array, threads: number): void;
			search(vector: Float32Array, k: number, threads: number): { readonly keys: BigUint64Array };
		};
	};
}

/** An approximate graph index (HNSW), which takes long to build and holds all vectors in RAM. */
export const openUsearch: OpenPeer = async (_, memories) => {
	const { default: usearch } = (await benchPackage("usearch", "2.25.3")) as Usearch;
	const dimensions = memories[0]?.vector.length ?? 0;
	const index = new usearch.Index({ metric: "ip", dimensions, connectivity: 16 });
	const all = new Float32Array(memories.length * dimensions);
	memories.forEach(({ vector }, at) => {
		all.set(vector, at * dimensions);
	});
	index.add(
		BigUint64Array.from(memories, (_, at) => BigInt(at)),
		all,
		0,
	);
	return {
		name: "usearch HNSW",
		remark: "vectors only, approximate, all in RAM, no filter",
		search: async ({ vector }, k) => [...index.search(vector, k, 1).keys].map(Number),
		close: () => undefined,
	};
};
