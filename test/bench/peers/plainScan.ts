import type { OpenPeer } from "./peer.ts";

/** All vectors in RAM, every one compared: what recall is measured against. */
export const openPlainScan: OpenPeer = async (_, memories) => {
	const dimensions = memories[0]?.vector.length ?? 0;
	const all = new Float32Array(memories.length * dimensions);
	memories.forEach(({ vector }, at) => {
		all.set(vector, at * dimensions);
	});
	return {
		name: "plain JS scan",
		remark: "vectors only, exact, all in RAM, no filter",
		search: async ({ vector }, k) => nearest(all, vector, k),
		close: () => undefined,
	};
};

function nearest(all: Float32Array, query: Float32Array, k: number): readonly number[] {
	const dimensions = query.length;
	const count = all.length / dimensions;
	// The best so far, best first.
	const numbers: number[] = [];
	const cosines: number[] = [];
	for (let number = 0, at = 0; number < count; number += 1) {
		let [even, odd] = [0, 0];
		for (let i = 0; i < dimensions; i += 2, at += 2) {
			even += (query[i] as number) * (all[at] as number);
			odd += (query[i + 1] as number) * (all[at + 1] as number);
		}
		const cosine = even + odd;
		if (numbers.length === k && cosine <= (cosines[k - 1] as number)) continue;
		let place = Math.min(numbers.length, k - 1);
		for (; place > 0 && cosine > (cosines[place - 1] as number); place -= 1) {
			numbers[place] = numbers[place - 1] as number;
			cosines[place] = cosines[place - 1] as number;
		}
		numbers[place] = number;
		cosines[place] = cosine;
	}
	return numbers;
}
