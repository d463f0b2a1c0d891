import { randomUUID } from "node:crypto";
import type { Database } from "./database.ts";

/*
 * What happened to the database and somebody should know. It is kept in the database, so that every process tells it,
 * until somebody has seen it.
 */

const prefix = "notice:";

/** Oldest first. */
export function noticesIn(database: Database): readonly string[] {
	const sql = "SELECT value FROM learned WHERE key GLOB :pattern ORDER BY key";
	return database.all<{ value: string }>(sql, { pattern: `${prefix}*` }).map(({ value }) => value);
}

/** Within a write. Several processes may meet the same event. */
export function addNotice(database: Database, text: string): void {
	if (noticesIn(database).includes(text)) return;
	const sql = "INSERT INTO learned (key, value) VALUES (:key, :value)";
	database.run(sql, { key: `${prefix}${new Date().toISOString()} ${randomUUID()}`, value: text });
}

export async function noticesSeen(database: Database): Promise<void> {
	if (noticesIn(database).length === 0) return;
	await database.write(() =>
		database.run("DELETE FROM learned WHERE key GLOB :pattern", { pattern: `${prefix}*` }),
	);
}
