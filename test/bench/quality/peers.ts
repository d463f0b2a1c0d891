import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import type { Embedder } from "../../../src/endpoints/embedder.ts";
import { openPlainMem0 } from "../plainMem0.ts";
import type { Found } from "./judging.ts";
import { type SetMemory, userId } from "./setMemory.ts";
import type { Collection } from "./sets.ts";

/** The best memories, best first. */
export type Search = (query: string, limit: number) => Promise<readonly Found[]>;

export interface Searches {
	/** By name; ours first. */
	readonly all: readonly (readonly [name: string, search: Search])[];
	dispose(): Promise<void>;
}

export const ourName = "MCP Mem0";

/** Reciprocal rank fusion (Cormack et al., SIGIR 2009) takes so many of each list. */
const fused = 60;

/** Ours and its peers over the same texts, with the same embedder. */
export async function searchesOf(
	{ service }: SetMemory,
	{ items }: Collection,
	embedder: Embedder,
): Promise<Searches> {
	const texts = [...new Set(items.map(({ request }) => request.text))];
	const ours: Search = async (query, limit) => (await service.search({ query, limit })).memories;
	const words = bm25(texts);
	const vectors = await cosines(texts, embedder);
	const mem0 = await searchOfMem0(texts, embedder);
	return {
		all: [
			[ourName, ours],
			["BM25 alone", words],
			["vectors alone", vectors],
			["RRF of both", reciprocalRanks([words, vectors])],
			...(mem0 ? [[mem0.name, mem0.search] as const] : []),
		],
		dispose: async () => mem0?.dispose(),
	};
}

/** FTS5 with its own English stemmer, any of the query's words; pairs of characters in scripts without spaces. */
export function bm25(texts: readonly string[]): Search {
	const sqlite = new DatabaseSync(":memory:");
	sqlite.exec(
		"CREATE VIRTUAL TABLE memories USING fts5 (words, tokenize = 'porter unicode61 remove_diacritics 2')",
	);
	const insert = sqlite.prepare("INSERT INTO memories (rowid, words) VALUES (?, ?)");
	for (const [index, text] of texts.entries()) insert.run(index, words(text).join(" "));
	const select = sqlite.prepare(
		"SELECT rowid FROM memories WHERE memories MATCH ? ORDER BY bm25(memories) LIMIT ?",
	);
	return async (query, limit) => {
		const match = words(query)
			.map((word) => `"${word}"`)
			.join(" OR ");
		return match === ""
			? []
			: select.all(match, limit).map(({ rowid }) => ({ text: texts[Number(rowid)] ?? "" }));
	};
}

function words(text: string): string[] {
	const runs =
		text.match(
			/[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}ー]+|(?:(?![\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}ー])[\p{L}\p{M}\p{N}])+/gu,
		) ?? [];
	return runs.flatMap((run) => {
		if (!/[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}ー]/u.test(run)) return [run];
		const characters = [...run];
		return characters.length === 1
			? characters
			: characters.slice(1).map((character, index) => `${characters[index]}${character}`);
	});
}

export async function cosines(texts: readonly string[], embedder: Embedder): Promise<Search> {
	const vectors = await embedder.embed(texts);
	return async (query, limit) => {
		const [asked] = await embedder.embed([query]);
		const near = vectors.map((vector, index) => ({ text: texts[index] ?? "", cosine: dot(vector, asked) }));
		return near.sort((a, b) => b.cosine - a.cosine).slice(0, limit);
	};
}

export function reciprocalRanks(searches: readonly Search[]): Search {
	return async (query, limit) => {
		const scores = new Map<string, number>();
		for (const search of searches)
			for (const [rank, { text }] of (await search(query, fused)).entries())
				scores.set(text, (scores.get(text) ?? 0) + 1 / (61 + rank));
		return [...scores]
			.sort((a, b) => b[1] - a[1])
			.slice(0, limit)
			.map(([text]) => ({ text }));
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
		return results.map((result) => {
			const { memory, score } = result as { readonly memory: string; readonly score?: number };
			return { text: memory, score };
		});
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
