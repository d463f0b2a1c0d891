import { existsSync } from "node:fs";
import type { RestorePreview } from "../../backups.ts";
import { StoreError } from "../../errors.ts";
import { storeError } from "../errors.ts";
import { schemaVersion } from "../schema.ts";
import { contentsOf } from "./contents.ts";
import { inThread } from "./inThread.ts";

const mostExamples = 5;

/** Compares live memories by their ids and texts. */
const compare = `
	const db = new DatabaseSync(data.path, { readOnly: true, timeout: 5000 });
	try {
		db.prepare("ATTACH ? AS backup").run(data.backup);
		const live = "deleted_at IS NULL";
		const only = (a, b) => "FROM " + a + ".memories a WHERE a." + live + " AND NOT EXISTS (SELECT 1 FROM " + b + ".memories b WHERE b.id = a.id AND b." + live + ")";
		const sources = {
			added: only("backup", "main"),
			removed: only("main", "backup"),
			changed: "FROM backup.memories a JOIN main.memories b ON b.id = a.id WHERE a." + live + " AND b." + live + " AND a.text <> b.text",
		};
		db.exec("BEGIN");
		const done = { examples: {} };
		done.now = db.prepare("SELECT count(*) AS n FROM main.memories WHERE " + live).get().n;
		for (const [kind, from] of Object.entries(sources)) {
			done[kind] = db.prepare("SELECT count(*) AS n " + from).get().n;
			done.examples[kind] = db.prepare("SELECT a.text " + from + " ORDER BY a.created_at DESC LIMIT ?").all(data.most).map(({ text }) => text);
		}
		return done;
	} finally {
		db.close();
	}`;

/** What restoring a file would change. Changes nothing itself. @throws StoreError */
export async function previewRestore(path: string, file: string): Promise<RestorePreview> {
	const contents = await restorable(file);
	if (!existsSync(path)) {
		const { memories: added } = contents;
		const examples = { added: [], removed: [], changed: [] };
		return { contents, now: 0, added, removed: 0, changed: 0, examples };
	}
	try {
		const compared = await inThread<Omit<RestorePreview, "contents">>(compare, {
			path,
			backup: file,
			most: mostExamples,
		});
		return { contents, ...compared };
	} catch (error) {
		throw storeError(error, path);
	}
}

/** What is in a file that can be restored. @throws StoreError */
export async function restorable(file: string) {
	// SQLite would make a database of a name that there is not.
	if (!existsSync(file)) throw new StoreError("failed", file, `There is no backup ${file}.`);
	const { contents, damage } = await contentsOf(file, { thorough: true });
	if (!contents)
		throw new StoreError(
			"corrupt",
			file,
			`The backup ${file} is damaged, and is not restored: ${damage}. Choose another one; mcp-mem0 backups lists them.`,
		);
	if (contents.schema > schemaVersion)
		throw new StoreError(
			"newer-schema",
			file,
			`A newer version of MCP Mem0 made the backup ${file} (schema ${contents.schema}; this version supports up to ${schemaVersion}). Update MCP Mem0 here. Nothing was changed.`,
		);
	return contents;
}
