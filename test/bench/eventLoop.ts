import { setImmediate as nextTurn } from "node:timers/promises";
import type { Figure } from "./figure.ts";
import { type FilledMemory, project, withFilledMemory } from "./filledMemory.ts";

const memoryCount = 10_000;
const searches = 500;
const warmUp = 50;
/** Searches that begin in the same turn, as when an agent asks several things at once. */
const atOnce = 5;
const firstSearches = 5;

/** How long searches hold up everything else in the process, such as an extension host. */
export async function measureEventLoop(): Promise<readonly Figure[]> {
	const first: number[] = [];
	for (let run = 1; run < firstSearches; run += 1) {
		first.push(await withFilledMemory(memoryCount, 1, (filled) => stretchOf(filled, [0])));
	}
	return withFilledMemory(memoryCount, warmUp + searches, async (filled) => {
		first.push(await stretchOf(filled, [0]));
		for (let query = 1; query < warmUp; query += 1) await stretchOf(filled, [query]);
		const single: number[] = [];
		for (let query = warmUp; query < warmUp + searches; query += 1) {
			single.push(await stretchOf(filled, [query]));
		}
		const several: number[] = [];
		for (let query = warmUp; query < warmUp + searches; query += atOnce) {
			several.push(
				await stretchOf(
					filled,
					Array.from({ length: atOnce }, (_, index) => query + index),
				),
			);
		}
		return [
			{
				name: "event loop held up by a search at 10,000",
				unit: "ms",
				samples: single,
				runs: String(searches),
				target: { atMost: 16, of: "p99" },
			},
			{
				name: `event loop held up by ${atOnce} searches at once`,
				unit: "ms",
				samples: several,
				runs: String(several.length),
			},
			{
				name: "event loop held up by the first search",
				unit: "ms",
				samples: first,
				runs: String(first.length),
			},
		];
	});
}

function stretchOf({ service, corpus }: FilledMemory, queries: readonly number[]): Promise<number> {
	return longestStretch(() =>
		Promise.all(
			queries.map((query) => service.search({ query: corpus.queries[query]?.text, limit: 5, project })),
		),
	);
}

/** The longest time, in ms, between two turns of the event loop while `work` was under way. */
async function longestStretch(work: () => Promise<unknown>): Promise<number> {
	let longest = 0;
	let last = performance.now();
	let working = true;
	const beat = () => {
		const now = performance.now();
		longest = Math.max(longest, now - last);
		last = now;
		if (working) setImmediate(beat);
	};
	setImmediate(beat);
	await nextTurn();
	await work();
	// The beat that ends the last stretch comes first.
	await nextTurn();
	working = false;
	return longest;
}
