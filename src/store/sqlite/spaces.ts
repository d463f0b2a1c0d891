import type { EmbeddingSpace } from "../../vectors/embeddingSpace.ts";
import type { Spaces } from "../memoryStore.ts";
import type { Database } from "./database.ts";
import { eraseKept, keepVector, vectorOfText } from "./keptVectors.ts";
import { selectMemories } from "./rows.ts";
import {
	addSpace,
	addVector,
	insertSpace,
	lacksVector,
	needsVector,
	spaceId,
	spaceParameters,
	spaceUse,
} from "./vectors.ts";

/** The worker that distils a text also embeds it, if it still needs a vector then. */
const isUnclaimed =
	"NOT EXISTS (SELECT 1 FROM journal j WHERE j.id = m.save_id AND j.distil = 'pending' AND j.claimed_by IS NOT NULL)";

export function sqliteSpaces(database: Database): Spaces {
	const countOutside = (userId: string, space: EmbeddingSpace | undefined) => {
		const parameters = { space: spaceId(database, space) ?? 0 };
		// A memory's vectors are deleted with it, so two counts, each read from an index, mostly tell.
		const lacking = database.number(
			`SELECT (SELECT count(*) FROM memories WHERE deleted_at IS NULL)
				- (SELECT count(*) FROM vectors WHERE space = :space) AS n`,
			parameters,
		);
		return lacking === 0
			? 0
			: database.number(`SELECT count(*) AS n FROM memories m WHERE m.user_id = :userId AND ${lacksVector}`, {
					...parameters,
					userId,
				});
	};
	return {
		async adopt(userId, space, everything = false) {
			const use = spaceUse(database, userId, spaceId(database, space) ?? 0);
			if (use && (use.reembed === 1 || !everything)) return;
			await database.write(() => {
				const id = insertSpace(database, userId, space);
				const sql = "UPDATE space_users SET reembed = 1 WHERE space = :id AND user_id = :userId";
				if (everything) database.run(sql, { id, userId });
			});
		},

		async leaveRest(userId, space) {
			await database.write(() =>
				database.run(
					`UPDATE space_users SET reembed = 0, since_seq = (SELECT coalesce(max(seq), 0) FROM memories)
					WHERE space = :id AND user_id = :userId`,
					{ id: spaceId(database, space) ?? 0, userId },
				),
			);
		},

		async missing(userId, space, limit, below = Number.MAX_SAFE_INTEGER) {
			if (countOutside(userId, space) === 0) return [];
			return selectMemories(
				database,
				`FROM memories m WHERE m.user_id = :user AND ${lacksVector} AND ${isUnclaimed} AND ${needsVector}
				AND m.seq < :below ORDER BY m.seq DESC LIMIT :limit`,
				{ ...spaceParameters(database, userId, space), limit, below },
			);
		},

		progress: async (userId, space) =>
			database.read(() => {
				const outside = countOutside(userId, space);
				const count = (condition: string) =>
					outside === 0
						? 0
						: database.number(
								`SELECT count(*) AS n FROM memories m WHERE m.user_id = :user AND ${lacksVector} AND ${condition}`,
								spaceParameters(database, userId, space),
							);
				return {
					inUse: spaceUse(database, userId, spaceId(database, space) ?? 0) !== undefined,
					missing: count(`${isUnclaimed} AND ${needsVector}`),
					outside,
					older: count(`NOT ${needsVector}`),
				};
			}),

		async vectorsOf(space, texts) {
			const id = spaceId(database, space);
			if (id === undefined) return texts.map(() => undefined);
			return database.read(() => texts.map((text) => vectorOfText(database, id, text)));
		},

		async keep(space, vectors) {
			await database.write(() => {
				const id = addSpace(database, space);
				for (const { text, values } of vectors) keepVector(database, id, text, values);
				eraseKept(database, 0);
			});
		},

		async addVectors(space, vectors) {
			await database.write(() => {
				for (const { memory, values } of vectors) addVector(database, memory, { space, values });
			});
		},
	};
}
