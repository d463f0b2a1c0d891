import { type MemoryRow, toMemory } from "../sqlite/rows.ts";
import type { Filter, StoredMemory } from "../types.ts";
import type { Reader } from "./database.ts";
import type { Parameters } from "./sql.ts";

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
	:how::text, :pinned::boolean, :now::bigint, :expired::text, :superseded::text)::{s}.filter`;

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
		how: filter.how ?? null,
		pinned: filter.pinned ?? false,
		now: Date.now(),
		expired: filter.expired ?? "exclude",
		superseded: filter.superseded ?? "exclude",
	};
}
