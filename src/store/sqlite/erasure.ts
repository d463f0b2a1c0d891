import type { Database } from "./database.ts";
import { mergeWords } from "./keywords.ts";

/** Erases a user's memories deleted before `before` (ms since 1970), with history and journal, down to the bytes of the file. */
export async function eraseDeleted(database: Database, userId: string, before: number): Promise<number> {
	const erased = await database.write(() => {
		const erase = (sql: string) => Number(database.run(sql, { before, userId }).changes);
		erase(
			"DELETE FROM history WHERE memory_id IN (SELECT id FROM memories WHERE deleted_at < :before AND user_id = :userId)",
		);
		erase(
			`DELETE FROM journal WHERE done_at < :before AND user_id = :userId
			AND id NOT IN (SELECT save_id FROM memories WHERE save_id IS NOT NULL AND coalesce(deleted_at, :before) >= :before)`,
		);
		// Every process has long seen these tombstones; a `seq` is never used again (AUTOINCREMENT).
		return erase("DELETE FROM memories WHERE deleted_at < :before AND user_id = :userId");
	});
	if (erased > 0) await overwrite(database);
	return erased;
}

/** SQLite overwrites what it deletes, but the full-text index keeps words until it is merged, and the log its pages. */
async function overwrite(database: Database): Promise<void> {
	let more = true;
	for (let first = true; more; first = false) more = await database.write(() => mergeWords(database, first));
	database.checkpoint();
}
