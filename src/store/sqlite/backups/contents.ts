import type { Contents } from "../../backups.ts";
import { inThread } from "./inThread.ts";

/** Counts what is in a database. Earlier schemas lack some of the tables. */
const countContents = `
	const db = new DatabaseSync(data.path, { readOnly: data.readOnly, timeout: 5000 });
	try {
		if (data.thorough) {
			const [said] = db.prepare("PRAGMA integrity_check(1)").all().map((row) => row.integrity_check);
			if (said !== "ok") return { damage: said };
		}
		const tables = new Set(db.prepare("SELECT name FROM sqlite_schema WHERE type = 'table'").all().map(({ name }) => name));
		if (!tables.has("memories") || !tables.has("journal")) return { damage: "it is not a database of memories" };
		const number = (sql) => Number(db.prepare(sql).get()?.n ?? 0);
		db.exec("BEGIN");
		const rows = {};
		for (const name of ["memories", "journal", "history", "vectors", "candidates"])
			if (tables.has(name)) rows[name] = number("SELECT count(*) AS n FROM " + name);
		return {
			contents: {
				schema: number("SELECT user_version AS n FROM pragma_user_version"),
				memories: number("SELECT count(*) AS n FROM memories WHERE deleted_at IS NULL"),
				users: number("SELECT count(DISTINCT user_id) AS n FROM memories WHERE deleted_at IS NULL"),
				rows,
				revision: number("SELECT value AS n FROM counters WHERE name = 'revision'"),
			},
		};
	} finally {
		db.close();
	}`;

/**
 * What is in a database file, or what is wrong with it.
 * @param thorough reads every page of it, and of its indexes; else only what has to be counted.
 */
export async function contentsOf(
	path: string,
	{ thorough, readOnly = true }: { readonly thorough: boolean; readonly readOnly?: boolean },
): Promise<{ readonly contents?: Contents; readonly damage?: string }> {
	try {
		return await inThread(countContents, { path, thorough, readOnly });
	} catch (error) {
		return { damage: error instanceof Error ? error.message : String(error) };
	}
}

/** Whether a copy that was made meanwhile can have these counts. */
export function isBetween(copy: Contents, before: Contents, after: Contents): boolean {
	return Object.entries(copy.rows).every(([table, count]) => {
		const counts = [before.rows[table] ?? 0, after.rows[table] ?? 0];
		return count >= Math.min(...counts) && count <= Math.max(...counts);
	});
}
