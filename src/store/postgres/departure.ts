import { firstShared } from "../changes.ts";
import type { Database, Writer } from "./database.ts";
import { historyOf } from "./history.ts";
import { dropKeptEverywhere } from "./keptVectors.ts";

const ofUserAlone = "user_id = :userId AND (deleted_at IS NOT NULL OR visibility NOT IN ('project', 'team'))";

/** See Memories.eraseUser. The server's own VACUUM frees their bytes. */
export function eraseUser(database: Database, userId: string): Promise<number> {
	return database.write(async (writer) => {
		// As everybody who locks both: the journal first.
		await writer.all("SELECT 1 FROM {s}.journal WHERE user_id = :userId ORDER BY id FOR UPDATE", { userId });
		const own = await writer.all<{ id: string; seq: number; text: string }>(
			`SELECT id, seq, text FROM {s}.memories WHERE ${ofUserAlone} ORDER BY seq FOR UPDATE`,
			{ userId },
		);
		const seqs = own.map(({ seq }) => seq);
		for (const { text } of own) await dropKeptEverywhere(writer, text);
		for (const table of ["words", "vectors", "entity_links"])
			await writer.all(`DELETE FROM {s}.${table} WHERE seq = ANY (:seqs::bigint[])`, { seqs });
		await writer.all(
			`DELETE FROM {s}.entities e WHERE e.user_id = :userId
			AND NOT EXISTS (SELECT 1 FROM {s}.entity_links l WHERE l.entity = e.id)`,
			{ userId },
		);
		await writer.all("DELETE FROM {s}.history WHERE memory_id = ANY (:ids::text[])", {
			ids: own.map(({ id }) => id),
		});
		await writer.all("DELETE FROM {s}.memories WHERE seq = ANY (:seqs::bigint[])", { seqs });
		await forgetBeforeShared(writer, userId);
		for (const table of ["journal", "candidates", "uses", "clients"])
			await writer.all(`DELETE FROM {s}.${table} WHERE user_id = :userId`, { userId });
		return own.length;
	});
}

/** What shared memories were before they were shared. */
async function forgetBeforeShared(writer: Writer, userId: string): Promise<void> {
	const shared = await writer.all<{ id: string }>(
		"SELECT id FROM {s}.memories WHERE user_id = :userId AND has_history",
		{ userId },
	);
	for (const { id } of shared) {
		const first = firstShared(await historyOf(writer, id, userId));
		if (first <= 0) continue;
		const rows = await writer.all<{ row: number }>(
			"SELECT id AS row FROM {s}.history WHERE memory_id = :id ORDER BY id LIMIT :count",
			{ id, count: first + 1 },
		);
		const at = rows.pop()?.row;
		await writer.all("DELETE FROM {s}.history WHERE memory_id = :id AND id < :at", { id, at });
		await writer.all("UPDATE {s}.history SET old_text = NULL, old_fields = NULL WHERE id = :at", { at });
	}
}
