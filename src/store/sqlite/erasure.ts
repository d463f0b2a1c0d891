import { eraseDecided } from "./candidates.ts";
import type { Database } from "./database.ts";
import { eraseKept } from "./keptVectors.ts";
import { mergeWords } from "./keywords.ts";

/**
 * Erases a user's memories deleted before `before` (ms since 1970), with history and journal, and vectors kept before it,
 * down to the bytes of the file.
 */
export async function eraseDeleted(database: Database, userId: string, before: number): Promise<number> {
	const erased = await database.write(() => {
		const erase = (sql: string) => Number(database.run(sql, { before, userId }).changes);
		if (eraseKept(database, before) + eraseDecided(database, userId, before) > 0)
			leaveBytes(database, "vectors");
		const old = "SELECT 1 FROM memories WHERE deleted_at < :before AND user_id = :userId";
		if (!database.get(old, { before, userId })) return 0;
		eraseSources(database, userId, before);
		erase(
			"DELETE FROM history WHERE memory_id IN (SELECT id FROM memories WHERE deleted_at < :before AND user_id = :userId)",
		);
		erase(
			`DELETE FROM journal WHERE done_at < :before AND user_id = :userId
			AND id NOT IN (SELECT save_id FROM memories WHERE save_id IS NOT NULL AND coalesce(deleted_at, :before) >= :before)`,
		);
		leaveBytes(database, "words");
		// Every process has long seen these tombstones; a `seq` is never used again (AUTOINCREMENT).
		return erase("DELETE FROM memories WHERE deleted_at < :before AND user_id = :userId");
	});
	await overwriteLeft(database);
	return erased;
}

/**
 * Overwrites what was erased, also what a process left that ended before it was done, or could not do beside a reader.
 * @returns whether nothing is left.
 */
export async function overwriteLeft(database: Database): Promise<boolean> {
	const left = database.get<{ value: number }>("SELECT value FROM counters WHERE name = :left", {
		left: bytesLeft,
	});
	return left === undefined || overwrite(database, left.value === bytesOf.words);
}

/** A counter that exists while bytes of what was erased may be in the files; its value says of what. */
const bytesLeft = "bytes-left";
const bytesOf = { vectors: 0, words: 1 };

/** Within a write: bytes of what it erases are still in the files. */
export function leaveBytes(database: Database, what: keyof typeof bytesOf): void {
	database.run(
		"INSERT INTO counters VALUES (:left, :what) ON CONFLICT DO UPDATE SET value = max(value, excluded.value)",
		{ left: bytesLeft, what: bytesOf[what] },
	);
}

/**
 * Erases the saves that told of an erased memory, also where other facts of theirs are kept: the text says it all. The
 * first fact took the text's place, so the text is in the history of that fact, too.
 */
function eraseSources(database: Database, userId: string, before: number): void {
	const sources = database.all<{ id: string; text: string }>(
		`SELECT id, text FROM journal j WHERE user_id = :userId AND done_at < :before
		AND (id IN (SELECT save_id FROM memories WHERE deleted_at < :before AND user_id = :userId)
			OR EXISTS (SELECT 1 FROM json_each(j.outcome) o JOIN memories m ON m.seq = o.value ->> 0 WHERE m.deleted_at < :before))`,
		{ userId, before },
	);
	for (const source of sources) {
		const ofKept = `event <> 'DELETE' AND memory_id IN (SELECT id FROM memories WHERE save_id = :id AND text <> :text)`;
		database.run(`UPDATE history SET old_text = NULL WHERE old_text = :text AND ${ofKept}`, { ...source });
		database.run(`UPDATE history SET new_text = NULL WHERE new_text = :text AND ${ofKept}`, { ...source });
		database.run("DELETE FROM journal WHERE id = :id", { id: source.id });
	}
}

/** SQLite overwrites what it deletes, but the full-text index keeps words until it is merged, and the log its pages. */
async function overwrite(database: Database, words: boolean): Promise<boolean> {
	let more = words;
	for (let first = true; more; first = false) more = await database.write(() => mergeWords(database, first));
	if (!(await database.checkpoint())) return false;
	await database.write(() => database.run("DELETE FROM counters WHERE name = :left", { left: bytesLeft }));
	return true;
}
