import type { Viewer } from "../access.ts";
import { type DeletedMemory, type DeletedPage, type Page, type Position, pageOf } from "../lists.ts";
import type { Memories } from "../memoryStore.ts";
import type { Entity } from "../types.ts";
import { accessTo } from "./access.ts";
import { applyChange, deleteMemory, restore } from "./changes.ts";
import type { Database, Reader } from "./database.ts";
import { eraseUser } from "./departure.ts";
import { eraseDeleted } from "./erasure.ts";
import { groupMemories } from "./groups.ts";
import { historyOf } from "./history.ts";
import { inTurn } from "./inTurn.ts";
import { readKeptTexts, replaceKeptTexts } from "./keptTexts.ts";
import { isHidden, listMemories } from "./listing.ts";
import { findMemory } from "./memoryTable.ts";
import { type MemoryRow, selectMemories, toMemory } from "./rows.ts";

export function postgresMemories(database: Database): Memories {
	return {
		get: (id, viewer) => findMemory(database, id, viewer),

		list: (filter, limit, options = {}) => listMemories(database, filter, limit, options),

		async counts(viewer, project) {
			const { condition, parameters } = accessTo(viewer, "find");
			const row = await database.get<{ all: number; global: number; project: number }>(
				`SELECT coalesce(sum(n), 0)::bigint AS "all", coalesce(sum(n) FILTER (WHERE project_id IS NULL), 0)::bigint AS global,
				coalesce(sum(n) FILTER (WHERE project_id = :project::text), 0)::bigint AS project FROM (
					SELECT m.project_id, m.n FROM {s}.tallies m WHERE ${condition}
					UNION ALL SELECT m.project_id, -1 FROM {s}.memories m WHERE ${condition} AND ${isHidden}
				) counted`,
				{ ...parameters, project: project?.id ?? null, now: Date.now() },
			);
			return row as { all: number; global: number; project: number };
		},

		groups: (viewer, by, limit, after) => groupMemories(database, viewer, by, limit, after),

		proposed: (viewer, limit, after) => proposedMemories(database, viewer, limit, after),

		deleted: (userId, limit, after) => deletedMemories(database, userId, limit, after),

		history: (id, viewer) => historyOf(database, id, viewer),

		entities: ({ seq }) =>
			database.all<Entity>(
				"SELECT e.text, e.type FROM {s}.entity_links l JOIN {s}.entities e ON e.id = l.entity WHERE l.seq = :seq ORDER BY e.id",
				{ seq },
			),

		change: (viewer, changes) =>
			database.write((writer) => inTurn(changes, (change) => applyChange(database, writer, viewer, change))),

		delete: (ids, viewer) =>
			database.write((writer) => inTurn(ids, (id) => deleteMemory(database, writer, id, viewer))),

		restore: (ids, viewer) =>
			database.write((writer) => inTurn(ids, (id) => restore(database, writer, id, viewer))),

		purgeDeleted: (userId, before) => eraseDeleted(database, userId, before),

		eraseUser: (userId) => eraseUser(database, userId),

		keptTexts: (userId, limit, after) => readKeptTexts(database, userId, limit, after),

		replaceKeptTexts: (userId, replacements) => replaceKeptTexts(database, userId, replacements),
	};
}

async function proposedMemories(
	reader: Reader,
	viewer: Viewer,
	limit: number,
	after: Position | undefined,
): Promise<Page> {
	const { condition, parameters } = accessTo(viewer, "review");
	const from = `FROM {s}.memories m WHERE ${condition} AND m.deleted_at IS NULL
		AND m.visibility IN ('proposed-project', 'proposed-team')`;
	const beyond = after ? "AND (m.created_at, m.seq) < (:key::bigint, :seq::bigint)" : "";
	const [memories, total] = await Promise.all([
		selectMemories(reader, `${from} ${beyond} ORDER BY m.created_at DESC, m.seq DESC LIMIT :limit`, {
			...parameters,
			...(after ?? {}),
			limit: limit + 1,
		}),
		reader.number(`SELECT count(*) AS n ${from}`, parameters),
	]);
	return pageOf(memories, limit, total);
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
