import type { DeletedMemory, Position } from "../lists.ts";
import type { Memories } from "../memoryStore.ts";
import type { Entity } from "../types.ts";
import { applyChange, deleteMemory, restore } from "./changes.ts";
import type { Database } from "./database.ts";
import { eraseDeleted } from "./erasure.ts";
import { groupMemories } from "./groups.ts";
import { historyOf } from "./history.ts";
import { readKeptTexts, replaceKeptTexts } from "./keptTexts.ts";
import { listMemories } from "./listing.ts";
import { findMemory } from "./memoryTable.ts";
import { type MemoryRow, memoryColumns, toMemory } from "./rows.ts";
import { countsByProject } from "./tallies.ts";

export function sqliteMemories(database: Database): Memories {
	return {
		get: async (id, userId) => findMemory(database, id, userId),

		list: async (filter, limit, options = {}) =>
			database.read(() => listMemories(database, filter, limit, options)),

		counts: async (userId, project) =>
			database.read(() => {
				const rows = countsByProject(database, userId);
				const of = (id: string | null | undefined) => rows.get(id ?? null) ?? 0;
				const all = [...rows.values()].reduce((sum, n) => sum + n, 0);
				return { all, global: of(null), project: project ? of(project.id) : 0 };
			}),

		groups: async (userId, by, limit, after) =>
			database.read(() => groupMemories(database, userId, by, limit, after)),

		deleted: async (userId, limit, after) => deletedMemories(database, userId, limit, after),

		history: async (id, userId) => historyOf(database, id, userId),

		entities: async ({ seq }) =>
			database.all<Entity>(
				"SELECT e.text, e.type FROM entity_links l JOIN entities e ON e.id = l.entity WHERE l.seq = :seq ORDER BY e.id",
				{ seq },
			),

		change: (userId, changes) =>
			database.write(() => changes.map((change) => applyChange(database, userId, change))),

		delete: (ids, userId) => database.write(() => ids.map((id) => deleteMemory(database, id, userId))),

		restore: (ids, userId) => database.write(() => ids.map((id) => restore(database, id, userId))),

		purgeDeleted: (userId, before) => eraseDeleted(database, userId, before),

		keptTexts: async (userId, limit, after) =>
			database.read(() => readKeptTexts(database, userId, limit, after)),

		replaceKeptTexts: (userId, replacements) => replaceKeptTexts(database, userId, replacements),
	};
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
