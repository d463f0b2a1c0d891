import { userIdOf, type Viewer } from "../access.ts";
import type { GroupedBy, GroupPage, MemoryGroup } from "../lists.ts";
import { accessTo } from "./access.ts";
import type { Database } from "./database.ts";
import { currentCounts, isHidden } from "./tallies.ts";

/** Where a page ends: the time of the newest memory of its last group, and the group. */
const cursor = /^(-?\d+) ([=-])(.*)$/s;

export function groupMemories(
	database: Database,
	viewer: Viewer,
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
			? conversations(database, userIdOf(viewer), limit + 1, from)
			: counted(database, viewer, by).filter((group) => from.isFirst || compare(group, from) > 0);
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

/** What memories are counted by, and the index of a user's memories that has the newest of each. */
const columns = {
	project: { column: "project_id", index: "memories_place" },
	client: { column: "client", index: "memories_client" },
	author: { column: "user_id", index: "memories_created" },
} as const;

function counted(
	database: Database,
	viewer: Viewer,
	by: Exclude<GroupedBy, "conversation">,
): readonly MemoryGroup[] {
	const { column, index } = columns[by];
	const userId = userIdOf(viewer);
	const shared = newestShared(database, viewer, column);
	return [...currentCounts(database, viewer, column)]
		.map(([key, count]): MemoryGroup => {
			const own = database.get<Newest>(
				`SELECT m.created_at, m.project_name FROM memories m INDEXED BY ${index}
				WHERE m.user_id = :userId AND m.${column} IS :key AND m.deleted_at IS NULL
				ORDER BY m.created_at DESC, m.seq DESC LIMIT 1`,
				{ userId, key },
			);
			const others = shared.get(key);
			const newest = others && (!own || others.created_at > own.created_at) ? others : own;
			const name = by === "project" && key !== null ? { name: newest?.project_name ?? key } : {};
			return { ...(key === null ? {} : { key }), ...name, count, newest: newest?.created_at ?? 0 };
		})
		.sort(compare);
}

interface Newest {
	readonly created_at: number;
	readonly project_name: string | null;
}

/** The newest memory that others share, by what it is grouped by. */
function newestShared(
	database: Database,
	viewer: Viewer,
	column: "project_id" | "client" | "user_id",
): ReadonlyMap<string | null, Newest> {
	if (typeof viewer === "string") return new Map();
	const { condition, parameters } = accessTo(viewer, "find");
	const rows = ["memories_of_team", "memories_of_project"].flatMap((index) =>
		database.all<Newest & { readonly key: string | null }>(
			`SELECT m.${column} AS key, max(m.created_at) AS created_at, m.project_name FROM memories m INDEXED BY ${index}
			WHERE m.visibility = '${index === "memories_of_team" ? "team" : "project"}' AND m.deleted_at IS NULL
			AND m.user_id <> :viewer AND ${condition} GROUP BY m.${column}`,
			parameters,
		),
	);
	return new Map(
		rows.sort((one, other) => one.created_at - other.created_at).map(({ key, ...row }) => [key, row]),
	);
}

/** Those of the user alone. */
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
