import { viewerOf } from "../access.ts";
import { type OriginRow, type PlainRow, toMarks, toPlain } from "../rows.ts";
import type { Filter, How, StoredMemory, Visibility } from "../types.ts";
import { accessTo } from "./access.ts";
import type { Database, Parameters } from "./database.ts";

/**
 * The columns of a MemoryRow. What few memories have, and rankings do not look at, is one column: each costs a search a
 * hundredth of its time.
 */
export const memoryColumns = `m.seq, m.id, m.text, m.user_id, m.scope, m.project_id, m.project_name, m.conversation_id,
	m.save_id, m.metadata, m.created_at, m.updated_at,
	CASE WHEN m.how IS NULL AND m.pinned = 0 AND m.expires_at IS NULL AND m.superseded_by IS NULL AND m.uses = 0
	AND m.visibility = 'private' THEN NULL
	ELSE json_array(m.how, m.client, m.origin, m.pinned, m.expires_at, m.superseded_by, m.uses, m.used_at, m.visibility) END AS attributes`;

export interface MemoryRow extends PlainRow {
	readonly seq: number;
	readonly save_id: string | null;
	readonly updated_at: number;
	readonly attributes: string | null;
}

/** A whole row of `memories`. */
export interface MemoryColumns extends OriginRow {
	readonly seq: number;
	readonly updated_at: number;
	readonly superseded_by: string | null;
}

type Attributes = readonly [
	how: How | null,
	client: string | null,
	origin: string | null,
	pinned: number,
	expiresAt: number | null,
	supersededBy: string | null,
	uses: number,
	usedAt: number | null,
	visibility: Visibility,
];

/** The memories that a query finds. @param from what follows the columns: `FROM memories m …` */
export function selectMemories(database: Database, from: string, parameters: Parameters): StoredMemory[] {
	return database.all<MemoryRow>(`SELECT ${memoryColumns} ${from}`, parameters).map(toMemory);
}

/** The first memory that a query finds. */
export function selectMemory(
	database: Database,
	from: string,
	parameters: Parameters,
): StoredMemory | undefined {
	const row = database.get<MemoryRow>(`SELECT ${memoryColumns} ${from}`, parameters);
	return row && toMemory(row);
}

export function toMemory(row: MemoryRow): StoredMemory {
	return {
		...toPlain(row),
		seq: row.seq,
		...(row.save_id === null ? {} : { saveId: row.save_id }),
		updatedAt: row.updated_at,
		...(row.attributes === null ? {} : toAttributes(JSON.parse(row.attributes) as Attributes)),
	};
}

function toAttributes(attributes: Attributes) {
	const [how, client, origin, pinned, expiresAt, supersededBy, uses, usedAt, visibility] = attributes;
	return {
		...toMarks({ how, client, origin, pinned, expires_at: expiresAt, visibility }),
		...(supersededBy === null ? {} : { supersededBy }),
		...(uses > 0 ? { uses } : {}),
		...(usedAt === null ? {} : { usedAt }),
	};
}

/** Whether a memory `m` is neither expired at `:now` nor superseded. */
export const isCurrent = "m.superseded_by IS NULL AND (m.expires_at IS NULL OR m.expires_at > :now)";

/**
 * A filter as an SQL condition on `memories m`; the same text for all values of a person alone, and for all of a team, so
 * that prepared statements can be reused.
 */
export function filterCondition(filter: Filter): string {
	const { condition } = accessTo(viewerOf(filter), "find");
	const author = filter.author === undefined ? "" : " AND +m.user_id = :author";
	return `${condition.replaceAll("m.user_id", "+m.user_id")}${author} AND ${otherConditions}`;
}

const otherConditions = `
	m.deleted_at IS NULL
	AND CASE m.scope WHEN 'global' THEN :global ELSE :everyProject OR m.project_id IN (SELECT value FROM json_each(:projects)) END
	AND m.created_at BETWEEN :since AND :until
	AND (:anyClient OR m.client IS :client) AND (:how IS NULL OR m.how = :how) AND (:pinned = 0 OR m.pinned = 1)
	AND CASE WHEN m.expires_at <= :now THEN :expired <> 'exclude' ELSE :expired <> 'only' END
	AND CASE WHEN m.superseded_by IS NOT NULL THEN :superseded <> 'exclude' ELSE :superseded <> 'only' END`;

export function filterParameters(filter: Filter): Parameters {
	return {
		...accessTo(viewerOf(filter), "find").parameters,
		...(filter.author === undefined ? {} : { author: filter.author }),
		global: filter.global ? 1 : 0,
		everyProject: filter.projects === "all" ? 1 : 0,
		projects: JSON.stringify(filter.projects === "all" ? [] : filter.projects),
		since: filter.since ?? Number.MIN_SAFE_INTEGER,
		until: filter.until ?? Number.MAX_SAFE_INTEGER,
		anyClient: filter.client === undefined ? 1 : 0,
		client: filter.client ?? null,
		how: filter.how ?? null,
		pinned: filter.pinned ? 1 : 0,
		now: Date.now(),
		expired: filter.expired ?? "exclude",
		superseded: filter.superseded ?? "exclude",
	};
}
