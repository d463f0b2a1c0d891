import type { Memories } from "../memoryStore.ts";
import { withoutNulls } from "../sqlite/rows.ts";
import type { Entity, Filter, HistoryEntry, StoredMemory } from "../types.ts";
import type { Database, Reader, Writer } from "./database.ts";
import { eraseDeleted } from "./erasure.ts";
import { settleSave } from "./journal.ts";
import { findMemory, removeMemory, replaceText, restoreMemory } from "./memoryTable.ts";
import { filterCondition, filterParameters, selectMemories, selectMemory } from "./rows.ts";

export function postgresMemories(database: Database): Memories {
	return {
		get: (id, userId) => findMemory(database, id, userId),

		async list(filter, limit, after) {
			const parameters = {
				...filterParameters(filter),
				createdAt: after?.createdAt ?? Number.MAX_SAFE_INTEGER,
				seq: after?.seq ?? Number.MAX_SAFE_INTEGER,
				limit: limit + 1,
			};
			// The index on user, time and `seq` has them in this order; those that the filter excludes are passed over.
			const [found, total] = await Promise.all([
				selectMemories(
					database,
					`FROM {s}.memories m WHERE ${inPlace(filter)} AND (m.created_at, m.seq) < (:createdAt, :seq)
					ORDER BY m.created_at DESC, m.seq DESC LIMIT :limit`,
					parameters,
				),
				count(database, filter),
			]);
			const memories = found.slice(0, limit);
			const last = found.length > limit ? memories.at(-1) : undefined;
			return { memories, total, ...(last ? { next: { createdAt: last.createdAt, seq: last.seq } } : {}) };
		},

		async counts(userId, project) {
			const row = await database.get<{ all: number; global: number; project: number }>(
				`SELECT coalesce(sum(n), 0)::bigint AS "all", coalesce(sum(n) FILTER (WHERE project_id IS NULL), 0)::bigint AS global,
				coalesce(sum(n) FILTER (WHERE project_id = :project::text), 0)::bigint AS project
				FROM {s}.tallies WHERE user_id = :userId`,
				{ userId, project: project?.id ?? null },
			);
			return row as { all: number; global: number; project: number };
		},

		history: async (id, userId) =>
			(
				await database.all<object>(
					`SELECT h.event, h.old_text AS "oldText", h.new_text AS "newText", h.at
					FROM {s}.history h JOIN {s}.memories m ON m.id = h.memory_id
					WHERE m.id = :id AND m.user_id = :user ORDER BY h.id`,
					{ id, user: userId },
				)
			).map((row) => withoutNulls<HistoryEntry>(row)),

		entities: ({ seq }) =>
			database.all<Entity>(
				"SELECT e.text, e.type FROM {s}.entity_links l JOIN {s}.entities e ON e.id = l.entity WHERE l.seq = :seq ORDER BY e.id",
				{ seq },
			),

		update: (id, userId, text, vector) =>
			database.write(async (writer) => {
				const old = await findToChange(writer, id, userId);
				return old && replaceText(database, writer, old, text, { vector, unlinked: true });
			}),

		delete: (id, userId) =>
			database.write(async (writer) => {
				const old = await findToChange(writer, id, userId);
				if (old) await removeMemory(writer, old);
				return old;
			}),

		restore: (id, userId) => database.write((writer) => restoreMemory(writer, id, userId)),

		purgeDeleted: (userId, before) => eraseDeleted(database, userId, before),
	};
}

/** What a person or agent writes as the memory, or deletes, must not be distilled. */
async function findToChange(writer: Writer, id: string, userId: string): Promise<StoredMemory | undefined> {
	const found = await findMemory(writer, id, userId);
	if (!found) return undefined;
	if (found.saveId) await settleSave(writer, found.saveId, "cancelled");
	// Another process may have changed it until this one got its lock.
	return selectMemory(writer, "FROM {s}.memories m WHERE m.seq = :seq AND m.deleted_at IS NULL FOR UPDATE", {
		seq: found.seq,
	});
}

/** The filter as conditions that indexes know. */
function inPlace({ projects }: Filter): string {
	const place =
		projects === "all"
			? "(:projects::text[] IS NULL) AND (:global OR m.project_id IS NOT NULL)"
			: "((:global AND m.project_id IS NULL) OR m.project_id = ANY (:projects::text[]))";
	return `m.user_id = :user AND m.deleted_at IS NULL AND m.created_at BETWEEN :since AND :until AND ${place}`;
}

function count(reader: Reader, filter: Filter): Promise<number> {
	if (filter.since === undefined && filter.until === undefined)
		return reader.number(
			`SELECT coalesce(sum(n), 0)::bigint AS n FROM {s}.tallies WHERE user_id = :user
			AND CASE WHEN project_id IS NULL THEN :global ELSE :projects::text[] IS NULL OR project_id = ANY (:projects::text[]) END`,
			filterParameters(filter),
		);
	return reader.number(
		`SELECT count(*) AS n FROM {s}.memories m WHERE m.user_id = :user AND ${filterCondition}`,
		filterParameters(filter),
	);
}
