import { CannotRun } from "../figure.ts";
import { openPlainMem0 } from "../plainMem0.ts";
import type { OpenPeer } from "./peer.ts";

const userId = "bench";

/** mem0ai's own search in its SQLite store: vectors and keywords, as ours. */
export const openMem0Store: OpenPeer = async (folder, memories) => {
	const dimensions = memories[0]?.vector.length ?? 0;
	let asked: readonly number[] = [];
	const mem0 = await openPlainMem0({
		folder,
		// Nothing is asked of it.
		baseUrl: "http://127.0.0.1:9/v1",
		dimensions,
		embedder: {
			embed: async () => (asked.length > 0 ? [...asked] : new Array<number>(dimensions).fill(0)),
			embedBatch: async (texts) => texts.map(() => [...asked]),
		},
	});
	if (!mem0) throw new CannotRun("mem0ai is not to be had here");
	await mem0.memory.vectorStore.insert(
		memories.map(({ vector }) => Array.from(vector)),
		memories.map((_, index) => `memory-${index}`),
		memories.map(({ text }) => ({
			data: text,
			textLemmatized: text.toLowerCase(),
			user_id: userId,
			createdAt: "2026-01-01T00:00:00.000Z",
		})),
	);
	return {
		name: "mem0ai",
		remark: "vectors and keywords, its SQLite store",
		search: async ({ text, vector }, k) => {
			asked = Array.from(vector);
			const { results } = await mem0.memory.search(text, { filters: { user_id: userId }, topK: k });
			return results.map((result) => Number((result as { readonly id: string }).id.replace("memory-", "")));
		},
		close: () => mem0.close(),
	};
};
