import { randomUUID } from "node:crypto";
import pg from "pg";
import type { Corpus, SyntheticQuery } from "../corpus.ts";
import { userId } from "../filledMemory.ts";
import { openPlainMem0 } from "../plainMem0.ts";
import { withScratch } from "../scratch.ts";

/** So many memories are given to mem0ai one by one; the others go into its table at once. */
const ownInserts = 2000;
const ownSearches = 10;
const batchSize = 2000;

export interface Mem0OnPostgres {
	readonly name: string;
	/** ms each. */
	readonly searches: readonly number[];
	/** Memories a second into a table with an index. */
	readonly inserted: number;
}

/** mem0ai's pgvector store, with its HNSW index, in a database of its own on the same server. */
export function measureMem0(url: string, { memories, queries }: Corpus): Promise<Mem0OnPostgres | undefined> {
	return withScratch(async (folder) => {
		const database = `mem0_${randomUUID().slice(0, 8)}`;
		await sql(url, `CREATE DATABASE ${database}`);
		const own = new URL(url);
		own.pathname = `/${database}`;
		const dimensions = memories[0]?.vector.length ?? 0;
		let asked: readonly number[] = new Array<number>(dimensions).fill(0.01);
		const mem0 = await openPlainMem0({
			folder,
			// Nothing is asked of it.
			baseUrl: "http://127.0.0.1:9/v1",
			dimensions,
			embedder: { embed: async () => [...asked], embedBatch: async (texts) => texts.map(() => [...asked]) },
			vectorStore: {
				provider: "pgvector",
				config: {
					collectionName: "memories",
					embeddingModelDims: dimensions,
					dimension: dimensions,
					connectionString: own.href,
					hnsw: true,
				},
			},
		});
		if (!mem0) return undefined;
		try {
			// Of some at a time: all the numbers of a million as JavaScript's own do not fit into its memory.
			const rowsOf = (from: number, to: number) =>
				memories.slice(from, to).map(({ text, vector }) => ({
					id: randomUUID(),
					vector: Array.from(vector),
					payload: { data: text, textLemmatized: text.toLowerCase(), user_id: userId },
				}));
			// As full as ours, before its own inserts are measured.
			await sql(own.href, "DROP INDEX memories_hnsw_idx");
			for (let from = ownInserts; from < memories.length; from += batchSize)
				await sql(
					own.href,
					`INSERT INTO memories (id, vector, payload) SELECT id, vector::vector, payload
					FROM json_to_recordset($1) AS r (id uuid, vector text, payload jsonb)`,
					JSON.stringify(
						rowsOf(from, from + batchSize).map((row) => ({ ...row, vector: `[${row.vector.join(",")}]` })),
					),
				);
			await sql(own.href, "CREATE INDEX memories_hnsw_idx ON memories USING hnsw (vector vector_cosine_ops)");
			await sql(own.href, "VACUUM ANALYZE memories");
			const first = rowsOf(0, ownInserts);
			const start = performance.now();
			for (let from = 0; from < first.length; from += 100) {
				const batch = first.slice(from, from + 100);
				await mem0.memory.vectorStore.insert(
					batch.map(({ vector }) => vector),
					batch.map(({ id }) => id),
					batch.map(({ payload }) => payload),
				);
			}
			const inserted = (1000 * first.length) / (performance.now() - start);
			const searches: number[] = [];
			for (const query of queries.slice(0, ownSearches)) searches.push(await searchTime(query));
			return { name: "mem0ai", searches, inserted };
		} finally {
			await mem0.close();
			await sql(url, `DROP DATABASE ${database} WITH (FORCE)`);
		}

		async function searchTime({ text, vector }: SyntheticQuery): Promise<number> {
			asked = Array.from(vector);
			const start = performance.now();
			await mem0?.memory.search(text, { filters: { user_id: userId }, topK: 10 });
			return performance.now() - start;
		}
	});
}

async function sql(url: string, statement: string, ...values: readonly string[]): Promise<void> {
	const client = new pg.Client({ connectionString: url });
	await client.connect();
	try {
		await client.query(statement, [...values]);
	} finally {
		await client.end();
	}
}
