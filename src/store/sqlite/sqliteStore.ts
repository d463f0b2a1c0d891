import { join } from "node:path";
import { StoreError } from "../errors.ts";
import type { MemoryStore } from "../memoryStore.ts";
import { sqliteCandidates } from "./candidates.ts";
import { sqliteCopying } from "./copying.ts";
import { Database, type OpenOptions } from "./database.ts";
import { sqliteDistillation } from "./distillation.ts";
import { hammingImplementation } from "./index/hammingScan.ts";
import { sqliteLeases } from "./leases.ts";
import { sqliteMemories } from "./memories.ts";
import { sqliteNotes } from "./notes.ts";
import { noticesIn, noticesSeen } from "./notices.ts";
import { takeAlong } from "./rescue.ts";
import { sqliteSaves } from "./saves.ts";
import { sqliteSearch } from "./search.ts";
import { sqliteSpaces } from "./spaces.ts";
import { sqliteTraffic } from "./traffic.ts";
import { sqliteTransfers } from "./transfers.ts";
import { sqliteUsage } from "./usage.ts";

export interface OpenedStore {
	readonly store: MemoryStore;
	/** A message for the user, if opening narrowed wide rights, or found no SIMD. */
	readonly notice: string | undefined;
}

export const databaseFile = "memory.db";

/** How often, in ms, the store checks for other processes' writes, and whether its file is still in its place. */
const pollInterval = 1000;

/**
 * Opens the SQLite store in a folder, which it creates if necessary.
 * @throws StoreError
 */
export async function openStore(directory: string, options: Partial<OpenOptions> = {}): Promise<OpenedStore> {
	const { database, madePrivate } = await Database.open(join(directory, databaseFile), {
		destinations: { chat: "", embedding: "" },
		busyTimeout: 5000,
		takeAlong,
		...options,
	});
	const exposed =
		madePrivate.length > 0
			? `Other users of this machine could read ${madePrivate.join(", ")}. They cannot any more.`
			: undefined;
	const slow =
		hammingImplementation() === "plain"
			? "Vectors are compared without SIMD, which this Node.js or processor lacks: searches are about five times slower."
			: undefined;
	const notice = [exposed, slow].filter((each) => each !== undefined).join(" ");
	return { store: sqliteStore(database), notice: notice || undefined };
}

function sqliteStore(database: Database): MemoryStore {
	const listeners = new Set<() => void>();
	let foreignVersion = database.foreignVersion;
	const notify = () => {
		for (const listener of listeners) listener();
	};
	const check = async () => {
		await database.settle();
		if (listeners.size === 0) return;
		const version = database.foreignVersion;
		if (version === foreignVersion) return;
		foreignVersion = version;
		notify();
	};
	// The next call has the error, which is a caller's then.
	const poll = setInterval(() => void check().catch(() => undefined), pollInterval).unref();
	database.onDidWrite(notify);
	return {
		location: database.path,
		notes: sqliteNotes(database),
		saves: repairing(database, sqliteSaves(database)),
		memories: repairing(database, sqliteMemories(database)),
		search: repairing(database, sqliteSearch(database)),
		distillation: repairing(database, sqliteDistillation(database)),
		spaces: repairing(database, sqliteSpaces(database)),
		candidates: repairing(database, sqliteCandidates(database)),
		usage: repairing(database, sqliteUsage(database)),
		leases: repairing(database, sqliteLeases(database)),
		transfers: repairing(database, sqliteTransfers(database)),
		copying: repairing(database, sqliteCopying(database)),
		traffic: repairing(database, sqliteTraffic(database)),
		notices: repairing(database, {
			list: async () => noticesIn(database),
			seen: () => noticesSeen(database),
		}),
		onDidChange(listener) {
			listeners.add(listener);
			foreignVersion = database.foreignVersion;
			return { dispose: () => void listeners.delete(listener) };
		},
		async close() {
			clearInterval(poll);
			listeners.clear();
			await database.close();
		},
	};
}

/** The same calls: one that meets damage has the file checked and, if need be, replaced, and is made once more. */
function repairing<Calls extends object>(database: Database, calls: Calls): Calls {
	const repaired = Object.entries(calls).map(([name, call]: [string, (...values: unknown[]) => unknown]) => [
		name,
		(...values: unknown[]) => {
			const result = call(...values);
			if (!(result instanceof Promise)) return result;
			return result.catch(async (error: unknown) => {
				if (!(error instanceof StoreError) || error.kind !== "corrupt") throw error;
				await database.settle();
				return call(...values);
			});
		},
	]);
	return Object.fromEntries(repaired) as Calls;
}
