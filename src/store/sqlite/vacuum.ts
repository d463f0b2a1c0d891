import { once } from "node:events";
import { Worker } from "node:worker_threads";
import { storeError } from "./errors.ts";

/** In a thread of its own, as a large database takes seconds; as source text, so that it needs no bundle. */
const code = `
const { parentPort, workerData } = require("node:worker_threads");
process.emitWarning = () => {};
const { DatabaseSync } = require("node:sqlite");
let error;
let db;
try {
	db = new DatabaseSync(workerData.path, { timeout: 5000 });
	db.exec("PRAGMA secure_delete = ON");
	if (workerData.into === undefined) db.exec("VACUUM");
	else db.prepare("VACUUM INTO ?").run(workerData.into);
} catch (thrown) {
	error = { errcode: thrown.errcode, message: thrown.message };
}
try { db?.close(); } catch {}
parentPort.postMessage({ error });
`;

/**
 * Writes the database anew, without free pages.
 * @param into a file that does not exist, which becomes a copy as of one moment; absent: in its place.
 * @throws StoreError
 */
export async function vacuum(path: string, into?: string): Promise<void> {
	const worker = new Worker(code, {
		eval: true,
		execArgv: [],
		env: {},
		stdout: true,
		stderr: true,
		workerData: { path, into },
	});
	try {
		const [{ error }] = (await once(worker, "message")) as [
			{ error?: { errcode?: number; message: string } },
		];
		if (error) throw storeError(Object.assign(new Error(error.message), { errcode: error.errcode }), path);
	} finally {
		void worker.terminate();
	}
}
