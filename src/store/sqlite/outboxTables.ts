import type { Database, TakeAlong } from "./database.ts";
import { readableRows } from "./readableRows.ts";
import { takeAlong } from "./rescue.ts";

/*
 * What waits for a database that is away, in a file beside that of the memory. It has tables of its own beside those of
 * a memory: an update of the schema leaves them alone.
 */

/** - `landed`: memories that were delivered, and as what. */
const tables = `
	CREATE TABLE IF NOT EXISTS outbox (
		seq INTEGER PRIMARY KEY AUTOINCREMENT,
		memory_id TEXT NOT NULL,
		user_id TEXT NOT NULL,
		save_id TEXT UNIQUE,
		kept TEXT NOT NULL,
		base TEXT,
		owner TEXT NOT NULL,
		destinations TEXT NOT NULL,
		at INTEGER NOT NULL
	) STRICT;
	CREATE INDEX IF NOT EXISTS outbox_memory ON outbox (memory_id, seq);
	CREATE TABLE IF NOT EXISTS landed (
		id TEXT PRIMARY KEY,
		landed_id TEXT NOT NULL,
		here_at INTEGER,
		there_at INTEGER NOT NULL
	) STRICT;
`;

export async function addOutbox(database: Database): Promise<void> {
	await database.write(() => makeTables(database));
}

function makeTables(database: Database): void {
	for (const sql of tables.split(";").filter((each) => each.trim() !== "")) database.run(sql);
}

/** As `takeAlong`, with the changes that wait. */
export const takeOutboxAlong: TakeAlong = async (database, write, from) => {
	await write(() => makeTables(database));
	await takeAlong(database, write, from, (source) =>
		write(() => {
			for (const { row: _, ...row } of readableRows(source, "outbox"))
				database.run(
					`INSERT INTO outbox (seq, memory_id, user_id, save_id, kept, base, owner, destinations, at)
					VALUES (:seq, :memory_id, :user_id, :save_id, :kept, :base, :owner, :destinations, :at) ON CONFLICT DO NOTHING`,
					row,
				);
		}),
	);
};
