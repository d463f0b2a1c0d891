import type { Memories } from "../memoryStore.ts";
import type { Entity, Filter, HistoryEntry } from "../types.ts";
import type { Database } from "./database.ts";
import { eraseDeleted } from "./erasure.ts";
import { settleSave } from "./journal.ts";
import { findMemory, removeMemory, replaceText, restoreMemory } from "./memoryTable.ts";
import { filterCondition, filterParameters, selectMemories, withoutNulls } from "./rows.ts";

export function sqliteMemories(database: Database): Memories {
	/** Within a write. What a person or agent writes as the memory, or deletes, must not be distilled. */
	const findToChange = (id: string, userId: string) => {
		const memory = findMemory(database, id, userId);
		if (memory?.saveId) settleSave(database, memory.saveId, "cancelled");
		return memory;
	};
	return {
		get: async (id, userId) => findMemory(database, id, userId),

		list: async (filter, limit, after) =>
			database.read(() => {
				const found = selectMemories(
					database,
					`FROM memories m WHERE ${filterCondition}
					AND (m.created_at, m.seq) < (:createdAt, :seq) ORDER BY m.created_at DESC, m.seq DESC LIMIT :limit`,
					{
						...filterParameters(filter),
						createdAt: after?.createdAt ?? Number.MAX_SAFE_INTEGER,
						seq: after?.seq ?? Number.MAX_SAFE_INTEGER,
						limit: limit + 1,
					},
				);
				const memories = found.slice(0, limit);
				const last = found.length > limit ? memories.at(-1) : undefined;
				const next = last ? { next: { createdAt: last.createdAt, seq: last.seq } } : {};
				return { memories, total: count(database, filter), ...next };
			}),

		async counts(userId, project) {
			const rows = countsByProject(database, userId);
			const of = (id: string | null | undefined) => rows.find((row) => row.project === id)?.n ?? 0;
			return { all: rows.reduce((sum, { n }) => sum + n, 0), global: of(null), project: of(project?.id) };
		},

		history: async (id, userId) =>
			database
				.all<object>(
					`SELECT h.event, h.old_text AS oldText, h.new_text AS newText, h.at
					FROM history h JOIN memories m ON m.id = h.memory_id
					WHERE m.id = :id AND m.user_id = :user ORDER BY h.id`,
					{ id, user: userId },
				)
				.map((row) => withoutNulls<HistoryEntry>(row)),

		entities: async ({ seq }) =>
			database.all<Entity>(
				"SELECT e.text, e.type FROM entity_links l JOIN entities e ON e.id = l.entity WHERE l.seq = :seq ORDER BY e.id",
				{ seq },
			),

		update: (id, userId, text, vector) =>
			database.write(() => {
				const old = findToChange(id, userId);
				if (!old) return undefined;
				const updated = replaceText(database, old, text, vector);
				database.run("UPDATE memories SET unlinked = 1 WHERE seq = :seq", { seq: old.seq });
				return updated;
			}),

		delete: (id, userId) =>
			database.write(() => {
				const old = findToChange(id, userId);
				if (old) removeMemory(database, old);
				return old;
			}),

		restore: (id, userId) => database.write(() => restoreMemory(database, id, userId)),

		purgeDeleted: (userId, before) => eraseDeleted(database, userId, before),
	};
}

function count(database: Database, filter: Filter): number {
	const { since, until, userId, global, projects } = filter;
	if (since !== undefined || until !== undefined) {
		const sql = `SELECT count(*) AS n FROM memories m WHERE ${filterCondition}`;
		return database.number(sql, filterParameters(filter));
	}
	return countsByProject(database, userId)
		.filter(({ project }) => (project === null ? global : projects === "all" || projects.includes(project)))
		.reduce((sum, { n }) => sum + n, 0);
}

/** Reads an index only, but cannot filter by date. `null`: global. */
function countsByProject(database: Database, userId: string) {
	return database.all<{ project: string | null; n: number }>(
		"SELECT project_id AS project, count(*) AS n FROM memories WHERE user_id = :user AND deleted_at IS NULL GROUP BY scope, project_id",
		{ user: userId },
	);
}
