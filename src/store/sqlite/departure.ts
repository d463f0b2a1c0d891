import { firstShared } from "../changes.ts";
import type { Database } from "./database.ts";
import { leaveBytes, overwriteLeft } from "./erasure.ts";
import { historyOf } from "./history.ts";
import { dropKeptEverywhere } from "./keptVectors.ts";
import { dropFromIndexes } from "./memoryTable.ts";

const ofUserAlone = "user_id = :userId AND (deleted_at IS NOT NULL OR visibility NOT IN ('project', 'team'))";

/** See Memories.eraseUser. */
export async function eraseUser(database: Database, userId: string): Promise<number> {
	const erased = await database.write(() => {
		const run = (sql: string) => Number(database.run(sql, { userId }).changes);
		const own = database.all<{ seq: number; text: string }>(
			`SELECT seq, text FROM memories WHERE ${ofUserAlone}`,
			{ userId },
		);
		for (const { seq, text } of own) {
			dropFromIndexes(database, seq);
			dropKeptEverywhere(database, text);
		}
		run(`DELETE FROM history WHERE memory_id IN (SELECT id FROM memories WHERE ${ofUserAlone})`);
		run(`DELETE FROM memories WHERE ${ofUserAlone}`);
		forgetBeforeShared(database, userId);
		for (const table of ["journal", "candidates", "uses", "clients"])
			run(`DELETE FROM ${table} WHERE user_id = :userId`);
		leaveBytes(database, "words");
		return own.length;
	});
	await overwriteLeft(database);
	return erased;
}

/** Within a write: what shared memories were before they were shared. */
function forgetBeforeShared(database: Database, userId: string): void {
	const shared = database.all<{ id: string }>(
		"SELECT id FROM memories WHERE user_id = :userId AND has_history = 1",
		{ userId },
	);
	for (const { id } of shared) {
		const first = firstShared(historyOf(database, id, userId));
		const rows = "SELECT id AS row FROM history WHERE memory_id = :id ORDER BY id LIMIT :count";
		const before = database.all<{ row: number }>(rows, { id, count: first + 1 });
		const at = before.pop();
		for (const { row } of before) database.run("DELETE FROM history WHERE id = :row", { row });
		if (at && first > 0)
			database.run("UPDATE history SET old_text = NULL, old_fields = NULL WHERE id = :row", { ...at });
	}
}
