import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";
import type { MemoryStore } from "../../src/store/memoryStore.ts";
import { openPostgresStore } from "../../src/store/postgres/postgresStore.ts";
import type { Filter } from "../../src/store/types.ts";
import { queryTerms } from "../../src/text/terms.ts";
import { hasOwnServer, ownServer } from "../support/postgres/ownServer.ts";
import { testSettings } from "../support/postgres/testDatabase.ts";
import { type Corpus, makeCorpus, type SyntheticQuery } from "./corpus.ts";
import { CannotRun, type Figure } from "./figure.ts";
import { fill, project, timeOf, userId } from "./filledMemory.ts";
import { measureMem0 } from "./peers/mem0Pgvector.ts";
import { openPlainScan } from "./peers/plainScan.ts";
import { StubEmbedder } from "./stubEmbedder.ts";

/** `POSTGRES_SIZES=20000,200000,1000000` measures others. */
const sizes = (process.env.POSTGRES_SIZES ?? "20000,200000").split(",").map(Number);
const queryCount = 200;
const saveCount = 100;
/** People who search at the same time, each as soon as the last search is answered. */
const users = 50;
const searchesPerUser = 20;
const batchSize = 1000;
/** One memory in so many belongs to the project of the selective filter. */
const projectShare = 1000;

const everything: Filter = { userId, global: true, projects: "all" };
const { space } = new StubEmbedder();

/** Our store on a real server on this machine. */
export async function measurePostgres(): Promise<readonly Figure[]> {
	if (!hasOwnServer) throw new CannotRun("there is no PostgreSQL server with pgvector");
	const figures: Figure[] = [];
	for (const size of sizes) {
		// What docs/scale.md says: all of it fits into memory.
		const gigabytes = Math.ceil(size / 150_000);
		const server = await ownServer([
			`shared_buffers=${gigabytes}GB`,
			`maintenance_work_mem=${gigabytes}GB`,
			"max_wal_size=4GB",
		]);
		const settings = testSettings("bench", server.url);
		const store = await openPostgresStore(settings, { chat: "", embedding: "" });
		try {
			figures.push(...(await measureAt(store, server.url, size)));
		} finally {
			await store.close();
			await server.stop();
		}
	}
	return figures;
}

async function measureAt(store: MemoryStore, url: string, size: number): Promise<readonly Figure[]> {
	const at = size.toLocaleString("en");
	const corpus = makeCorpus(size, queryCount);
	const imported = await timed(() => fill(store, draftsOf(corpus), batchSize));
	const indexed = await timed(() => untilIndexed(url));
	console.error(
		`  ${at}: imported in ${Math.round(imported / 1000)} s, then indexed in ${Math.round(indexed / 1000)} s`,
	);
	const kilobytes = await kilobytesAMemory(url, size);
	const exact = await openPlainScan("", corpus.memories);
	const times: number[] = [];
	const recalls: number[] = [];
	for (const { text, vector } of corpus.queries) {
		const ask = (withWords: boolean, filter = everything) =>
			pool(store, withWords ? text : "", vector, filter);
		await ask(true);
		times.push(await timed(() => ask(true)));
		// The store numbers memories from 1 on, in the order in which they were added.
		const nearest = new Set((await exact.search({ text, words: [], vector }, 10)).map((place) => place + 1));
		const found = (await ask(false)).memories.slice(0, 10).filter(({ seq }) => nearest.has(seq));
		recalls.push(found.length / 10);
	}
	const selective = await selectiveFilter(store, corpus);
	const saves: number[] = [];
	for (let n = 0; n < saveCount; n += 1) {
		const values = corpus.queries[n % queryCount]?.vector as Float32Array;
		const entry = {
			id: `save ${n}`,
			text: `Saved number ${n} on this day`,
			userId,
			scope: "global" as const,
			createdAt: Date.now(),
		};
		saves.push(await timed(() => store.saves.store(entry, { vector: { space, values } })));
	}
	const alone = await timed(() => searchInTurn(store, corpus, searchesPerUser * users));
	const together: number[] = [];
	const crowd = await timed(() =>
		Promise.all(
			Array.from({ length: users }, async (_, user) => {
				for (let n = 0; n < searchesPerUser; n += 1) {
					const { text, vector } = corpus.queries[(user + n * users) % queryCount] as SyntheticQuery;
					together.push(await timed(() => pool(store, text, vector, everything)));
				}
			}),
		),
	);
	const perSecond = (ms: number) => [(1000 * searchesPerUser * users) / ms];
	const mem0 = await measureMem0(url, corpus);
	const runs = `${queryCount}`;
	const most = size > 200_000 ? 20 : 10;
	return [
		{
			name: `PostgreSQL, ${at}: search`,
			unit: "ms",
			samples: times,
			runs,
			target: { atMost: most, of: "median" },
			...(mem0 ? { peer: { name: "mem0ai, pgvector", samples: mem0.searches } } : {}),
		},
		{ name: `PostgreSQL, ${at}: searches of one user`, unit: "/s", samples: perSecond(alone), runs: "1,000" },
		{
			name: `PostgreSQL, ${at}: searches of ${users} users at once`,
			unit: "/s",
			samples: perSecond(crowd),
			runs: "1,000",
		},
		{ name: `PostgreSQL, ${at}: a search among those`, unit: "ms", samples: together, runs: "1,000" },
		{
			name: `PostgreSQL, ${at}: recall@10`,
			unit: "",
			samples: [mean(recalls)],
			runs,
			target: { atLeast: 0.95 },
		},
		{ name: `PostgreSQL, ${at}: search of one project of 0.1 %`, unit: "ms", samples: selective.times, runs },
		{
			name: `PostgreSQL, ${at}: recall@10 in it`,
			unit: "",
			samples: [mean(selective.recalls)],
			runs,
			target: { atLeast: 1 },
		},
		{
			name: `PostgreSQL, ${at}: save`,
			unit: "ms",
			samples: saves,
			runs: `${saveCount}`,
			target: { atMost: 15, of: "median" },
		},
		{
			name: `PostgreSQL, ${at}: import`,
			unit: "memories/s",
			samples: [(1000 * size) / imported],
			runs: "1",
			target: { atLeast: 2000 },
			...(mem0 ? { peer: { name: "mem0ai, pgvector", samples: [mem0.inserted] } } : {}),
		},
		{ name: `PostgreSQL, ${at}: until indexed after that`, unit: "s", samples: [indexed / 1000], runs: "1" },
		{ name: `PostgreSQL, ${at}: disk, of a memory`, unit: "KB", samples: [kilobytes.all], runs: "1" },
		{
			name: `PostgreSQL, ${at}: index of vectors, of a memory`,
			unit: "KB",
			samples: [kilobytes.index],
			runs: "1",
		},
	];
}

