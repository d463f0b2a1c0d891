import type { EmbeddingSpace } from "../../vectors/embeddingSpace.ts";
import type { Spaces } from "../memoryStore.ts";
import type { Database } from "./database.ts";
import { selectMemories } from "./rows.ts";
import { addVector, insertSpace, lacksVector, needsVector, spaceParameters, spaceRow } from "./vectors.ts";

/** The worker that distils a text also embeds it, if it still needs a vector then. */
const isUnclaimed =
	"NOT EXISTS (SELECT 1 FROM journal j WHERE j.id = m.save_id AND j.distil = 'pending' AND j.claimed_by IS NOT NULL)";

export function sqliteSpaces(database: Database): Spaces {
	// A memory's vectors are deleted with it, so two counts, each read from an index, are enough.
	const countOutside = (space: EmbeddingSpace | undefined) =>
		database.number(
			`SELECT (SELECT count(*) FROM memories WHERE deleted_at IS NULL)
				- (SELECT count(*) FROM vectors WHERE space = :space) AS n`,
			{ space: spaceRow(database, space)?.id ?? 0 },
		);
	return {
		async adopt(space, everything = false) {
			const row = spaceRow(database, space);
			if (row && (row.reembed === 1 || !everything)) return;
			await database.write(() => {
				const id = insertSpace(database, space);
				if (everything) database.run("UPDATE spaces SET reembed = 1 WHERE id = :id", { id });
			});
		},

		async leaveRest(space) {
			await database.write(() =>
				database.run(
					"UPDATE spaces SET reembed = 0, since_seq = (SELECT coalesce(max(seq), 0) FROM memories) WHERE id = :id",
					{ id: spaceRow(database, space)?.id ?? 0 },
				),
			);
		},

		async missing(space, limit, below = Number.MAX_SAFE_INTEGER) {
			if (countOutside(space) === 0) return [];
			return selectMemories(
				database,
				`FROM memories m WHERE ${lacksVector} AND ${isUnclaimed} AND ${needsVector} AND m.seq < :below ORDER BY m.seq DESC LIMIT :limit`,
				{ ...spaceParameters(database, space), limit, below },
			);
		},

		progress: async (space) =>
			database.read(() => {
				const outside = countOutside(space);
				const count = (condition: string) =>
					outside === 0
						? 0
						: database.number(
								`SELECT count(*) AS n FROM memories m WHERE ${lacksVector} AND ${condition}`,
								spaceParameters(database, space),
							);
				return {
					inUse: spaceRow(database, space) !== undefined,
					missing: count(`${isUnclaimed} AND ${needsVector}`),
					outside,
					older: count(`NOT ${needsVector}`),
				};
			}),

		async addVectors(space, vectors) {
			await database.write(() => {
				for (const { memory, values } of vectors) addVector(database, memory, { space, values });
			});
		},
	};
}
