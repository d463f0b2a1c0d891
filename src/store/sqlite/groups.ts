import type { GroupedBy, GroupPage, MemoryGroup } from "../lists.ts";
import type { Database } from "./database.ts";
import { countsByClient, countsByProject, isHidden } from "./tallies.ts";

/** Where a page ends: the time of the newest memory of its last group, and the group. */
const cursor = /^(-?\d+) ([=-])(.*)$/s;

export function groupMemories(
	database: Database,
	userId: string,
	by: GroupedBy,
	limit: number,
	after: string | undefined,
): GroupPage {
	const [, newest = Number.MAX_SAFE_INTEGER, isKeyed, key = ""] = cursor.exec(after ?? "") ?? [];
	const from = {
		newest: Number(newest),
		key: isKeyed === "=" ? key : undefined,
		isFirst: after === undefined,
	};
	const groups =
		by === "conversation"
			? conversations(database, userId, limit + 1, from)
			: counted(database, userId, by).filter((group) => from.isFirst || compare(group, from) > 0);
	const page = groups.slice(0, limit);
	const last = groups.length > limit ? page.at(-1) : undefined;
	const next = last && `${last.newest} ${last.key === undefined ? "-" : "="}${last.key ?? ""}`;
	return { groups: page.filter(({ count }) => count > 0), ...(next === undefined ? {} : { next }) };
}

interface Start {
	readonly newest: number;
	readonly key?: string | undefined;
	readonly isFirst: boolean;
}

/** The newest first; then by key, what has none first. */
function compare(one: Pick<Start, "newest" | "key">, other: Pick<Start, "newest" | "key">): number {
	const byKey = (one.key ?? "") < (other.key ?? "") ? -1 : 1;
	return other.newest - one.newest || (one.key === other.key ? 0 : one.key === undefined ? -1 : byKey);
}

function counted(database: Database, userId: string, by: "project" | "client"): readonly MemoryGroup[] {
	const [counts, index, column] =
		by === "project"
			? ([countsByProject(database, userId), "memories_place", "project_id"] as const)
			: ([countsByClient(database, userId), "memories_client", "client"] as const);
	return [...counts]
		.map(([key, count]): MemoryGroup => {
			const newest = database.get<{ created_at: number; project_name: string | null }>(
				`SELECT m.created_at, m.project_name FROM memories m INDEXED BY ${index}
				WHERE m.user_id = :userId AND m.${column} IS :key AND m.deleted_at IS NULL
				ORDER BY m.created_at DESC, m.seq DESC LIMIT 1`,
				{ userId, key },
			);
			const name = by === "project" && key !== null ? { name: newest?.project_name ?? key } : {};
			return { ...(key === null ? {} : { key }), ...name, count, newest: newest?.created_at ?? 0 };
		})
		.sort(compare);
}

function conversations(
	database: Database,
	userId: string,
	limit: number,
	{ newest, key = "" }: Start,
): readonly MemoryGroup[] {
	const rows = database.all<{ key: string; n: number; newest: number }>(
		`SELECT conversation_id AS key, n, newest FROM conversations INDEXED BY conversations_newest
		WHERE user_id = :userId AND newest <= :newest AND (newest < :newest OR conversation_id > :key)
		ORDER BY newest DESC, conversation_id LIMIT :limit`,
		{ userId, newest, key, limit },
	);
	const hidden = database.all<{ key: string; n: number }>(
		`SELECT m.conversation_id AS key, count(*) AS n FROM memories m INDEXED BY memories_hidden
		WHERE m.user_id = :userId AND ${isHidden} AND m.conversation_id IN (SELECT value FROM json_each(:keys))
		GROUP BY m.conversation_id`,
		{ userId, keys: JSON.stringify(rows.map((row) => row.key)), now: Date.now() },
	);
	const hiddenIn = new Map(hidden.map((row) => [row.key, row.n]));
	return rows.map(({ n, ...row }) => ({ ...row, count: n - (hiddenIn.get(row.key) ?? 0) }));
}
