import type { Spaces } from "../memoryStore.ts";
import type { Database } from "./database.ts";
import { eraseKept, keepVectors, vectorsOfTexts } from "./keptVectors.ts";
import { selectMemories } from "./rows.ts";
import {
	addSpace,
	addVectors,
	needsVector,
	spaceId,
	spaceParameters,
	spaceUse,
	useSpace,
} from "./vectors.ts";

/** A memory whose text is being distilled: the worker embeds it, too, if it still needs a vector then. */
const isClaimed = `EXISTS (SELECT 1 FROM {s}.journal j
	WHERE j.id = m.save_id AND j.distil = 'pending' AND j.claimed_by IS NOT NULL)`;

export function postgresSpaces(database: Database): Spaces {
	return {
		async adopt(userId, space, everything = false) {
			const use = await spaceUse(database, userId, (await spaceId(database, space)) ?? 0);
			if (use && (use.reembed || !everything)) return;
			await database.write(async (writer) => {
				const id = await useSpace(writer, userId, space);
				const sql = "UPDATE {s}.space_users SET reembed = true WHERE space = :id AND user_id = :userId";
				if (everything) await writer.all(sql, { id, userId });
			});
		},

		async leaveRest(userId, space) {
			const id = (await spaceId(database, space)) ?? 0;
			await database.write((writer) =>
				writer.all(
					`UPDATE {s}.space_users SET reembed = false, since_seq = (SELECT coalesce(max(seq), 0) FROM {s}.memories)
					WHERE space = :id AND user_id = :userId`,
					{ id, userId },
				),
			);
		},

		async missing(userId, space, limit, below = Number.MAX_SAFE_INTEGER) {
			const { inUse: _, ...parameters } = await spaceParameters(database, database, userId, space);
			return selectMemories(
				database,
				`FROM {s}.memories m WHERE ${needsVector} AND m.seq < :below::bigint AND NOT ${isClaimed}
				ORDER BY m.seq DESC LIMIT :limit`,
				{ ...parameters, below, limit },
			);
		},

		async progress(userId, space) {
			const { inUse, ...parameters } = await spaceParameters(database, database, userId, space);
			const row = await database.get<{ outside: number; needed: number; claimed: number }>(
				`SELECT
				(SELECT coalesce(sum(n), 0)::bigint FROM {s}.tallies WHERE user_id = :user AND NOT spaces @> ARRAY[:space::int]) AS outside,
				(SELECT count(*) FROM {s}.memories m WHERE ${needsVector}) AS needed,
				(SELECT count(*) FROM {s}.journal j JOIN {s}.memories m ON m.save_id = j.id
					WHERE j.user_id = :user AND j.distil = 'pending' AND j.claimed_by IS NOT NULL AND ${needsVector}) AS claimed`,
				parameters,
			);
			const { outside = 0, needed = 0, claimed = 0 } = row ?? {};
			return { inUse, missing: needed - claimed, outside, older: outside - needed };
		},

		async vectorsOf(space, texts) {
			const id = await spaceId(database, space);
			return id === undefined ? texts.map(() => undefined) : vectorsOfTexts(database, id, texts);
		},

		async keep(space, vectors) {
			await database.write(async (writer) => {
				await keepVectors(writer, await addSpace(writer, space), vectors);
				await eraseKept(writer, 0);
			});
		},

		async addVectors(space, vectors) {
			if (vectors.length === 0) return;
			await database.write((writer) => addVectors(writer, space, vectors));
		},
	};
}
