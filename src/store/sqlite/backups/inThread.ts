import { once } from "node:events";
import { Worker } from "node:worker_threads";

/**
 * Runs the body of a function with `DatabaseSync` and `data` in a thread of its own, because SQLite reads whole files in
 * it and would block the editor's extensions meanwhile; as source text, so that it needs no bundle.
 * @returns what the body returns.
 * @throws SQLite's error, with its code.
 */
export async function inThread<Result>(
	body: string,
	data: Readonly<Record<string, unknown>>,
): Promise<Result> {
	const worker = new Worker(
		`const { parentPort, workerData: data } = require("node:worker_threads");
process.emitWarning = () => {};
const { DatabaseSync } = require("node:sqlite");
let done;
try {
	done = { result: (() => {${body}})() };
} catch (error) {
	done = { error: { errcode: error.errcode, message: error.message } };
}
parentPort.postMessage(done);`,
		{ eval: true, execArgv: [], env: {}, stdout: true, stderr: true, workerData: data },
	);
	try {
		const [{ result, error }] = (await once(worker, "message")) as [
			{ result: Result; error?: { errcode?: number; message: string } },
		];
		if (error) throw Object.assign(new Error(error.message), { errcode: error.errcode });
		return result;
	} finally {
		void worker.terminate();
	}
}
