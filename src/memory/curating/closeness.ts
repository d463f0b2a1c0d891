import { assumedCalibration } from "../../endpoints/calibration.ts";
import { dotProduct } from "../../vectors/blob.ts";
import type { MemoryContext } from "../memoryContext.ts";

/**
 * How near two texts are in meaning: from 0, unrelated, to 1, the same. By vectors that the store has: nothing is sent.
 * Undefined without them.
 */
export type Closeness = (one: string, other: string) => Promise<number | undefined>;

export function knownCloseness({ store, embedder }: Pick<MemoryContext, "store" | "embedder">): Closeness {
	return async (one, other) => {
		if (!embedder.space) return undefined;
		const [left, right] = await store.spaces.vectorsOf(embedder.space, [one, other]);
		if (!left || !right) return undefined;
		const { unrelated, same } = embedder.calibration ?? assumedCalibration;
		return Math.min(1, Math.max(0, (dotProduct(left, right) - unrelated) / (same - unrelated)));
	};
}
