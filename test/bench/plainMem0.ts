import { join } from "node:path";
import { loadMem0 } from "./mem0Package.ts";

interface Database {
	close(): void;
}

/** What the bench uses of mem0ai's `Memory`; its parts are public to JavaScript. */
interface Memory {
	add(
		messages: readonly { role: string; content: string }[],
		options: { userId: string; infer?: boolean },
	): Promise<{ results: unknown[] }>;
	search(
		query: string,
		options: { filters: { user_id: string }; topK: number },
	): Promise<{ results: unknown[] }>;
	readonly vectorStore: {
		insert(vectors: readonly number[][], ids: readonly string[], payloads: readonly object[]): Promise<void>;
		/** Of its SQLite store. */
		readonly db?: Database;
		/** Of its PostgreSQL store. */
		readonly client?: { end(): Promise<void> };
	};
	embedder: {
		embed(text: string): Promise<number[]>;
		embedBatch(texts: readonly string[]): Promise<number[][]>;
	};
	readonly db: Database;
	readonly _entityStore?: { readonly db?: Database; readonly client?: { end(): Promise<void> } };
}

export interface PlainMem0 {
	/** For the table. */
	readonly name: string;
	readonly memory: Memory;
	close(): Promise<void>;
}

export interface PlainMem0Options {
	readonly folder: string;
	readonly baseUrl: string;
	readonly dimensions: number;
	/** In the place of its client of the server. */
	readonly embedder?: Memory["embedder"];
	/** In the place of its SQLite store. */
	readonly vectorStore?: { readonly provider: string; readonly config: object };
}

/** mem0ai as its users have it: its own clients, vector store and history, in `folder`. Undefined where it is not to be had. */
export async function openPlainMem0({
	folder,
	baseUrl,
	dimensions,
	embedder,
	vectorStore,
}: PlainMem0Options): Promise<PlainMem0 | undefined> {
	const found = await loadMem0(folder);
	if (!found) return undefined;
	const { Memory: Class } = found.module as { Memory: new (config: object) => Memory };
	const client = { apiKey: "none", baseURL: baseUrl };
	const memory = new Class({
		llm: { provider: "openai", config: { ...client, model: "test-chat" } },
		embedder: { provider: "openai", config: { ...client, model: "test-embed" } },
		vectorStore: vectorStore ?? {
			provider: "memory",
			config: { collectionName: "memories", dimension: dimensions, dbPath: join(folder, "vectors.db") },
		},
		historyDbPath: join(folder, "history.db"),
	});
	if (embedder) memory.embedder = embedder;
	// It finishes its set-up in its first call.
	await memory.search("ready", { filters: { user_id: "nobody" }, topK: 1 });
	return {
		name: found.name,
		memory,
		close: async () => {
			for (const store of [memory.vectorStore, memory._entityStore ?? [], memory].flat()) {
				store.db?.close();
				if ("client" in store) await store.client?.end();
			}
		},
	};
}
