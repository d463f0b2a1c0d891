import { once } from "node:events";
import { Worker } from "node:worker_threads";
import { type EmbeddingSpace, spaceNote } from "../../vectors/embeddingSpace.ts";
import { isRunning } from "../processOwner.ts";
import { isMeantForUs } from "./distillation.ts";
import { resultCode } from "./errors.ts";
import { schemaVersion } from "./schema.ts";

/** The state of the database file, read without changing it. */
export interface Inspection {
	/** Undefined if the file is sound. */
	readonly problem?: {
		readonly kind: "newer-schema" | "damaged" | "not-in-time" | "unreadable";
		/** SQLite's message. */
		readonly said: string;
	};
	readonly schema: number;
	/** Those of the user. */
	readonly memories: number;
	/** Memories of the user with a vector, but none in the given space. */
	readonly outside: number;
	/** Memories of the user without any vector. */
	readonly withoutVector: number;
	/** Saves of the user that wait to be distilled elsewhere, by the origin they wait for. */
	readonly heldBack: readonly { readonly origin: string; readonly saves: number }[];
	/** Whether another connection keeps the write lock. */
	readonly locked: boolean;
	/** Other processes on this machine that used the file within a day and still run. */
	readonly processes: readonly number[];
}

export interface InspectOptions {
	/** ms */
	readonly deadline: number;
	readonly signal: AbortSignal;
	/** Whose memories are counted: another user may embed with another model. */
	readonly userId: string;
	/** The space of the embedding model in use, if known. */
	readonly space: EmbeddingSpace | undefined;
	/** The origin of the language model in use. */
	readonly destination: string;
}

interface Read {
	readonly schema?: number;
	readonly integrity?: string;
	readonly memories?: number;
	readonly outside?: number;
	readonly withoutVector?: number;
	readonly heldBack?: Inspection["heldBack"];
	readonly owners?: readonly string[];
	readonly locked?: boolean;
	readonly error?: { readonly code: number; readonly message: string };
}

/**
 * Runs in a thread of its own, because SQLite reads the whole file and would block the editor's extensions meanwhile;
 * as source text, so that it needs no bundle. It takes and releases the write lock, but writes nothing.
 */
const code = `
const { parentPort, workerData } = require("node:worker_threads");
process.emitWarning = () => {};
const { DatabaseSync } = require("node:sqlite");
const read = {};
let db;
try {
	db = new DatabaseSync(workerData.path, { timeout: workerData.wait });
	db.exec("PRAGMA query_only = ON");
	read.schema = db.prepare("PRAGMA user_version").get().user_version;
	read.integrity = Object.values(db.prepare("PRAGMA quick_check(1)").get())[0];
	if (read.schema === workerData.schema && read.integrity === "ok") {
		read.memories = db.prepare("SELECT count(*) AS n FROM memories WHERE deleted_at IS NULL AND user_id = ?").get(workerData.userId).n;
		if (workerData.space) read.outside = db.prepare(workerData.outside).get({ prefixes: "", ...workerData.space, userId: workerData.userId }).n;
		read.withoutVector = db.prepare(workerData.withoutVector).get({ userId: workerData.userId }).n;
		read.heldBack = db.prepare(workerData.heldBack).all({ userId: workerData.userId, destination: workerData.destination }).map((row) => ({ ...row }));
		read.owners = db.prepare(workerData.owners).all({ since: workerData.since }).map((row) => row.owner);
		try {
			db.exec("PRAGMA query_only = OFF; BEGIN IMMEDIATE; ROLLBACK");
		} catch (error) {
			read.locked = (error.errcode & 255) === 5;
		}
	}
} catch (error) {
	read.error = { code: error.errcode & 255, message: error.message };
}
try { db?.close(); } catch {}
parentPort.postMessage(read);
`;

const outsideSql = `
	SELECT count(*) AS n FROM memories m
	WHERE m.deleted_at IS NULL AND m.user_id = :userId AND EXISTS (SELECT 1 FROM vectors v WHERE v.seq = m.seq) AND NOT EXISTS (
		SELECT 1 FROM vectors v JOIN spaces s ON s.id = v.space
		WHERE v.seq = m.seq AND s.provider = :provider AND s.model = :model
			AND s.origin = coalesce((SELECT value FROM learned WHERE key = :note AND value <> ''), :origin)
			AND s.dimensions = :dimensions AND s.prefixes = :prefixes
	)`;

const withoutVectorSql = `
	SELECT count(*) AS n FROM memories m
	WHERE m.deleted_at IS NULL AND m.user_id = :userId AND NOT EXISTS (SELECT 1 FROM vectors v WHERE v.seq = m.seq)`;

const heldBackSql = `
	SELECT meant_for AS origin, count(*) AS saves FROM journal
	WHERE user_id = :userId AND distil = 'pending' AND NOT ${isMeantForUs} GROUP BY 1`;

const ownersSql = `
	SELECT DISTINCT owner FROM journal WHERE received_at > :since
	UNION SELECT holder FROM leases`;

/** @throws the signal's reason when aborted. */
export async function inspectDatabase(path: string, options: InspectOptions): Promise<Inspection> {
	const empty = {
		schema: 0,
		memories: 0,
		outside: 0,
		withoutVector: 0,
		heldBack: [],
		locked: false,
		processes: [],
	};
	const read = await inWorker(path, options);
	if (!read) {
		const said = `reading it took longer than ${options.deadline / 1000} s`;
		return { ...empty, problem: { kind: "not-in-time", said } };
	}
	const { error, schema = 0, integrity, owners = [], ...counts } = read;
	const { memories = 0, outside = 0, withoutVector = 0, heldBack = [], locked = false } = counts;
	if (error) {
		const damaged = error.code === resultCode.corrupt || error.code === resultCode.notADatabase;
		const busy = error.code === resultCode.busy || error.code === resultCode.locked;
		const kind = damaged ? "damaged" : busy ? "not-in-time" : "unreadable";
		return { ...empty, schema, problem: { kind, said: error.message } };
	}
	if (integrity !== "ok")
		return { ...empty, schema, problem: { kind: "damaged", said: integrity ?? "unknown" } };
	if (schema > schemaVersion)
		return { ...empty, schema, problem: { kind: "newer-schema", said: `schema ${schema}` } };
	const processes = owners
		.filter((owner) => isRunning(owner))
		.map((owner) => Number(owner.split(":").at(-2)))
		.filter((pid) => Number.isInteger(pid) && pid !== process.pid);
	return { schema, memories, outside, withoutVector, heldBack, locked, processes: [...new Set(processes)] };
}

/** Undefined if it takes too long. */
async function inWorker(
	path: string,
	{ deadline, signal, userId, space, destination }: InspectOptions,
): Promise<Read | undefined> {
	const worker = new Worker(code, {
		eval: true,
		execArgv: [],
		env: {},
		stdout: true,
		stderr: true,
		workerData: {
			path,
			wait: Math.min(500, deadline / 4),
			schema: schemaVersion,
			userId,
			space: space && { ...space, note: spaceNote(space) },
			outside: outsideSql,
			withoutVector: withoutVectorSql,
			heldBack: heldBackSql,
			destination,
			owners: ownersSql,
			since: Date.now() - 86_400_000,
		},
	});
	const late = AbortSignal.timeout(deadline);
	try {
		const [read] = await once(worker, "message", { signal: AbortSignal.any([late, signal]) });
		return read as Read;
	} catch (error) {
		signal.throwIfAborted();
		return late.aborted ? undefined : { error: { code: 0, message: (error as Error).message } };
	} finally {
		void worker.terminate();
	}
}
