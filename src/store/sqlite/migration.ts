import { once } from "node:events";
import { Worker } from "node:worker_threads";
import { migrations, schemaVersion } from "./schema.ts";

/**
 * Runs in a thread of its own, because with very many memories a step takes seconds, and would block the editor's
 * extensions meanwhile; as source text, so that it needs no bundle.
 */
const code = `
const { parentPort, workerData } = require("node:worker_threads");
process.emitWarning = () => {};
const { DatabaseSync } = require("node:sqlite");
const done = {};
let db;
try {
	db = new DatabaseSync(workerData.path, { timeout: workerData.wait });
	// A step replaces a table that others refer to.
	db.exec("PRAGMA foreign_keys = OFF; PRAGMA synchronous = FULL; PRAGMA secure_delete = ON; PRAGMA temp_store = MEMORY; PRAGMA cache_size = -32768; BEGIN IMMEDIATE");
	// Read the version inside the transaction: another process may have migrated meanwhile.
	done.found = db.prepare("PRAGMA user_version").get().user_version;
	for (const migration of workerData.migrations.slice(done.found)) db.exec(migration);
	if (done.found < workerData.migrations.length) db.exec("PRAGMA user_version = " + workerData.migrations.length);
	db.exec("COMMIT");
} catch (error) {
	done.error = { errcode: error.errcode, message: error.message };
}
try { db?.close(); } catch {}
parentPort.postMessage(done);
`;

/**
 * Brings the schema of a database up to date, in one transaction.
 * @param wait ms for which another process may keep the database locked.
 * @returns the version before; a version newer than ours is left as it is.
 * @throws SQLite's error.
 */
export async function migrate(path: string, wait: number): Promise<number> {
	const worker = new Worker(code, {
		eval: true,
		execArgv: [],
		env: {},
		stdout: true,
		stderr: true,
		workerData: { path, wait, migrations },
	});
	try {
		const [{ found = schemaVersion, error }] = (await once(worker, "message")) as [
			{ found?: number; error?: { errcode?: number; message: string } },
		];
		if (error) throw Object.assign(new Error(error.message), { errcode: error.errcode });
		return found;
	} finally {
		void worker.terminate();
	}
}
