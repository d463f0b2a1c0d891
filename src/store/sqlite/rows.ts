import type { Filter, JournalEntry, StoredMemory } from "../types.ts";
import type { Database, Parameters } from "./database.ts";

/** The columns of a MemoryRow. */
const memoryColumns =
	"m.seq, m.id, m.text, m.user_id, m.scope, m.project_id, m.project_name, m.conversation_id, m.save_id, m.metadata, m.created_at, m.updated_at";

export interface OriginRow {
	readonly id: string;
	readonly text: string;
	readonly user_id: string;
	readonly scope: "global" | "project";
	readonly project_id: string | null;
	readonly project_name: string | null;
	readonly conversation_id: string | null;
	readonly metadata: string | null;
	readonly created_at: number;
}

export interface MemoryRow extends OriginRow {
	readonly seq: number;
	readonly save_id: string | null;
	readonly updated_at: number;
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
		createdAt: row.created_at,
	};
}

/** The values that journal and memory rows share, by SQL parameter name. */
export function originParameters(origin: Omit<JournalEntry, "id">): Parameters {
	return {
		text: origin.text,
		user: origin.userId,
		scope: origin.scope,
		project: origin.project?.id ?? null,
		projectName: origin.project?.name ?? null,
		conversation: origin.conversationId ?? null,
		metadata: origin.metadata === undefined ? null : JSON.stringify(origin.metadata),
		createdAt: origin.createdAt,
	};
}

/** A filter as an SQL condition on `memories m`; the same text for all values, so that prepared statements can be reused. */
export const filterCondition = `
	m.deleted_at IS NULL AND m.user_id = :user
	AND CASE m.scope WHEN 'global' THEN :global ELSE :everyProject OR m.project_id IN (SELECT value FROM json_each(:projects)) END
	AND m.created_at BETWEEN :since AND :until`;

export function filterParameters(filter: Filter): Parameters {
	return {
		user: filter.userId,
		global: filter.global ? 1 : 0,
		everyProject: filter.projects === "all" ? 1 : 0,
		projects: JSON.stringify(filter.projects === "all" ? [] : filter.projects),
		since: filter.since ?? Number.MIN_SAFE_INTEGER,
		until: filter.until ?? Number.MAX_SAFE_INTEGER,
	};
}
