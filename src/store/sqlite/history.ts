import type { ChangedFields, HistoryEntry } from "../changes.ts";
import { asJson, withoutNulls } from "../rows.ts";
import type { Database } from "./database.ts";

interface HistoryRow extends Pick<HistoryEntry, "event" | "oldText" | "newText" | "at"> {
	readonly oldFields: string | null;
	readonly newFields: string | null;
}

/** Oldest first. */
export function historyOf(database: Database, id: string, userId: string): readonly HistoryEntry[] {
	const rows = database.all<HistoryRow>(
		`SELECT h.event, h.old_text AS oldText, h.new_text AS newText, h.old_fields AS oldFields,
			h.new_fields AS newFields, h.at
		FROM history h JOIN memories m ON m.id = h.memory_id
		WHERE m.id = :id AND m.user_id = :user ORDER BY h.id`,
		{ id, user: userId },
	);
	return rows.map(({ oldFields, newFields, ...row }) => ({
		...withoutNulls<HistoryEntry>(row),
		...(oldFields === null ? {} : { oldFields: JSON.parse(oldFields) as ChangedFields }),
		...(newFields === null ? {} : { newFields: JSON.parse(newFields) as ChangedFields }),
	}));
}

/** Within a write. */
export function addHistory(
	database: Database,
	id: string,
	entry: Omit<HistoryEntry, "at">,
	at: number = Date.now(),
): void {
	database.run(
		`INSERT INTO history (memory_id, event, old_text, new_text, old_fields, new_fields, at)
		VALUES (:id, :event, :old, :new, :oldFields, :newFields, :at)`,
		{
			id,
			event: entry.event,
			old: entry.oldText ?? null,
			new: entry.newText ?? null,
			oldFields: asJson(entry.oldFields),
			newFields: asJson(entry.newFields),
			at,
		},
	);
}
