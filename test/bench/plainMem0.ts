import { registerHooks } from "node:module";
import { join } from "node:path";

/** What the bench uses of mem0ai's `Memory`. */
export interface PlainMem0 {
	add(
		messages: readonly { role: string; content: string }[],
		options: { userId: string },
	): Promise<{ results: unknown[] }>;
	search(
		query: string,
		options: { filters: { user_id: string }; topK: number },
	): Promise<{ results: unknown[] }>;
	/** Its parts are public to JavaScript. */
	vectorStore: {
		insert(vectors: readonly number[][], ids: readonly string[], payloads: readonly object[]): Promise<void>;
	};
	embedder: {
		embed(text: string): Promise<number[]>;
		embedBatch(texts: readonly string[]): Promise<number[][]>;
	};
}

/** mem0ai as its users have it: its own clients, vector store and history, in `folder`. Only its telemetry is off. */
export async function openPlainMem0(folder: string, baseUrl: string, dimensions: number): Promise<PlainMem0> {
	process.env.MEM0_TELEMETRY = "false";
	process.env.MEM0_DIR = folder;
	const standIn = new URL("sqliteStandIn.ts", import.meta.url).href;
	registerHooks({
		resolve: (specifier, context, next) =>
			specifier === "better-sqlite3" ? { url: standIn, shortCircuit: true } : next(specifier, context),
	});
	const { Memory } = (await import("mem0ai/oss")) as unknown as { Memory: new (config: object) => PlainMem0 };
	const client = { apiKey: "none", baseURL: baseUrl };
	return new Memory({
		llm: { provider: "openai", config: { ...client, model: "test-chat" } },
		embedder: { provider: "openai", config: { ...client, model: "test-embed" } },
		vectorStore: {
			provider: "memory",
			config: { collectionName: "memories", dimension: dimensions, dbPath: join(folder, "vectors.db") },
		},
		historyDbPath: join(folder, "history.db"),
	});
}
