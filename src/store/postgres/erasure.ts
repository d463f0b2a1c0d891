import { eraseDecided } from "./candidates.ts";
import type { Database, Writer } from "./database.ts";
import { eraseKept } from "./keptVectors.ts";

/**
 * Erases a user's memories deleted before `before` (ms since 1970), with history and journal, and vectors kept before it.
 * The server's own VACUUM frees their bytes.
 */
export function eraseDeleted(database: Database, userId: string, before: number): Promise<number> {
	return database.write(async (writer) => {
		await eraseKept(writer, before);
		await eraseDecided(writer, userId, before);
		const parameters = { userId, before };
		const old = "FROM {s}.memories WHERE deleted_at < :before AND user_id = :userId";
		if (!(await writer.get(`SELECT 1 ${old} LIMIT 1`, parameters))) return 0;
		await eraseSources(writer, parameters);
		await writer.all(`DELETE FROM {s}.history WHERE memory_id IN (SELECT id ${old})`, parameters);
		await writer.all(
			`DELETE FROM {s}.journal j WHERE j.done_at < :before AND j.user_id = :userId
			AND NOT EXISTS (SELECT 1 FROM {s}.memories m WHERE m.save_id = j.id AND coalesce(m.deleted_at, :before) >= :before)`,
			parameters,
		);
		return (await writer.all(`DELETE ${old} RETURNING seq`, parameters)).length;
	});
}

/** Erases the saves that told of an erased memory, as store/sqlite/erasure.ts does. */
async function eraseSources(
	writer: Writer,
	parameters: { readonly userId: string; readonly before: number },
): Promise<void> {
	const sources = await writer.all<{ id: string; text: string }>(
		`SELECT j.id, j.text FROM {s}.journal j WHERE j.user_id = :userId AND j.done_at < :before
		AND (j.id IN (SELECT save_id FROM {s}.memories WHERE deleted_at < :before AND user_id = :userId)
			OR EXISTS (SELECT 1 FROM jsonb_array_elements(j.outcome) o JOIN {s}.memories m ON m.seq = (o ->> 0)::bigint
				WHERE m.deleted_at < :before))`,
		parameters,
	);
	for (const source of sources) {
		const ofKept =
			"event <> 'DELETE' AND memory_id IN (SELECT id FROM {s}.memories WHERE save_id = :id AND text <> :text)";
		await writer.all(`UPDATE {s}.history SET old_text = NULL WHERE old_text = :text AND ${ofKept}`, source);
		await writer.all(`UPDATE {s}.history SET new_text = NULL WHERE new_text = :text AND ${ofKept}`, source);
		await writer.all("DELETE FROM {s}.journal WHERE id = :id", { id: source.id });
	}
}
