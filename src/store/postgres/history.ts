import type { ChangedFields, HistoryEntry } from "../changes.ts";
import { asJson, withoutNulls } from "../rows.ts";
import type { Reader, Writer } from "./database.ts";

interface HistoryRow extends Pick<HistoryEntry, "event" | "oldText" | "newText" | "at"> {
	readonly oldFields: string | null;
	readonly newFields: string | null;
}

/** Oldest first. */
export async function historyOf(
	reader: Reader,
	id: string,
	userId: string,
): Promise<readonly HistoryEntry[]> {
	const rows = await reader.all<HistoryRow>(
		`SELECT h.event, h.old_text AS "oldText", h.new_text AS "newText", h.old_fields AS "oldFields",
			h.new_fields AS "newFields", h.at
		FROM {s}.history h JOIN {s}.memories m ON m.id = h.memory_id
		WHERE m.id = :id AND m.user_id = :user ORDER BY h.id`,
		{ id, user: userId },
	);
	return rows.map(({ oldFields, newFields, ...row }) => ({
		...withoutNulls<HistoryEntry>(row),
		...(oldFields === null ? {} : { oldFields: JSON.parse(oldFields) as ChangedFields }),
		...(newFields === null ? {} : { newFields: JSON.parse(newFields) as ChangedFields }),
	}));
}

/** Of anything but the addition of a memory. */
export async function addHistory(writer: Writer, id: string, entry: Omit<HistoryEntry, "at">): Promise<void> {
	await writer.all(
		`WITH marked AS (UPDATE {s}.memories SET has_history = true WHERE id = :id AND NOT has_history)
		INSERT INTO {s}.history (memory_id, event, old_text, new_text, old_fields, new_fields, at)
		VALUES (:id, :event, :old, :new, :oldFields, :newFields, {s}.now_ms())`,
		{
			id,
			event: entry.event,
			old: entry.oldText ?? null,
			new: entry.newText ?? null,
			oldFields: asJson(entry.oldFields),
			newFields: asJson(entry.newFields),
		},
	);
}
