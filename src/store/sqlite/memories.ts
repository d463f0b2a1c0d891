import type { Viewer } from "../access.ts";
import { type DeletedMemory, type Page, type Position, pageOf } from "../lists.ts";
import type { Memories } from "../memoryStore.ts";
import type { Entity } from "../types.ts";
import { accessTo } from "./access.ts";
import { applyChange, deleteMemory, restore } from "./changes.ts";
import type { Database } from "./database.ts";
import { eraseUser } from "./departure.ts";
import { eraseDeleted } from "./erasure.ts";
import { groupMemories } from "./groups.ts";
import { historyOf } from "./history.ts";
import { readKeptTexts, replaceKeptTexts } from "./keptTexts.ts";
import { listMemories } from "./listing.ts";
import { findMemory } from "./memoryTable.ts";
import { type MemoryRow, memoryColumns, selectMemories, toMemory } from "./rows.ts";
import { currentCounts } from "./tallies.ts";

export function sqliteMemories(database: Database): Memories {
	return {
		get: async (id, viewer) => findMemory(database, id, viewer),

		list: async (filter, limit, options = {}) =>
			database.read(() => listMemories(database, filter, limit, options)),

		counts: async (viewer, project) =>
			database.read(() => {
				const rows = currentCounts(database, viewer, "project_id");
				const of = (id: string | null | undefined) => rows.get(id ?? null) ?? 0;
				const all = [...rows.values()].reduce((sum, n) => sum + n, 0);
				return { all, global: of(null), project: project ? of(project.id) : 0 };
			}),

		groups: async (viewer, by, limit, after) =>
			database.read(() => groupMemories(database, viewer, by, limit, after)),

		proposed: async (viewer, limit, after) =>
			database.read(() => proposedMemories(database, viewer, limit, after)),

		deleted: async (userId, limit, after) => deletedMemories(database, userId, limit, after),

		history: async (id, viewer) => historyOf(database, id, viewer),

		entities: async ({ seq }) =>
			database.all<Entity>(
				"SELECT e.text, e.type FROM entity_links l JOIN entities e ON e.id = l.entity WHERE l.seq = :seq ORDER BY e.id",
				{ seq },
			),

		change: (viewer, changes) =>
			database.write(() => changes.map((change) => applyChange(database, viewer, change))),

		delete: (ids, viewer) => database.write(() => ids.map((id) => deleteMemory(database, id, viewer))),

		restore: (ids, viewer) => database.write(() => ids.map((id) => restore(database, id, viewer))),

		purgeDeleted: (userId, before) => eraseDeleted(database, userId, before),

		eraseUser: (userId) => eraseUser(database, userId),

		keptTexts: async (userId, limit, after) =>
			database.read(() => readKeptTexts(database, userId, limit, after)),

		replaceKeptTexts: (userId, replacements) => replaceKeptTexts(database, userId, replacements),
	};
}

function proposedMemories(
	database: Database,
	viewer: Viewer,
	limit: number,
	after: Position | undefined,
): Page {
	const { condition, parameters } = accessTo(viewer, "review");
	const from = `FROM memories m WHERE ${condition} AND m.deleted_at IS NULL
		AND m.visibility IN ('proposed-project', 'proposed-team')`;
	const beyond = after ? "AND (m.created_at, m.seq) < (:key, :seq)" : "";
	const memories = selectMemories(
		database,
		`${from} ${beyond} ORDER BY m.created_at DESC, m.seq DESC LIMIT :limit`,
		{ ...parameters, ...after, limit: limit + 1 },
	);
	return pageOf(memories, limit, database.number(`SELECT count(*) AS n ${from}`, parameters));
}

/** Without texts in whose place facts have come: nobody deleted them. */
function deletedMemories(database: Database, userId: string, limit: number, after: Position | undefined) {
	const deletion = `(SELECT h.id FROM history h WHERE h.memory_id = m.id AND h.event = 'DELETE' ORDER BY h.id DESC LIMIT 1)`;
	const rows = database.all<MemoryRow & { readonly deleted_at: number; readonly old_text: string | null }>(
		`SELECT ${memoryColumns}, m.deleted_at, d.old_text
		FROM memories m INDEXED BY memories_deleted CROSS JOIN history d ON d.id = ${deletion}
		WHERE m.user_id = :user AND m.deleted_at IS NOT NULL AND d.new_fields IS NULL
		AND m.deleted_at <= :key AND (m.deleted_at < :key OR m.seq < :seq)
		ORDER BY m.deleted_at DESC, m.seq DESC LIMIT :limit`,
		{
			user: userId,
			key: after?.key ?? Number.MAX_SAFE_INTEGER,
			seq: after?.seq ?? Number.MAX_SAFE_INTEGER,
			limit: limit + 1,
		},
	);
	const memories = rows.slice(0, limit).map(
		(row): DeletedMemory => ({
			...toMemory(row),
			text: row.old_text ?? "",
			deletedAt: row.deleted_at,
		}),
	);
	const last = rows.length > limit ? memories.at(-1) : undefined;
	return { memories, ...(last ? { next: { key: last.deletedAt, seq: last.seq } } : {}) };
}
