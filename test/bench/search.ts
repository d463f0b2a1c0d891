import { setImmediate as nextTurn } from "node:timers/promises";
import type { Figure } from "./figure.ts";
import { type FilledMemory, project, userId, withFilledMemory } from "./filledMemory.ts";
import { NaiveSearch } from "./naiveSearch.ts";
import { timed } from "./timed.ts";

const runs = 3;
const queriesPerRun = 200;
/** Queries before the measured ones: the first builds the index in memory, the others warm the compiler. */
const warmUp = 100;
const limit = 5;

/** A search through the service, without the query's embedding; and what the vector index alone overlooks. */
export async function measureSearch(): Promise<readonly Figure[]> {
	return [...(await measureAt(1000, 3)), ...(await measureAt(10_000, 8))];
}

function measureAt(memoryCount: number, atMost: number): Promise<readonly Figure[]> {
	return withFilledMemory(memoryCount, warmUp + runs * queriesPerRun, async (filled) => {
		const naive = new NaiveSearch(filled.folder, filled.corpus.memories);
		try {
			const { ours, peer } = await durations(filled, naive);
			const size = memoryCount.toLocaleString("en");
			const measured = `${runs} × ${queriesPerRun}`;
			return [
				{
					name: `search at ${size}`,
					unit: "ms",
					samples: ours,
					runs: measured,
					target: { atMost, of: "median" },
					peer: { name: "exact scan in RAM + FTS5", samples: peer },
				},
				{
					name: `vector recall@10 at ${size}`,
					unit: "",
					samples: await recalls(filled, naive),
					runs: measured,
				},
			] as const;
		} finally {
			naive.close();
		}
	});
}

/** Both searches answer every query in turn, so that whatever else the machine does hits both. */
async function durations({ service, corpus }: FilledMemory, naive: NaiveSearch) {
	const ours: number[] = [];
	const peer: number[] = [];
	let found = 0;
	for (const query of corpus.queries) {
		ours.push(
			await timed(async () => {
				const { memories, note } = await service.search({ query: query.text, limit, project });
				if (note) throw new Error(note);
				found += memories.length;
			}),
		);
		await nextTurn();
		peer.push(await timed(() => naive.search(query, limit)));
		await nextTurn();
	}
	if (found < corpus.queries.length)
		throw new Error(`${corpus.queries.length} searches found only ${found}.`);
	return { ours: ours.slice(warmUp), peer: peer.slice(warmUp) };
}

/** For each query the share of the ten nearest memories that the index finds. */
async function recalls({ store, embedder, corpus }: FilledMemory, naive: NaiveSearch) {
	const filter = { userId, global: true, projects: [project.id] };
	const shares: number[] = [];
	for (const { vector } of corpus.queries.slice(warmUp)) {
		const candidates = await store.vectors.candidates({ space: embedder.space, values: vector }, filter, 10);
		// The store numbers memories from 1 on, like the peer, in the order in which they were added.
		const found = new Set(candidates.map(({ seq }) => seq));
		shares.push(naive.nearest(vector, 10).filter((number) => found.has(number)).length / 10);
	}
	return shares;
}
