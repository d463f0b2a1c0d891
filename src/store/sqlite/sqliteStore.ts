import { join } from "node:path";
import type { MemoryStore } from "../memoryStore.ts";
import { Database } from "./database.ts";
import { SqliteDistillation } from "./distillation.ts";
import { hammingImplementation } from "./index/hammingScan.ts";
import { SqliteJournal } from "./journal.ts";
import { SqliteKeywords } from "./keywords.ts";
import { SqliteLeases } from "./leases.ts";
import { SqliteMemories } from "./memories.ts";
import { SqliteNotes } from "./notes.ts";
import { createProcessOwner } from "./processOwner.ts";
import { SqliteSaves } from "./saves.ts";
import { SqliteSearch } from "./search.ts";
import { SqliteSpaces } from "./spaces.ts";

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
 * @param busyTimeout how long, in ms, a write waits for other processes; 5000 by default.
 * @throws StoreError
 */
export async function openStore(directory: string, busyTimeout?: number): Promise<OpenedStore> {
	const { database, setAside, madePrivate } = await Database.open(join(directory, databaseFile), busyTimeout);
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
	return { store: new SqliteStore(database), notice: notice || undefined };
}

class SqliteStore implements MemoryStore {
	readonly location: string;
	readonly notes: MemoryStore["notes"];
	readonly saves: MemoryStore["saves"];
	readonly memories: MemoryStore["memories"];
	readonly search: MemoryStore["search"];
	readonly distillation: MemoryStore["distillation"];
	readonly spaces: MemoryStore["spaces"];
	readonly leases: MemoryStore["leases"];
	readonly #database: Database;
	readonly #listeners = new Set<() => void>();
	#poll: NodeJS.Timeout | undefined;
	#foreignVersion = 0;

	constructor(database: Database) {
		this.#database = database;
		const owner = createProcessOwner();
		const journal = new SqliteJournal(database, owner);
		const keywords = new SqliteKeywords(database);
		const spaces = new SqliteSpaces(database);
		const memories = new SqliteMemories(database, journal, keywords, spaces);
		this.location = database.path;
		this.notes = new SqliteNotes(database);
		this.saves = new SqliteSaves(database, journal, memories, spaces);
		this.memories = memories;
		this.search = new SqliteSearch(database, keywords, spaces);
		this.distillation = new SqliteDistillation(database, journal, memories, spaces, owner);
		this.spaces = spaces;
		this.leases = new SqliteLeases(database, owner);
		database.onDidWrite(() => this.#notify());
	}

	onDidChange(listener: () => void): { dispose(): void } {
		this.#listeners.add(listener);
		this.#foreignVersion = this.#database.foreignVersion;
		this.#poll ??= setInterval(() => this.#checkForForeignWrites(), pollInterval).unref();
		return {
			dispose: () => {
				this.#listeners.delete(listener);
				if (this.#listeners.size === 0) this.#stopPolling();
			},
		};
	}

	async close(): Promise<void> {
		this.#stopPolling();
		this.#listeners.clear();
		await this.#database.close();
	}

	#checkForForeignWrites(): void {
		const version = this.#database.foreignVersion;
		if (version === this.#foreignVersion) return;
		this.#foreignVersion = version;
		this.#notify();
	}

	#stopPolling(): void {
		clearInterval(this.#poll);
		this.#poll = undefined;
	}

	#notify(): void {
		for (const listener of this.#listeners) listener();
	}
}
