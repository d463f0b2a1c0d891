import { setImmediate as nextTurn } from "node:timers/promises";
import { nearMemories } from "../support/fixtures/storeFixtures.ts";
import type { SyntheticQuery } from "./corpus.ts";
import type { Figure } from "./figure.ts";
import { type FilledMemory, project, userId, withFilledMemory } from "./filledMemory.ts";
import { NaiveSearch } from "./naiveSearch.ts";
import { timed, within } from "./timed.ts";

const runs = 3;
const queriesPerRun = 200;
/** Queries before the measured ones: the first builds the index in memory, the others warm the compiler. */
const warmUp = 150;
/** ms a run, or the warm-up, may take. */
const budget = 8000;
const limit = 5;

/** A search through the service, without the query's embedding; and what the vector index alone finds. */
export async function measureSearch(): Promise<readonly Figure[]> {
	return [...(await measureAt(1000, 3)), ...(await measureAt(10_000, 8))];
}

function measureAt(memoryCount: number, atMost: number): Promise<readonly Figure[]> {
	return withFilledMemory(memoryCount, warmUp + runs * queriesPerRun, async (filled) => {
		const naive = new NaiveSearch(filled.folder, filled.corpus.memories);
		try {
			const { queries } = filled.corpus;
			await durations(filled, naive, queries.slice(0, warmUp));
			const ours: number[] = [];
			const peer: number[] = [];
			const recalls: number[] = [];
			for (let run = 0; run < runs; run += 1) {
				const start = warmUp + run * queriesPerRun;
				const own = queries.slice(start, start + queriesPerRun);
				const measured = await durations(filled, naive, own);
				ours.push(...measured.ours);
				peer.push(...measured.peer);
				recalls.push(await recall(filled, naive, own));
			}
			const size = memoryCount.toLocaleString("en");
			return [
				{
					name: `search at ${size}`,
					unit: "ms",
					samples: ours,
					runs: `${runs} × ${Math.round(ours.length / runs)}`,
					target: { atMost, of: "median" },
					peer: { name: "exact scan in RAM + FTS5", samples: peer },
				},
				{
					name: `vector recall@10 at ${size}, against the exact scan`,
					unit: "",
					samples: recalls,
					runs: `${runs} × ${queriesPerRun}`,
				},
			] as const;
		} finally {
			naive.close();
		}
	});
}

/** Both searches answer every query in turn, so that whatever else the machine does hits both. */
async function durations(
	{ service }: FilledMemory,
	naive: NaiveSearch,
	queries: readonly SyntheticQuery[],
): Promise<{ readonly ours: readonly number[]; readonly peer: readonly number[] }> {
	const ours: number[] = [];
	const peer: number[] = [];
	let answered = 0;
	const asked = await within(budget, queries, async (query) => {
		ours.push(
			await timed(async () => {
				const { memories, note } = await service.search({ query: query.text, limit, project });
				if (note) throw new Error(note);
				answered += Math.min(1, memories.length);
			}),
		);
		await nextTurn();
		peer.push(await timed(() => naive.search(query, limit)));
		await nextTurn();
	});
	// A search that finds nothing is fast, and not what is measured here.
	if (answered < 0.9 * asked) throw new Error(`Of ${asked} searches only ${answered} found something.`);
	return { ours, peer };
}

/** The mean share of the ten nearest memories that the index finds. */
async function recall(
	{ store, embedder }: FilledMemory,
	naive: NaiveSearch,
	queries: readonly SyntheticQuery[],
): Promise<number> {
	const filter = { userId, global: true, projects: [project.id] };
	let found = 0;
	for (const { vector } of queries) {
		const candidates = await nearMemories(store, { space: embedder.space, values: vector }, filter, 10);
		// The store numbers memories from 1 on, like the peer, in the order in which they were added.
		const numbers = new Set(candidates.map(({ memory }) => memory.seq));
		found += naive.nearest(vector, 10).filter((number) => numbers.has(number)).length;
	}
	return found / (10 * queries.length);
}
