import type { DeletedMemory, DeletedPage, Position } from "../lists.ts";
import type { Memories } from "../memoryStore.ts";
import type { Entity } from "../types.ts";
import { applyChange, deleteMemory, restore } from "./changes.ts";
import type { Database, Reader } from "./database.ts";
import { eraseDeleted } from "./erasure.ts";
import { groupMemories } from "./groups.ts";
import { historyOf } from "./history.ts";
import { inTurn } from "./inTurn.ts";
import { readKeptTexts, replaceKeptTexts } from "./keptTexts.ts";
import { isHidden, listMemories } from "./listing.ts";
import { findMemory } from "./memoryTable.ts";
import { type MemoryRow, toMemory } from "./rows.ts";

export function postgresMemories(database: Database): Memories {
	return {
		get: (id, userId) => findMemory(database, id, userId),

		list: (filter, limit, options = {}) => listMemories(database, filter, limit, options),

		async counts(userId, project) {
			const row = await database.get<{ all: number; global: number; project: number }>(
				`SELECT coalesce(sum(n), 0)::bigint AS "all", coalesce(sum(n) FILTER (WHERE project_id IS NULL), 0)::bigint AS global,
				coalesce(sum(n) FILTER (WHERE project_id = :project::text), 0)::bigint AS project FROM (
					SELECT project_id, n FROM {s}.tallies WHERE user_id = :userId
					UNION ALL SELECT m.project_id, -1 FROM {s}.memories m WHERE m.user_id = :userId AND ${isHidden}
				) counted`,
				{ userId, project: project?.id ?? null, now: Date.now() },
			);
			return row as { all: number; global: number; project: number };
		},

		groups: (userId, by, limit, after) => groupMemories(database, userId, by, limit, after),

		deleted: (userId, limit, after) => deletedMemories(database, userId, limit, after),

		history: (id, userId) => historyOf(database, id, userId),

		entities: ({ seq }) =>
			database.all<Entity>(
				"SELECT e.text, e.type FROM {s}.entity_links l JOIN {s}.entities e ON e.id = l.entity WHERE l.seq = :seq ORDER BY e.id",
				{ seq },
			),

		change: (userId, changes) =>
			database.write((writer) => inTurn(changes, (change) => applyChange(database, writer, userId, change))),

		delete: (ids, userId) =>
			database.write((writer) => inTurn(ids, (id) => deleteMemory(database, writer, id, userId))),

		restore: (ids, userId) =>
			database.write((writer) => inTurn(ids, (id) => restore(database, writer, id, userId))),

		purgeDeleted: (userId, before) => eraseDeleted(database, userId, before),

		keptTexts: (userId, limit, after) => readKeptTexts(database, userId, limit, after),

		replaceKeptTexts: (userId, replacements) => replaceKeptTexts(database, userId, replacements),
	};
}

/** Without texts in whose place facts have come: nobody deleted them. */
async function deletedMemories(
	reader: Reader,
	userId: string,
	limit: number,
	after: Position | undefined,
): Promise<DeletedPage> {
	const rows = await reader.all<
		MemoryRow & { readonly deleted_at: number; readonly old_text: string | null }
	>(
		`SELECT m.*, d.old_text FROM {s}.memories m CROSS JOIN LATERAL (
			SELECT h.old_text, h.new_fields FROM {s}.history h WHERE h.memory_id = m.id AND h.event = 'DELETE' ORDER BY h.id DESC LIMIT 1
		) d WHERE m.user_id = :user AND m.deleted_at IS NOT NULL AND d.new_fields IS NULL
		AND (m.deleted_at, m.seq) < (:key::bigint, :seq::bigint) ORDER BY m.deleted_at DESC, m.seq DESC LIMIT :limit`,
		{
			user: userId,
			key: after?.key ?? Number.MAX_SAFE_INTEGER,
			seq: after?.seq ?? Number.MAX_SAFE_INTEGER,
			limit: limit + 1,
		},
	);
	const memories = rows
		.slice(0, limit)
		.map((row): DeletedMemory => ({ ...toMemory(row), text: row.old_text ?? "", deletedAt: row.deleted_at }));
	const last = rows.length > limit ? memories.at(-1) : undefined;
	return { memories, ...(last ? { next: { key: last.deletedAt, seq: last.seq } } : {}) };
}
