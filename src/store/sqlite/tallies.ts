import { type Viewer, viewerOf } from "../access.ts";
import type { ListFilter } from "../lists.ts";
import { accessTo } from "./access.ts";
import type { Database } from "./database.ts";

/*
 * The numbers of live memories, which triggers keep (see schema.ts).
 */

/** Memories of one user that have vectors in the same spaces, and were to go to the same endpoint. */
export interface Group {
	/** Their ids, as `memories.spaces` has them. */
	readonly spaces: string;
	readonly meantFor: string | null;
	readonly n: number;
}

/** Of all users. */
export function countAll(database: Database): number {
	return database.number("SELECT sum(n) AS n FROM tallies");
}

/**
 * The memories that the viewer finds, and that are neither expired nor superseded: by project (`null`: global), by client
 * (`null`: none is known), or by author.
 */
export function currentCounts(
	database: Database,
	viewer: Viewer,
	column: "project_id" | "client" | "user_id",
): ReadonlyMap<string | null, number> {
	type Row = { readonly key: string | null; readonly n: number };
	const { condition, parameters } = accessTo(viewer, "find");
	const all = database.all<Row>(
		`SELECT m.${column} AS key, sum(n) AS n FROM tallies m WHERE ${condition} GROUP BY m.${column}`,
		parameters,
	);
	const hidden = database.all<Row>(
		`SELECT m.${column} AS key, count(*) AS n FROM memories m INDEXED BY memories_hidden
		WHERE ${condition} AND ${isHidden} GROUP BY m.${column}`,
		{ ...parameters, now: Date.now() },
	);
	const counts = new Map(all.map(({ key, n }) => [key, n]));
	for (const { key, n } of hidden) counts.set(key, (counts.get(key) ?? 0) - n);
	return counts;
}

/** The conditions of the index `memories_hidden`, and that the memory is not found. */
export const isHidden = `m.deleted_at IS NULL AND (m.expires_at IS NOT NULL OR m.superseded_by IS NOT NULL)
	AND (m.expires_at <= :now OR m.superseded_by IS NOT NULL)`;

/** How many memories a filter lets through; undefined if it asks for what is not counted. */
export function countTallied(database: Database, filter: ListFilter): number | undefined {
	const { global, projects, client, how, author } = filter;
	const others = [filter.since, filter.until, filter.pinned, filter.conversationId, filter.hasHistory];
	if ([...others, filter.expired, filter.superseded, filter.notEmbeddedIn].some((each) => each !== undefined))
		return undefined;
	const { condition, parameters: viewer } = accessTo(viewerOf(filter), "find");
	const parameters = {
		...viewer,
		...(author === undefined ? {} : { author }),
		global: global ? 1 : 0,
		every: projects === "all" ? 1 : 0,
		projects: JSON.stringify(projects === "all" ? [] : projects),
		client: client ?? null,
		how: how ?? null,
	};
	const matches = `${condition} ${author === undefined ? "" : "AND m.user_id = :author"} AND (:client IS NULL OR m.client = :client) AND (:how IS NULL OR m.how = :how)
		AND CASE WHEN m.project_id IS NULL THEN :global ELSE :every OR m.project_id IN (SELECT value FROM json_each(:projects)) END`;
	const all = database.number(`SELECT sum(n) AS n FROM tallies m WHERE ${matches}`, parameters);
	const hidden = `SELECT count(*) AS n FROM memories m INDEXED BY memories_hidden WHERE ${matches} AND ${isHidden}`;
	return all - database.number(hidden, { ...parameters, now: Date.now() });
}

/** How many memories, of all users, have a vector in the space. */
export function membersOf(database: Database, space: number): number {
	const sql = `SELECT sum(n) AS n FROM tallies WHERE ${isMember}`;
	return database.number(sql, { space: String(space) });
}

/** The user's memories without a vector in the space; 0: all. */
export function groupsOutside(database: Database, userId: string, space: number): readonly Group[] {
	return database.all<Group>(
		`SELECT spaces, meant_for AS meantFor, sum(n) AS n FROM tallies
		WHERE user_id = :userId AND NOT ${isMember} GROUP BY spaces, meant_for`,
		{ userId, space: String(space) },
	);
}

/** With the id as text: a number would be bound as a float, whose text is another. */
const isMember = "(instr(',' || spaces || ',', ',' || :space || ',') > 0)";