export function draftsOf({ memories }: Corpus) {
	return memories.map(({ text, vector }, index) => ({
		text,
		userId,
		...(index % projectShare === 0
			? ({ scope: "project", project } as const)
			: ({ scope: "global" } as const)),
		vector: { space, values: vector },
		createdAt: timeOf(index),
	}));
}

async function selectiveFilter(store: MemoryStore, { memories, queries }: Corpus) {
	const members = memories.flatMap(({ vector }, index) =>
		index % projectShare === 0 ? [{ vector, seq: index + 1 }] : [],
	);
	const filter: Filter = { userId, global: false, projects: [project.id] };
	const times: number[] = [];
	const recalls: number[] = [];
	for (const { vector } of queries) {
		const nearest = members
			.map((member) => ({
				seq: member.seq,
				cosine: member.vector.reduce((sum, value, i) => sum + value * (vector[i] as number), 0),
			}))
			.sort((one, other) => other.cosine - one.cosine)
			.slice(0, 10);
		let found: readonly { readonly seq: number }[] = [];
		times.push(
			await timed(async () => {
				found = (await pool(store, "", vector, filter)).memories.slice(0, 10);
			}),
		);
		recalls.push(nearest.filter(({ seq }) => found.some((each) => each.seq === seq)).length / nearest.length);
	}
	return { times, recalls };
}

async function searchInTurn(store: MemoryStore, { queries }: Corpus, count: number): Promise<void> {
	for (let n = 0; n < count; n += 1) {
		const { text, vector } = queries[n % queryCount] as SyntheticQuery;
		await pool(store, text, vector, everything);
	}
}

/** What a search asks of the store. */
async function pool(store: MemoryStore, text: string, vector: Float32Array, filter: Filter) {
	const { terms } = text === "" ? { terms: [] } : queryTerms(text);
	return store.search.pool({
		terms,
		all: false,
		vector: { space, values: vector },
		filter,
		each: 40,
		words: 0,
	});
}

async function untilIndexed(url: string): Promise<void> {
	const client = new pg.Client({ connectionString: url });
	await client.connect();
	for (;;) {
		// The index of all but a few, and nobody builds the next.
		const { rows } = await client.query(
			"SELECT 1 FROM bench.spaces s WHERE indexed_to > 0 AND (SELECT count(*) FROM bench.vectors v WHERE v.space = s.id AND v.seq > s.indexed_to) < greatest(5000, s.indexed_to / 100) AND NOT EXISTS (SELECT 1 FROM pg_stat_progress_create_index)",
		);
		if (rows.length > 0) break;
		await sleep(500);
	}
	await client.query("VACUUM ANALYZE");
	await client.end();
}

async function kilobytesAMemory(url: string, count: number): Promise<{ all: number; index: number }> {
	const client = new pg.Client({ connectionString: url });
	await client.connect();
	const { rows } = await client.query(
		`SELECT sum(pg_total_relation_size(c.oid)) FILTER (WHERE relkind = 'r')::float8 AS all,
		sum(pg_relation_size(c.oid)) FILTER (WHERE relname LIKE 'vectors_hnsw%')::float8 AS index
		FROM pg_class c WHERE relnamespace = 'bench'::regnamespace`,
	);
	await client.end();
	const { all, index } = rows[0] as { all: number; index: number };
	return { all: all / 1024 / count, index: index / 1024 / count };
}

async function timed(work: () => Promise<unknown>): Promise<number> {
	const start = performance.now();
	await work();
	return performance.now() - start;
}

function mean(values: readonly number[]): number {
	return values.reduce((sum, value) => sum + value, 0) / values.length;
}
