import { userIdOf, type Viewer } from "../access.ts";
import { type ChangedFields, type HistoryEntry, sinceShared } from "../changes.ts";
import { asJson, withoutNulls } from "../rows.ts";
import { accessTo } from "./access.ts";
import type { Database } from "./database.ts";

interface HistoryRow extends Pick<HistoryEntry, "event" | "oldText" | "newText" | "by" | "at"> {
	readonly oldFields: string | null;
	readonly newFields: string | null;
	readonly author: string;
}

/** Oldest first. */
export function historyOf(database: Database, id: string, viewer: Viewer): readonly HistoryEntry[] {
	const { condition, parameters } = accessTo(viewer, "read");
	// What was deleted is gone for those who cannot restore it.
	const deleted = accessTo(viewer, "delete");
	const rows = database.all<HistoryRow>(
		`SELECT h.event, h.old_text AS oldText, h.new_text AS newText, h.old_fields AS oldFields,
			h.new_fields AS newFields, h.done_by AS "by", h.at, m.user_id AS author
		FROM history h JOIN memories m ON m.id = h.memory_id
		WHERE m.id = :id AND ${condition} AND (m.deleted_at IS NULL OR ${deleted.condition}) ORDER BY h.id`,
		{ id, ...parameters, ...deleted.parameters },
	);
	const isAuthor = rows[0]?.author === userIdOf(viewer);
	const entries = rows.map(({ oldFields, newFields, author: _, ...row }) => ({
		...withoutNulls<HistoryEntry>(row),
		...(oldFields === null ? {} : { oldFields: JSON.parse(oldFields) as ChangedFields }),
		...(newFields === null ? {} : { newFields: JSON.parse(newFields) as ChangedFields }),
	}));
	return isAuthor ? entries : sinceShared(entries);
}

/** Within a write. */
export function addHistory(
	database: Database,
	id: string,
	entry: Omit<HistoryEntry, "at">,
	at: number = Date.now(),
): void {
	database.run(
		`INSERT INTO history (memory_id, event, old_text, new_text, old_fields, new_fields, done_by, at)
		VALUES (:id, :event, :old, :new, :oldFields, :newFields, :by, :at)`,
		{
			id,
			event: entry.event,
			old: entry.oldText ?? null,
			new: entry.newText ?? null,
			oldFields: asJson(entry.oldFields),
			newFields: asJson(entry.newFields),
			by: entry.by ?? null,
			at,
		},
	);
}
