import { join } from "node:path";
import { loadMem0 } from "./mem0Package.ts";

interface Database {
	close(): void;
}

/** What the bench uses of mem0ai's `Memory`; its parts are public to JavaScript. */
interface Memory {
	add(
		messages: readonly { role: string; content: string }[],
		options: { userId: string },
	): Promise<{ results: unknown[] }>;
	search(
		query: string,
		options: { filters: { user_id: string }; topK: number },
	): Promise<{ results: unknown[] }>;
	readonly vectorStore: {
		insert(vectors: readonly number[][], ids: readonly string[], payloads: readonly object[]): Promise<void>;
		readonly db: Database;
	};
	embedder: {
		embed(text: string): Promise<number[]>;
		embedBatch(texts: readonly string[]): Promise<number[][]>;
	};
	readonly db: Database;
	readonly _entityStore?: { readonly db: Database };
}

export interface PlainMem0 {
	/** For the table. */
	readonly name: string;
	readonly memory: Memory;
	close(): void;
}

export interface PlainMem0Options {
	readonly folder: string;
	readonly baseUrl: string;
	readonly dimensions: number;
}

/** mem0ai as its users have it: its own clients, vector store and history, in `folder`. Undefined where it is not to be had. */
export async function openPlainMem0({
	folder,
	baseUrl,
	dimensions,
}: PlainMem0Options): Promise<PlainMem0 | undefined> {
	const found = await loadMem0(folder);
	if (!found) return undefined;
	const { Memory: Class } = found.module as { Memory: new (config: object) => Memory };
	const client = { apiKey: "none", baseURL: baseUrl };
	const memory = new Class({
		llm: { provider: "openai", config: { ...client, model: "test-chat" } },
		embedder: { provider: "openai", config: { ...client, model: "test-embed" } },
		vectorStore: {
			provider: "memory",
			config: { collectionName: "memories", dimension: dimensions, dbPath: join(folder, "vectors.db") },
		},
		historyDbPath: join(folder, "history.db"),
	});
	// It finishes its set-up in its first call.
	await memory.search("ready", { filters: { user_id: "nobody" }, topK: 1 });
	return {
		name: found.name,
		memory,
		close: () => {
			for (const { db } of [memory.vectorStore, memory._entityStore ?? [], memory].flat()) db.close();
		},
	};
}
