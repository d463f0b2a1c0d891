import type { Search } from "../memoryStore.ts";
import { type AwayContext, askBoth } from "./context.ts";
import { mergedPools, mergedStatistics, poolFromHere } from "./merging.ts";

export function awaySearch(context: AwayContext): Search {
	const { remote, seen } = context;
	return {
		async statistics(terms) {
			const { there, here } = await askBoth(context, (store) => store.search.statistics(terms));
			return there && here ? mergedStatistics(there, here) : (there ?? (here as NonNullable<typeof here>));
		},

		async pool(query) {
			const { there, here, file, problem } = await askBoth(context, (store) => store.search.pool(query));
			seen.add(there?.memories ?? []);
			if (there) return here && file ? mergedPools(there, here, file.outbox.ids()) : there;
			const alone = poolFromHere(here as NonNullable<typeof here>);
			return problem === undefined ? alone : { ...alone, onlyHere: problem };
		},

		refreshWords: () => remote.ask((store) => store.search.refreshWords()),

		indexBytes: (space) => remote.store?.search.indexBytes(space) ?? 0,
	};
}
