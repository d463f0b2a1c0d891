import { openStore } from "../../src/store/sqlite/sqliteStore.ts";
import { signatureLength } from "../../src/vectors/signature.ts";
import { memoryBandwidth } from "./bandwidth.ts";
import { type Corpus, makeCorpus, type SyntheticQuery } from "./corpus.ts";
import { bytesIn, diskFigure } from "./disk.ts";
import { CannotRun, type Figure } from "./figure.ts";
import { fill, toDrafts } from "./filledMemory.ts";
import { measureOwnSearch, warmUp } from "./ownSearch.ts";
import { openLanceDb } from "./peers/lancedb.ts";
import { openMem0Store } from "./peers/mem0Store.ts";
import type { OpenPeer } from "./peers/peer.ts";
import { openPlainScan } from "./peers/plainScan.ts";
import { openSqliteVec } from "./peers/sqliteVec.ts";
import { openUsearch } from "./peers/usearch.ts";
import { withScratch } from "./scratch.ts";
import { median } from "./statistics.ts";
import { StubEmbedder } from "./stubEmbedder.ts";
import { timed, within } from "./timed.ts";

const sizes = [1000, 20_000, 100_000] as const;
const widths = [512, 1536] as const;
const queryCount = 300;
/** ms for the queries of one peer; mem0ai takes seconds for one. */
const budget = 6000;
const batchSize = 500;

/** ms of a search at 1536 dimensions. */
const targets: Readonly<Record<number, number>> = { 20000: 4, 100000: 12 };
/** How many times faster than a peer a search at 20,000 × 1536 is to be. */
const timesFaster: Readonly<Record<string, number>> = { mem0ai: 400, "LanceDB flat": 10, "sqlite-vec": 5 };

const peers: readonly OpenPeer[] = [openMem0Store, openLanceDb, openSqliteVec, openUsearch, openPlainScan];

/**
 * Searches by meaning and by words, without the query's embedding, on clustered data; what the index finds, takes and
 * costs; and the peers on the same data in the same run. `BENCH_SIZES=1000,20000` and `BENCH_DIMENSIONS=512` measure less.
 */
export async function measureSpeed(): Promise<readonly Figure[]> {
	const numbers = (list: string | undefined) => list?.split(",").map(Number);
	const asked = numbers(process.env.BENCH_SIZES) ?? sizes;
	const bandwidth = memoryBandwidth();
	const figures: Figure[] = [
		{ name: "memory bandwidth, one thread", unit: "GB/s", samples: [bandwidth / 1e9], runs: "best of 7" },
	];
	for (const dimensions of numbers(process.env.BENCH_DIMENSIONS) ?? widths)
		for (const count of asked) figures.push(...(await measureAt(count, dimensions, bandwidth)));
	return figures;
}

