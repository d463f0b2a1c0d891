import { userIdOf, type Viewer } from "../access.ts";
import type { GroupedBy, GroupPage, MemoryGroup } from "../lists.ts";
import { withoutNulls } from "../rows.ts";
import { accessTo } from "./access.ts";
import type { Reader } from "./database.ts";
import { isCurrent } from "./rows.ts";

const columns = {
	project: "project_id",
	client: "client",
	conversation: "conversation_id",
	author: "user_id",
} as const;

/** Where a page ends: the time of the newest memory of its last group, and the group. */
const cursor = /^(-?\d+) ([=-])(.*)$/s;

export async function groupMemories(
	reader: Reader,
	viewer: Viewer,
	by: GroupedBy,
	limit: number,
	after: string | undefined,
): Promise<GroupPage> {
	const [, newest, isKeyed, key = ""] = cursor.exec(after ?? "") ?? [];
	const column = columns[by];
	// Conversations are the user's own.
	const { condition, parameters } = accessTo(by === "conversation" ? userIdOf(viewer) : viewer, "find");
	// The newest first; then by key, what has none first.
	const rows = await reader.all<{ key: string | null; name: string | null; count: number; newest: number }>(
		`SELECT * FROM (
			SELECT m.${column} COLLATE "C" AS key, count(*) FILTER (WHERE ${isCurrent}) AS count, max(m.created_at) AS newest,
			${by === "project" ? "(array_agg(m.project_name ORDER BY m.created_at DESC, m.seq DESC))[1]" : "NULL"} AS name
			FROM {s}.memories m WHERE ${condition} AND m.deleted_at IS NULL
			${by === "conversation" ? "AND m.conversation_id IS NOT NULL" : ""} GROUP BY 1
		) g WHERE count > 0 AND (:newest::bigint IS NULL OR newest < :newest OR (newest = :newest AND key IS NOT NULL AND (:key::text IS NULL OR key > :key)))
		ORDER BY newest DESC, key NULLS FIRST LIMIT :limit`,
		{
			...parameters,
			now: Date.now(),
			newest: newest === undefined ? null : Number(newest),
			key: isKeyed === "=" ? key : null,
			limit: limit + 1,
		},
	);
	const groups = rows.slice(0, limit).map((row) => withoutNulls<MemoryGroup>(row));
	const last = rows.length > limit ? groups.at(-1) : undefined;
	const next = last && `${last.newest} ${last.key === undefined ? "-" : "="}${last.key ?? ""}`;
	return { groups, ...(next === undefined ? {} : { next }) };
}
