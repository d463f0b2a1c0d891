import { join } from "node:path";
import type {
	Conversations,
	Distillations,
	Journal,
	Keywords,
	Leases,
	Memories,
	MemoryStore,
	Notes,
	Vectors,
} from "../memoryStore.ts";
import { SqliteConversations } from "./conversations.ts";
import { Database } from "./database.ts";
import { SqliteDistillations } from "./distillations.ts";
import { SqliteJournal } from "./journal.ts";
import { SqliteKeywords } from "./keywords.ts";
import { SqliteLeases, SqliteNotes } from "./leases.ts";
import { SqliteMemories } from "./memories.ts";
import { createProcessOwner } from "./processOwner.ts";
import { SqliteVectors } from "./vectors.ts";

export interface OpenedStore {
	readonly store: MemoryStore;
	/** What happened on opening that a person should know: a damaged file was set aside. */
	readonly notice: string | undefined;
}

export const databaseFile = "memory.db";

/** How often, in ms, another process's writes are looked for while somebody listens. */
const pollInterval = 1000;

/**
 * Opens the SQLite store in a folder, which is created if need be.
 * @param busyTimeout how long, in ms, a write waits for other processes; 5000 when absent.
 * @throws StoreError
 */
export async function openStore(directory: string, busyTimeout?: number): Promise<OpenedStore> {
	const { database, setAside } = await Database.open(join(directory, databaseFile), busyTimeout);
	const notice = setAside
		? `The memory database was damaged. It was set aside, not deleted, as ${setAside}, and a new one was begun. To rescue what is in it, try: sqlite3 "${setAside}" .recover`
		: undefined;
	return { store: new SqliteStore(database), notice };
}

class SqliteStore implements MemoryStore {
	readonly journal: Journal;
	readonly memories: Memories;
	readonly keywords: Keywords;
	readonly vectors: Vectors;
	readonly conversations: Conversations;
	readonly distillations: Distillations;
	readonly leases: Leases;
	readonly notes: Notes;
	readonly #database: Database;
	readonly #listeners = new Set<() => void>();
	#poll: NodeJS.Timeout | undefined;
	#foreignVersion = 0;

	constructor(database: Database) {
		this.#database = database;
		const owner = createProcessOwner();
		const journal = new SqliteJournal(database, owner);
		const keywords = new SqliteKeywords(database);
		const vectors = new SqliteVectors(database);
		this.journal = journal;
		this.keywords = keywords;
		this.vectors = vectors;
		this.conversations = new SqliteConversations(database);
		const memories = new SqliteMemories(database, journal, keywords, vectors);
		this.memories = memories;
		this.distillations = new SqliteDistillations(database, journal, memories, owner);
		this.leases = new SqliteLeases(database, owner);
		this.notes = new SqliteNotes(database);
		database.onDidWrite(() => this.#tell());
	}

	get path(): string {
		return this.#database.path;
	}

	snapshot<T>(reads: () => T): T {
		return this.#database.read(reads);
	}

	onDidChange(listener: () => void): { dispose(): void } {
		this.#listeners.add(listener);
		this.#foreignVersion = this.#database.foreignVersion;
		this.#poll ??= setInterval(() => this.#lookForForeignWrites(), pollInterval).unref();
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

	#lookForForeignWrites(): void {
		const version = this.#database.foreignVersion;
		if (version === this.#foreignVersion) return;
		this.#foreignVersion = version;
		this.#tell();
	}

	#stopPolling(): void {
		clearInterval(this.#poll);
		this.#poll = undefined;
	}

	#tell(): void {
		for (const listener of this.#listeners) listener();
	}
}