function measureAt(count: number, dimensions: number, bandwidth: number): Promise<readonly Figure[]> {
	const corpus = makeCorpus(count, warmUp + queryCount, { dimensions });
	const at = `${count.toLocaleString("en")} × ${dimensions}`;
	console.error(`  ${at} …`);
	return withScratch(async (folder) => {
		const embedder = new StubEmbedder(dimensions);
		const { store } = await openStore(folder);
		const drafts = toDrafts(corpus.memories, embedder);
		const filling = await timed(() => fill(store, drafts, batchSize));
		await store.close();
		const disk = await bytesIn(folder);
		const ours = await measureOwnSearch({ folder, dimensions, queries: corpus.queries });
		const exact = await truth(corpus);
		const scanned = count * signatureLength(dimensions);
		const atMost = dimensions === 1536 ? targets[count] : undefined;
		const own: Figure[] = [
			{
				name: `search at ${at}`,
				unit: "ms",
				samples: ours.searches,
				runs: String(ours.searches.length),
				...(atMost === undefined ? {} : { target: { atMost, of: "median" } }),
			},
			{
				name: `event loop held up by a search at ${at}`,
				unit: "ms",
				samples: ours.stretches,
				runs: String(ours.stretches.length),
				target: { atMost: 16, of: "p99" },
			},
			{
				name: `index scan at ${at}: limit by memory bandwidth`,
				unit: "ms",
				samples: [(1000 * scanned) / bandwidth],
				runs: `${(scanned / 1e6).toFixed(1)} MB`,
			},
			{
				name: `vector recall@10 at ${at}`,
				unit: "",
				samples: [recall(ours.nearest, exact)],
				runs: String(exact.length),
				target: { atLeast: 0.99 },
			},
			{
				name: `index in RAM at ${at}, a vector`,
				unit: "bytes",
				samples: [ours.bytes / count],
				runs: "1",
				...(dimensions === 1536 && count > 1000 ? { target: { atMost: 250, of: "median" } } : {}),
			},
			diskFigure(`on disk at ${at}, a memory beyond its vector`, disk / count - 4 * dimensions, "1"),
			{
				name: `index built from disk at ${at}`,
				unit: "ms",
				samples: ours.builds,
				runs: String(ours.builds.length),
				...(count === 100_000 ? { target: { atMost: 1000, of: "median" } } : {}),
			},
			{
				name: `event loop held up by the first search at ${at}`,
				unit: "ms",
				samples: ours.firstStretches,
				runs: String(ours.firstStretches.length),
				target: { atMost: 16, of: "p99" },
			},
			{
				name: `import of ${at}, vectors and all`,
				unit: "memories/s",
				samples: [count / (filling / 1000)],
				runs: "1",
			},
		];
		const theirs: Figure[] = [];
		for (const open of peers) theirs.push(...(await measurePeer(open, corpus, exact, at, ours.searches)));
		return [...own, ...theirs];
	});
}

async function truth({ memories, queries }: Corpus): Promise<readonly (readonly number[])[]> {
	const scan = await openPlainScan("", memories);
	const found: (readonly number[])[] = [];
	for (const query of queries.slice(warmUp)) found.push(await scan.search(query, 10));
	return found;
}

/** The mean share of the ten truly nearest that were found. */
function recall(found: readonly (readonly number[])[], exact: readonly (readonly number[])[]): number {
	const shares = found.map((numbers, index) => {
		const wanted = new Set(exact[index]);
		return numbers.filter((number) => wanted.has(number)).length / wanted.size;
	});
	return shares.reduce((sum, share) => sum + share, 0) / shares.length;
}

async function measurePeer(
	open: OpenPeer,
	{ memories, queries }: Corpus,
	exact: readonly (readonly number[])[],
	at: string,
	ours: readonly number[],
): Promise<readonly Figure[]> {
	return withScratch(async (folder) => {
		try {
			let peer: Awaited<ReturnType<OpenPeer>> | undefined;
			const inserting = await timed(async () => {
				peer = await open(folder, memories);
			});
			const opened = peer as Awaited<ReturnType<OpenPeer>>;
			console.error(`    ${opened.name}`);
			try {
				const samples: number[] = [];
				const found: (readonly number[])[] = [];
				await opened.search(queries[0] as SyntheticQuery, 10);
				await within(budget, queries.slice(warmUp), async (query) => {
					let numbers: readonly number[] = [];
					samples.push(
						await timed(async () => {
							numbers = await opened.search(query, 10);
						}),
					);
					found.push(numbers);
				});
				const least = at === "20,000 × 1536" ? timesFaster[opened.name] : undefined;
				return [
					{
						name: `${opened.name} at ${at}`,
						unit: "ms",
						samples,
						runs: `${samples.length}, recall@10 ${recall(found, exact).toFixed(3)}; ${opened.remark}`,
					},
					{
						name: `${opened.name} at ${at}, times our search`,
						unit: "×",
						samples: [median(samples) / median(ours)],
						runs: "1",
						...(least === undefined ? {} : { target: { atLeast: least } }),
					},
					{
						name: `${opened.name} at ${at}, insertion`,
						unit: "memories/s",
						samples: [memories.length / (inserting / 1000)],
						runs: "1",
					},
				];
			} finally {
				await opened.close();
			}
		} catch (error) {
			if (!(error instanceof CannotRun)) throw error;
			console.error(`Left out at ${at}: ${error.message}.`);
			return [];
		}
	});
}
