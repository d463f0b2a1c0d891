import { join } from "node:path";
import type { MemoryStore } from "../memoryStore.ts";
import { Database, type OpenOptions } from "./database.ts";
import { sqliteDistillation } from "./distillation.ts";
import { hammingImplementation } from "./index/hammingScan.ts";
import { sqliteLeases } from "./leases.ts";
import { sqliteMemories } from "./memories.ts";
import { sqliteNotes } from "./notes.ts";
import { sqliteSaves } from "./saves.ts";
import { sqliteSearch } from "./search.ts";
import { sqliteSpaces } from "./spaces.ts";

export interface OpenedStore {
	readonly store: MemoryStore;
	/** A message for the user, if opening set a damaged file aside, narrowed wide rights, or found no SIMD. */
	readonly notice: string | undefined;
}

export const databaseFile = "memory.db";

/** How often, in ms, the store checks for other processes' writes while it has listeners. */
const pollInterval = 1000;

/**
 * Opens the SQLite store in a folder, which it creates if necessary.
 * @throws StoreError
 */
export async function openStore(directory: string, options: Partial<OpenOptions> = {}): Promise<OpenedStore> {
	const { database, setAside, madePrivate } = await Database.open(join(directory, databaseFile), {
		destinations: { chat: "", embedding: "" },
		busyTimeout: 5000,
		...options,
	});
	const damaged = setAside
		? `The memory database was damaged. It was set aside, not deleted, as ${setAside}, and a new one was started. To rescue its content, try: sqlite3 "${setAside}" .recover`
		: undefined;
	const exposed =
		madePrivate.length > 0
			? `Other users of this machine could read ${madePrivate.join(", ")}. They cannot any more.`
			: undefined;
	const slow =
		hammingImplementation() === "plain"
			? "Vectors are compared without SIMD, which this Node.js or processor lacks: searches are about five times slower."
			: undefined;
	const notice = [damaged, exposed, slow].filter((each) => each !== undefined).join(" ");
	return { store: sqliteStore(database), notice: notice || undefined };
}

function sqliteStore(database: Database): MemoryStore {
	const listeners = new Set<() => void>();
	let poll: NodeJS.Timeout | undefined;
	let foreignVersion = 0;
	const notify = () => {
		for (const listener of listeners) listener();
	};
	const checkForForeignWrites = () => {
		const version = database.foreignVersion;
		if (version === foreignVersion) return;
		foreignVersion = version;
		notify();
	};
	const stopPolling = () => {
		clearInterval(poll);
		poll = undefined;
	};
	database.onDidWrite(notify);
	return {
		location: database.path,
		notes: sqliteNotes(database),
		saves: sqliteSaves(database),
		memories: sqliteMemories(database),
		search: sqliteSearch(database),
		distillation: sqliteDistillation(database),
		spaces: sqliteSpaces(database),
		leases: sqliteLeases(database),
		onDidChange(listener) {
			listeners.add(listener);
			foreignVersion = database.foreignVersion;
			poll ??= setInterval(checkForForeignWrites, pollInterval).unref();
			return {
				dispose() {
					listeners.delete(listener);
					if (listeners.size === 0) stopPolling();
				},
			};
		},
		async close() {
			stopPolling();
			listeners.clear();
			await database.close();
		},
	};
}
