import { silentLog } from "../../src/config/log.ts";
import { MemoryService } from "../../src/memory/memoryService.ts";
import { openStore } from "../../src/store/sqlite/sqliteStore.ts";
import type { Figure } from "./figure.ts";
import { type FilledMemory, project, userId, withFilledMemory } from "./filledMemory.ts";
import { longestStretch } from "./longestStretch.ts";
import { within } from "./timed.ts";

const memoryCount = 10_000;
const searches = 500;
const warmUp = 100;
/** Searches that begin in the same turn, as when an agent asks several things at once. */
const atOnce = 5;
const firstSearches = 5;
/** ms each of the figures may take. */
const budget = 10_000;

/** How long searches hold up everything else in the process, such as the other extensions of VS Code. */
export function measureEventLoop(): Promise<readonly Figure[]> {
	return withFilledMemory(memoryCount, warmUp + searches, async (filled) => {
		const { service, corpus } = filled;
		const texts = corpus.queries.map(({ text }) => text);
		const first: number[] = [];
		for (let run = 0; run < firstSearches; run += 1) first.push(await firstStretch(filled, texts[run] ?? ""));

		await within(budget, texts.slice(0, warmUp), (query) => service.search({ query, project }));
		const measured = texts.slice(warmUp);
		const single: number[] = [];
		await within(budget, measured, async (query) => {
			single.push(await longestStretch(() => service.search({ query, project })));
		});
		const groups = Array.from({ length: searches / atOnce }, (_, index) =>
			measured.slice(index * atOnce, (index + 1) * atOnce),
		);
		const several: number[] = [];
		await within(budget, groups, async (group) => {
			several.push(
				await longestStretch(() => Promise.all(group.map((query) => service.search({ query, project })))),
			);
		});
		return [
			{
				name: "event loop held up by a search at 10,000",
				unit: "ms",
				samples: single,
				runs: String(single.length),
				target: { atMost: 16, of: "p99" },
			},
			{
				name: `the same, ${atOnce} searches begun at once`,
				unit: "ms",
				samples: several,
				runs: String(several.length),
			},
			{
				name: "the same, the first search after a start",
				unit: "ms",
				samples: first,
				runs: String(first.length),
			},
		];
	});
}

/** The first search on a newly opened store, which builds the index in memory. */
async function firstStretch({ folder, embedder }: FilledMemory, query: string): Promise<number> {
	const { store } = await openStore(folder);
	const service = new MemoryService({ store, embedder, userId, log: silentLog });
	try {
		return await longestStretch(() => service.search({ query, project }));
	} finally {
		await service.dispose();
	}
}
