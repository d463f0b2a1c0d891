import { type OriginRow, toJournalEntry } from "../rows.ts";
import type { Filter, StoredMemory } from "../types.ts";
import type { Reader } from "./database.ts";
import type { Parameters } from "./sql.ts";

/** A row of `memories`. */
export interface MemoryRow extends OriginRow {
	readonly seq: number;
	readonly save_id: string | null;
	readonly updated_at: number;
	readonly superseded_by: string | null;
	readonly uses: number;
	readonly used_at: number | null;
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

/** The memories that a query finds. @param from what follows the columns: `FROM {s}.memories m …` */
export async function selectMemories(
	reader: Reader,
	from: string,
	parameters: Parameters,
): Promise<StoredMemory[]> {
	return (await reader.all<MemoryRow>(`SELECT m.* ${from}`, parameters)).map(toMemory);
}

/** The first memory that a query finds. */
export async function selectMemory(
	reader: Reader,
	from: string,
	parameters: Parameters,
): Promise<StoredMemory | undefined> {
	const row = await reader.get<MemoryRow>(`SELECT m.* ${from}`, parameters);
	return row && toMemory(row);
}

/** A filter as a value of the type `filter`. */
export const filterRow = `ROW(:user::text, :global::boolean, :projects::text[], :since::bigint, :until::bigint, :client::text,
	:noClient::boolean, :how::text, :pinned::boolean, :now::bigint, :expired::text, :superseded::text,
	:named::text[], :author::text)::{s}.filter`;

/** A filter as a condition on `memories m`. */
export const filterCondition = `{s}.matches(m, ${filterRow})`;

/** Whether a memory `m` is neither expired at `:now` nor superseded. */
export const isCurrent =
	"(m.superseded_by IS NULL AND (m.expires_at IS NULL OR m.expires_at > :now::bigint))";

export function filterParameters(filter: Filter): Parameters {
	return {
		user: filter.userId,
		global: filter.global,
		projects: filter.projects === "all" ? null : filter.projects,
		since: filter.since ?? Number.MIN_SAFE_INTEGER,
		until: filter.until ?? Number.MAX_SAFE_INTEGER,
		client: filter.client ?? null,
		noClient: filter.client === null,
		how: filter.how ?? null,
		pinned: filter.pinned ?? false,
		now: Date.now(),
		expired: filter.expired ?? "exclude",
		superseded: filter.superseded ?? "exclude",
		named: filter.named ?? null,
		author: filter.author ?? null,
	};
}
