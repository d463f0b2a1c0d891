import { fingerprint } from "../../text/fingerprint.ts";
import type { Journal, JournalEntry } from "../memoryStore.ts";
import type { Database } from "./database.ts";
import { isRunning, type ProcessOwner } from "./processOwner.ts";
import { type OriginRow, originParameters, toJournalEntry } from "./rows.ts";

/** A save is taken for abandoned when its process is gone, or after this long, in ms, when that cannot be told. */
const abandonedAfter = 120_000;

export class SqliteJournal implements Journal {
	readonly #database: Database;
	readonly #owner: ProcessOwner;

	constructor(database: Database, owner: ProcessOwner) {
		this.#database = database;
		this.#owner = owner;
	}

	async record(entry: JournalEntry, distil = false): Promise<void> {
		await this.#database.write(() => this.put(entry, distil));
	}

	/** Within a write. */
	put(entry: JournalEntry, distil: boolean): void {
		const now = Date.now();
		this.#database.run(
			`INSERT INTO journal (id, text, user_id, scope, project_id, project_name, conversation_id, metadata, created_at, received_at, owner, fingerprint, distil, claimed_by, claimed_until)
			VALUES (:id, :text, :user, :scope, :project, :projectName, :conversation, :metadata, :createdAt, :now, :owner, :fingerprint, :distil, :claimed, :until)`,
			{
				...originParameters(entry),
				id: entry.id,
				now,
				owner: this.#owner.id,
				fingerprint: fingerprint(entry.text),
				distil: distil ? "pending" : null,
				claimed: distil ? this.#owner.id : null,
				until: distil ? now + this.#owner.claimTime : null,
			},
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

	before({ id, userId, conversationId, createdAt }: JournalEntry, limit: number): readonly string[] {
		if (conversationId === undefined) return [];
		return this.#database
			.all<{ text: string }>(
				`SELECT text FROM journal WHERE conversation_id = :conversation AND user_id = :user AND created_at <= :createdAt AND id <> :id
				AND distil IS NOT NULL AND EXISTS (SELECT 1 FROM memories m WHERE m.save_id = journal.id AND m.deleted_at IS NULL)
				ORDER BY created_at DESC LIMIT :limit`,
				{ conversation: conversationId, user: userId, createdAt, id, limit },
			)
			.map(({ text }) => text)
			.reverse();
	}

	/** Within a write: the text is a memory now; where it was one already, nothing is left to distil. */
	close(id: string, known: boolean): void {
		this.#database.run("UPDATE journal SET done_at = :now WHERE id = :id AND done_at IS NULL", {
			now: Date.now(),
			id,
		});
		if (known) this.settle(id, "done");
	}

	/** Within a write: nothing more is made of the save. */
	settle(id: string, outcome: "done" | "cancelled"): void {
		this.#database.run(
			"UPDATE journal SET distil = :outcome, claimed_by = NULL, problem = NULL WHERE id = :id AND distil IN ('pending', 'given-up')",
			{ id, outcome },
		);
	}
}
