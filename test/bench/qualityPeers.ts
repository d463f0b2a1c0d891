import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import type { Embedder } from "../../src/endpoints/embedder.ts";
import type { Conversation } from "./locomo.ts";
import { type LocomoMemory, userId } from "./locomoMemory.ts";
import { openPlainMem0 } from "./plainMem0.ts";

/** The texts of the best memories, best first. */
export type Search = (query: string, limit: number) => Promise<readonly string[]>;

export interface Searches {
	/** By name; ours first. */
	readonly all: readonly (readonly [name: string, search: Search])[];
	dispose(): Promise<void>;
}

export const ourName = "MCP Mem0";

/** Ours and its peers over the same texts, with the same embedder. */
export async function searchesOf(
	{ service }: LocomoMemory,
	{ items }: Conversation,
	embedder: Embedder,
): Promise<Searches> {
	const texts = [...new Set(items.map(({ request }) => request.text))];
	const ours: Search = async (query, limit) =>
		(await service.search({ query, limit })).memories.map(({ text }) => text);
	const mem0 = await searchOfMem0(texts, embedder);
	return {
		all: [
			[ourName, ours],
			["BM25 alone", bm25(texts)],
			["vectors alone", await cosines(texts, embedder)],
			...(mem0 ? [[mem0.name, mem0.search] as const] : []),
		],
		dispose: async () => mem0?.dispose(),
	};
}

/** FTS5 with its own English stemmer, any of the query's words. */
function bm25(texts: readonly string[]): Search {
	const sqlite = new DatabaseSync(":memory:");
	sqlite.exec("CREATE VIRTUAL TABLE memories USING fts5 (text, tokenize = 'porter unicode61')");
	const insert = sqlite.prepare("INSERT INTO memories (text) VALUES (?)");
	for (const text of texts) insert.run(text);
	const select = sqlite.prepare(
		"SELECT text FROM memories WHERE memories MATCH ? ORDER BY bm25(memories) LIMIT ?",
	);
	return async (query, limit) => {
		const words = query.match(/[\p{L}\p{N}]+/gu) ?? [];
		const match = words.map((word) => `"${word}"`).join(" OR ");
		return select.all(match, limit).map(({ text }) => String(text));
	};
}

async function cosines(texts: readonly string[], embedder: Embedder): Promise<Search> {
	const vectors = await embedder.embed(texts);
	return async (query, limit) => {
		const [asked] = await embedder.embed([query]);
		const near = vectors.map((vector, index) => ({ text: texts[index] ?? "", cosine: dot(vector, asked) }));
		return near
			.sort((a, b) => b.cosine - a.cosine)
			.slice(0, limit)
			.map(({ text }) => text);
	};
}

function dot(a: Float32Array | undefined, b: Float32Array | undefined): number {
	return a && b ? a.reduce((sum, value, at) => sum + value * (b[at] as number), 0) : 0;
}

/** mem0ai as its users have it, each text added word for word; undefined where it is not to be had. */
async function searchOfMem0(texts: readonly string[], embedder: Embedder) {
	const folder = await mkdtemp(join(tmpdir(), "mcp-mem0-bench-"));
	const dimensions = embedder.space?.dimensions ?? 0;
	const embedAll = async (some: readonly string[]) =>
		(await embedder.embed(some)).map((vector) =>
			vector ? Array.from(vector) : new Array<number>(dimensions).fill(0),
		);
	const mem0 = await openPlainMem0({
		folder,
		// Nothing is asked of it.
		baseUrl: "http://127.0.0.1:9/v1",
		dimensions,
		embedder: { embed: async (text) => (await embedAll([text]))[0] ?? [], embedBatch: embedAll },
	});
	if (!mem0) return undefined;
	for (const content of texts) await mem0.memory.add([{ role: "user", content }], { userId, infer: false });
	const search: Search = async (query, limit) => {
		const { results } = await mem0.memory.search(query, { filters: { user_id: userId }, topK: limit });
		return results.map((result) => (result as { readonly memory: string }).memory);
	};
	return {
		name: mem0.name,
		search,
		dispose: async () => {
			mem0.close();
			await rm(folder, { recursive: true, force: true, maxRetries: 5 });
		},
	};
}
