/** Entry of a child process: gets `Asked` from its parent and sends back `OwnSearch`. */
import { once } from "node:events";
import { setImmediate as nextTurn } from "node:timers/promises";
import { silentLog } from "../../src/config/log.ts";
import { MemoryService } from "../../src/memory/memoryService.ts";
import type { MemoryStore } from "../../src/store/memoryStore.ts";
import { openStore } from "../../src/store/sqlite/sqliteStore.ts";
import { nearMemories } from "../support/fixtures/storeFixtures.ts";
import type { SyntheticQuery } from "./corpus.ts";
import { project, userId } from "./filledMemory.ts";
import { longestStretch } from "./longestStretch.ts";
import { type Asked, type OwnSearch, warmUp } from "./ownSearch.ts";
import { StubEmbedder } from "./stubEmbedder.ts";
import { timed } from "./timed.ts";

const limit = 5;
/** How often the index is built, and a first search made. */
const starts = 7;

const [asked] = (await once(process, "message")) as [Asked];
// A message larger than the pipe is lost when the process takes its leave before it has been read.
process.send?.(await measured(asked), undefined, undefined, () => process.disconnect());

async function measured({ folder, dimensions, queries }: Asked): Promise<OwnSearch> {
	const embedder = new StubEmbedder(dimensions);
	embedder.prepare(queries);
	const [first] = queries as [SyntheticQuery];
	const searchWith =
		(service: MemoryService) =>
		async ({ text }: SyntheticQuery) =>
			(await service.search({ query: text, limit, project })).memories.length;
	const builds: number[] = [];
	const firstStretches: number[] = [];
	for (let run = 0; run < starts; run += 1) {
		const { store } = await openStore(folder);
		builds.push(await timed(() => nearestOf(store, embedder, first)));
		await store.close();
		const service = await open(folder, embedder);
		firstStretches.push(await longestStretch(() => searchWith(service)(first)));
		await service.dispose();
	}
	const { store } = await openStore(folder);
	const service = new MemoryService({ store, embedder, userId, log: silentLog });
	try {
		const search = searchWith(service);
		for (const query of queries.slice(0, warmUp)) await search(query);
		const rest = queries.slice(warmUp);
		const searches: number[] = [];
		let found = 0;
		for (const query of rest) {
			searches.push(await timed(async () => (found += Math.min(1, await search(query)))));
			await nextTurn();
		}
		// A search that finds nothing is fast, and not what is measured here.
		if (found < 0.9 * rest.length)
			throw new Error(`Of ${rest.length} searches only ${found} found something.`);
		const stretches: number[] = [];
		for (const query of rest) stretches.push(await longestStretch(() => search(query)));
		const nearest: (readonly number[])[] = [];
		for (const query of rest) nearest.push(await nearestOf(store, embedder, query));
		return {
			searches,
			stretches,
			nearest,
			bytes: store.search.indexBytes(embedder.space),
			builds,
			firstStretches,
		};
	} finally {
		await service.dispose();
	}
}

async function open(folder: string, embedder: StubEmbedder): Promise<MemoryService> {
	const { store } = await openStore(folder);
	return new MemoryService({ store, embedder, userId, log: silentLog });
}

/** The ten nearest, by their place in the list. */
async function nearestOf(
	store: MemoryStore,
	{ space }: StubEmbedder,
	{ vector }: SyntheticQuery,
): Promise<readonly number[]> {
	const filter = { userId, global: true, projects: [project.id] };
	const found = await nearMemories(store, { space, values: vector }, filter, 10);
	// The store numbers memories from 1 on, in the order in which they were added.
	return found.map(({ memory }) => memory.seq - 1);
}
