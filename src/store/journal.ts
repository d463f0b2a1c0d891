import { hostname } from "node:os";
import type { Database } from "./database.ts";
import type { Journal, JournalEntry } from "./memoryStore.ts";
import { type OriginRow, originParameters, toJournalEntry } from "./rows.ts";

/** A save is taken for abandoned when its process is gone, or after this long, in ms, when that cannot be told. */
const abandonedAfter = 120_000;

export class SqliteJournal implements Journal {
	readonly #database: Database;
	readonly #owner = `${hostname()}:${process.pid}`;

	constructor(database: Database) {
		this.#database = database;
	}

	async record(entry: JournalEntry): Promise<void> {
		await this.#database.write(() =>
			this.#database.run(
				`INSERT INTO journal (id, text, user_id, scope, project_id, project_name, conversation_id, metadata, created_at, received_at, owner)
				VALUES (:id, :text, :user, :scope, :project, :projectName, :conversation, :metadata, :createdAt, :now, :owner)`,
				{ ...originParameters(entry), id: entry.id, now: Date.now(), owner: this.#owner },
			),
		);
	}

	abandoned(): readonly JournalEntry[] {
		return this.#database
			.all<OriginRow & { owner: string; received_at: number }>(
				"SELECT * FROM journal WHERE done_at IS NULL ORDER BY received_at",
			)
			.filter((row) => !isRunning(row.owner) || row.received_at < Date.now() - abandonedAfter)
			.map(toJournalEntry);
	}

	text(id: string): string | undefined {
		return this.#database.get<{ text: string }>("SELECT text FROM journal WHERE id = :id", { id })?.text;
	}

	/** Within a write: marks the save as done. */
	close(id: string): void {
		this.#database.run("UPDATE journal SET done_at = :now WHERE id = :id AND done_at IS NULL", {
			now: Date.now(),
			id,
		});
	}
}

/** Whether the process `host:pid` may still be at work; those of other machines may. */
function isRunning(owner: string): boolean {
	const separator = owner.lastIndexOf(":");
	if (owner.slice(0, separator) !== hostname()) return true;
	try {
		process.kill(Number(owner.slice(separator + 1)), 0);
		return true;
	} catch (error) {
		return (error as NodeJS.ErrnoException).code === "EPERM";
	}
}
