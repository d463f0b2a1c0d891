import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { schemaVersion } from "../../../src/store/sqlite/schema.ts";
import { openStore } from "../../../src/store/sqlite/sqliteStore.ts";
import { cached } from "../../support/cache.ts";
import { makeCorpus, type SyntheticQuery } from "../corpus.ts";
import { fill, toDrafts } from "../filledMemory.ts";
import { openPlainScan } from "../peers/plainScan.ts";
import { StubEmbedder } from "../stubEmbedder.ts";

export const dimensions = 256;
const queryCount = 150;
const batchSize = 5000;
const queriesFile = "queries.json";

export interface LargeQuery {
	readonly text: string;
	readonly vector: readonly number[];
	/** The `seq` of the ten memories that are truly nearest. */
	readonly nearest: readonly number[];
}

export interface LargeMemory {
	/** Of the database. Copy it before anything writes. */
	readonly folder: string;
	readonly queries: readonly LargeQuery[];
}

/** A database of so many memories with vectors, and queries for it. Building the largest takes minutes, so it is kept between runs. */
export async function largeMemory(count: number): Promise<LargeMemory> {
	const folder = await cached(`scale-${schemaVersion}-${count}x${dimensions}`, async (target) => {
		console.error(`  Building ${count.toLocaleString("en")} × ${dimensions} …`);
		const { memories, queries } = makeCorpus(count, queryCount, { dimensions });
		const { store } = await openStore(target);
		await fill(store, toDrafts(memories, new StubEmbedder(dimensions)), batchSize);
		await store.close();
		const exact = await openPlainScan("", memories);
		const asked: LargeQuery[] = [];
		for (const query of queries) asked.push(await withNearest(query, exact));
		await writeFile(join(target, queriesFile), JSON.stringify(asked));
	});
	const queries = JSON.parse(await readFile(join(folder, queriesFile), "utf8")) as LargeQuery[];
	return { folder, queries };
}

async function withNearest(
	query: SyntheticQuery,
	exact: Awaited<ReturnType<typeof openPlainScan>>,
): Promise<LargeQuery> {
	const places = await exact.search(query, 10);
	// The store numbers memories from 1 on, in the order in which they were added.
	return { text: query.text, vector: [...query.vector], nearest: places.map((place) => place + 1) };
}
