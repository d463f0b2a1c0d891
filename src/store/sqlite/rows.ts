import { memoize } from "../../text/memoize.ts";
import type { Filter, How, JournalEntry, Origin, StoredMemory } from "../types.ts";
import type { Database, Parameters } from "./database.ts";

/** The columns of a MemoryRow. */
export const memoryColumns =
	"m.seq, m.id, m.text, m.user_id, m.scope, m.project_id, m.project_name, m.conversation_id, m.save_id, m.metadata, m.client, m.how, m.origin, m.pinned, m.expires_at, m.superseded_by, m.uses, m.used_at, m.created_at, m.updated_at";

export interface OriginRow {
	readonly id: string;
	readonly text: string;
	readonly user_id: string;
	readonly scope: "global" | "project";
	readonly project_id: string | null;
	readonly project_name: string | null;
	readonly conversation_id: string | null;
	readonly metadata: string | null;
	readonly client: string | null;
	readonly how: How | null;
	readonly origin: string | null;
	readonly pinned: number;
	readonly expires_at: number | null;
	readonly created_at: number;
}

export interface MemoryRow extends OriginRow {
	readonly seq: number;
	readonly save_id: string | null;
	readonly updated_at: number;
	readonly superseded_by: string | null;
	readonly uses: number;
	readonly used_at: number | null;
}

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

/** A row as an object that lacks the columns that are NULL. */
export function withoutNulls<T>(row: object): T {
	return Object.fromEntries(Object.entries(row).filter(([, value]) => value !== null)) as T;
}

export function toMemory(row: MemoryRow): StoredMemory {
	return {
		...toJournalEntry(row),
		seq: row.seq,
		...(row.save_id === null ? {} : { saveId: row.save_id }),
		updatedAt: row.updated_at,
		...(row.superseded_by === null ? {} : { supersededBy: row.superseded_by }),
		...(row.uses > 0 ? { uses: row.uses } : {}),
		...(row.used_at === null ? {} : { usedAt: row.used_at }),
	};
}

export function toJournalEntry(row: OriginRow): JournalEntry {
	return {
		id: row.id,
		text: row.text,
		userId: row.user_id,
		scope: row.scope,
		...(row.project_id === null
			? {}
			: { project: { id: row.project_id, name: row.project_name ?? row.project_id } }),
		...(row.conversation_id === null ? {} : { conversationId: row.conversation_id }),
		...(row.metadata === null ? {} : { metadata: JSON.parse(row.metadata) as Record<string, unknown> }),
		...(row.how === null ? {} : { origin: toOrigin(row.how, row.client, row.origin) }),
		...(row.pinned === 1 ? { pinned: true } : {}),
		...(row.expires_at === null ? {} : { expiresAt: row.expires_at }),
		createdAt: row.created_at,
	};
}

function toOrigin(how: How, client: string | null, more: string | null): Origin {
	return { how, ...(client === null ? {} : { client }), ...(more === null ? {} : detailsOf(more)) };
}

/** Few are different. */
const detailsOf = memoize((json: string) => JSON.parse(json) as Omit<Origin, "how" | "client">);

/** The columns that journal, memories and candidates share, for `originParameters`. */
export const originColumns =
	"text, user_id, scope, project_id, project_name, conversation_id, metadata, client, how, origin, pinned, expires_at, created_at";
export const originValues =
	":text, :user, :scope, :project, :projectName, :conversation, :metadata, :client, :how, :origin, :pinned, :expiresAt, :createdAt";

/** The values that journal and memory rows share, by SQL parameter name. */
export function originParameters(entry: Omit<JournalEntry, "id">): Parameters {
	const { how, client, ...details } = entry.origin ?? {};
	return {
		text: entry.text,
		user: entry.userId,
		scope: entry.scope,
		project: entry.project?.id ?? null,
		projectName: entry.project?.name ?? null,
		conversation: entry.conversationId ?? null,
		metadata: asJson(entry.metadata),
		client: client ?? null,
		how: how ?? null,
		origin: Object.keys(details).length === 0 ? null : JSON.stringify(details),
		pinned: entry.pinned ? 1 : 0,
		expiresAt: entry.expiresAt ?? null,
		createdAt: entry.createdAt,
	};
}

export function asJson(value: object | null | undefined): string | null {
	return value ? JSON.stringify(value) : null;
}

/** Whether a memory `m` is neither expired at `:now` nor superseded. */
export const isCurrent = "m.superseded_by IS NULL AND (m.expires_at IS NULL OR m.expires_at > :now)";

/** A filter as an SQL condition on `memories m`; the same text for all values, so that prepared statements can be reused. */
export const filterCondition = `
	m.deleted_at IS NULL AND +m.user_id = :user
	AND CASE m.scope WHEN 'global' THEN :global ELSE :everyProject OR m.project_id IN (SELECT value FROM json_each(:projects)) END
	AND m.created_at BETWEEN :since AND :until
	AND (:client IS NULL OR m.client = :client) AND (:how IS NULL OR m.how = :how) AND (:pinned = 0 OR m.pinned = 1)
	AND CASE WHEN m.expires_at <= :now THEN :expired <> 'exclude' ELSE :expired <> 'only' END
	AND CASE WHEN m.superseded_by IS NOT NULL THEN :superseded <> 'exclude' ELSE :superseded <> 'only' END`;

export function filterParameters(filter: Filter): Parameters {
	return {
		user: filter.userId,
		global: filter.global ? 1 : 0,
		everyProject: filter.projects === "all" ? 1 : 0,
		projects: JSON.stringify(filter.projects === "all" ? [] : filter.projects),
		since: filter.since ?? Number.MIN_SAFE_INTEGER,
		until: filter.until ?? Number.MAX_SAFE_INTEGER,
		client: filter.client ?? null,
		how: filter.how ?? null,
		pinned: filter.pinned ? 1 : 0,
		now: Date.now(),
		expired: filter.expired ?? "exclude",
		superseded: filter.superseded ?? "exclude",
	};
}
