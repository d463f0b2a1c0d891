import { viewerOf } from "../access.ts";
import type { ListFilter, ListOptions, ListOrder, Page } from "../lists.ts";
import { accessTo } from "./access.ts";
import type { Reader } from "./database.ts";
import { filterCondition, filterParameters, type MemoryRow, toMemory } from "./rows.ts";
import type { Parameters } from "./sql.ts";
import { spaceId } from "./vectors.ts";

interface Order {
	/** Whole numbers. */
	readonly key: string;
	readonly direction: "ASC" | "DESC";
}

const orders: Readonly<Record<ListOrder, Order>> = {
	newest: { key: "m.created_at", direction: "DESC" },
	oldest: { key: "m.created_at", direction: "ASC" },
	mostUsed: { key: "m.uses", direction: "DESC" },
	unused: { key: "coalesce(m.used_at, m.created_at)", direction: "ASC" },
};

/** A page; the planner chooses the index, of the order or of what the filter is narrowest in. */
export async function listMemories(
	reader: Reader,
	filter: ListFilter,
	limit: number,
	{ order = "newest", after, total }: ListOptions,
): Promise<Page> {
	const { key, direction } = orders[order];
	const { conditions, parameters } = await conditionsOf(reader, filter);
	const ahead = direction === "ASC" ? ">" : "<";
	const beyond = after ? ` AND (${key}, m.seq) ${ahead} (:key::bigint, :seq::bigint)` : "";
	const inOrder = `ORDER BY ${key} ${direction}, m.seq ${direction} LIMIT :limit`;
	// Each in the order of an index.
	const parts = placesOf(filter).map(
		({ condition }) =>
			`(SELECT m.*, ${key}::bigint AS key FROM {s}.memories m WHERE ${condition} AND ${conditions}${beyond} ${inOrder})`,
	);
	const [rows, counted] = await Promise.all([
		reader.all<MemoryRow & { readonly key: number }>(
			parts.length === 1
				? (parts[0] as string)
				: `SELECT * FROM (${parts.join(" UNION ALL ")}) m ORDER BY key ${direction}, seq ${direction} LIMIT :limit`,
			{ ...parameters, ...(after ?? {}), limit: limit + 1 },
		),
		total === false ? 0 : countMemories(reader, filter),
	]);
	const page = rows.slice(0, limit);
	const last = rows.length > limit ? page.at(-1) : undefined;
	return {
		memories: page.map(toMemory),
		total: counted,
		...(last ? { next: { key: last.key, seq: last.seq } } : {}),
	};
}

interface Place {
	readonly condition: string;
}

/** The user's own memories; what others share with the team, and with each of the projects that the request names. */
function placesOf({ userId, named, author }: ListFilter): readonly Place[] {
	const own = { condition: "m.user_id = :user" };
	if (!named || author === userId) return [own];
	return [
		...(author === undefined ? [own] : []),
		{ condition: "m.visibility = 'team' AND m.user_id <> :user" },
		...[...new Set(named)].map((_, index) => ({
			condition: `m.visibility = 'project' AND m.project_id = (:named::text[])[${index + 1}] AND m.user_id <> :user`,
		})),
	];
}

/** The filter as a condition on `memories m`: its main parts also as indexes know them. */
async function conditionsOf(reader: Reader, filter: ListFilter) {
	const { projects, global, client, pinned, expired, superseded, hasHistory, notEmbeddedIn } = filter;
	const { conversationId, saveId } = filter;
	const place =
		projects === "all"
			? global || "m.project_id IS NOT NULL"
			: `(${global ? "m.project_id IS NULL OR " : ""}m.project_id = ANY (:projects::text[]))`;
	const outside = notEmbeddedIn && ((await spaceId(reader, notEmbeddedIn)) ?? 0);
	const parts = [
		"m.deleted_at IS NULL AND m.created_at BETWEEN :since::bigint AND :until::bigint",
		place === true ? undefined : place,
		client === undefined ? undefined : client === null ? "m.client IS NULL" : "m.client = :client",
		pinned && "m.pinned = 1",
		(expired === "only" || superseded === "only") &&
			"(m.expires_at IS NOT NULL OR m.superseded_by IS NOT NULL)",
		conversationId === null && "m.conversation_id IS NULL",
		typeof conversationId === "string" && "m.conversation_id = :conversation",
		saveId === undefined ? undefined : "m.save_id = :saveId",
		hasHistory && "m.has_history",
		notEmbeddedIn === null ? "m.spaces = '{}'" : undefined,
		outside === undefined || outside === null ? undefined : "NOT m.spaces @> ARRAY[:outside::int]",
		filterCondition,
	];
	const parameters: Parameters = {
		...filterParameters(filter),
		user: filter.userId,
		conversation: conversationId ?? null,
		saveId: saveId ?? null,
		outside: outside ?? null,
	};
	return { conditions: parts.filter((part) => part).join(" AND "), parameters };
}

/** From the tallies, where they count what is asked for. */
async function countMemories(reader: Reader, filter: ListFilter): Promise<number> {
	const { userId, named, author, global, projects, client, how, ...others } = filter;
	const access = accessTo(viewerOf(filter), "find");
	if (Object.values(others).some((each) => each !== undefined)) {
		const { conditions, parameters } = await conditionsOf(reader, filter);
		return reader.number(
			`SELECT count(*) AS n FROM {s}.memories m WHERE ${access.condition} AND ${conditions}`,
			{ ...access.parameters, ...parameters },
		);
	}
	const matches = `${access.condition} AND (:author::text IS NULL OR m.user_id = :author) AND (:client::text IS NULL OR m.client = :client)
		AND (NOT :noClient OR m.client IS NULL) AND (:how::text IS NULL OR m.how = :how)
		AND CASE WHEN m.project_id IS NULL THEN :global ELSE :projects::text[] IS NULL OR m.project_id = ANY (:projects::text[]) END`;
	return reader.number(
		`SELECT ((SELECT coalesce(sum(n), 0) FROM {s}.tallies m WHERE ${matches})
		- (SELECT count(*) FROM {s}.memories m WHERE ${matches} AND ${isHidden}))::bigint AS n`,
		{ ...access.parameters, ...filterParameters(filter) },
	);
}

/** The conditions of the index `memories_hidden`, and that the memory is not found. */
export const isHidden = `m.deleted_at IS NULL AND (m.expires_at IS NOT NULL OR m.superseded_by IS NOT NULL)
	AND (m.expires_at <= :now::bigint OR m.superseded_by IS NOT NULL)`;
