import { fingerprint } from "../../text/fingerprint.ts";
import type { JournalEntry } from "../types.ts";
import type { Database } from "./database.ts";
import type { ProcessOwner } from "./processOwner.ts";
import { originParameters } from "./rows.ts";

/** Every save as requested. All writes happen within the caller's transaction. */
export class SqliteJournal {
	readonly #database: Database;
	readonly #owner: ProcessOwner;

	constructor(database: Database, owner: ProcessOwner) {
		this.#database = database;
		this.#owner = owner;
	}

	/** Journals a save unless it is already there. */
	put(entry: JournalEntry, distil: boolean): void {
		const now = Date.now();
		this.#database.run(
			`INSERT INTO journal (id, text, user_id, scope, project_id, project_name, conversation_id, metadata, created_at, received_at, owner, fingerprint, distil, claimed_by, claimed_until)
			VALUES (:id, :text, :user, :scope, :project, :projectName, :conversation, :metadata, :createdAt, :now, :owner, :fingerprint, :distil, :claimed, :until)
			ON CONFLICT (id) DO NOTHING`,
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

	/** Marks the save's text as a memory; a duplicate leaves nothing to distil. */
	close(id: string, duplicate: boolean): void {
		this.#database.run("UPDATE journal SET done_at = :now WHERE id = :id AND done_at IS NULL", {
			now: Date.now(),
			id,
		});
		if (duplicate) this.settle(id, "done");
	}

	/** Ends distilling of the save. */
	settle(id: string, outcome: "done" | "cancelled"): void {
		this.#database.run(
			"UPDATE journal SET distil = :outcome, claimed_by = NULL, problem = NULL WHERE id = :id AND distil IN ('pending', 'given-up')",
			{ id, outcome },
		);
	}

	/** Whether a save still waits to be distilled. */
	isPending(id: string): boolean {
		const row = this.#database.get("SELECT 1 FROM journal WHERE id = :id AND distil = 'pending'", { id });
		return row !== undefined;
	}
}
