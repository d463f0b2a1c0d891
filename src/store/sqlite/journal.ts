import { fingerprint } from "../../text/fingerprint.ts";
import { claimTime } from "../processOwner.ts";
import { originColumns, originParameters, originValues } from "../rows.ts";
import type { JournalEntry } from "../types.ts";
import type { Database } from "./database.ts";

/*
 * Every save as requested. All writes happen within the caller's transaction.
 */

/** Journals a save unless it is already there. */
export function journalSave(database: Database, entry: JournalEntry, distil: boolean): void {
	const now = Date.now();
	database.run(
		`INSERT INTO journal (id, ${originColumns}, received_at, owner, fingerprint, distil, claimed_by, claimed_until, meant_for)
		VALUES (:id, ${originValues}, :now, :owner, :fingerprint, :distil, :claimed, :until, :meantFor)
		ON CONFLICT (id) DO NOTHING`,
		{
			...originParameters(entry),
			id: entry.id,
			now,
			owner: database.owner,
			fingerprint: fingerprint(entry.text),
			distil: distil ? "pending" : null,
			claimed: distil ? database.owner : null,
			until: distil ? now + claimTime : null,
			meantFor: database.destinations.chat ?? null,
		},
	);
}

/** Marks the save's text as a memory; a duplicate leaves nothing to distil. */
export function closeSave(database: Database, id: string, duplicate: boolean): void {
	const sql = "UPDATE journal SET done_at = :now WHERE id = :id AND done_at IS NULL";
	database.run(sql, { now: Date.now(), id });
	if (duplicate) settleSave(database, id, "done");
}

/** Ends distilling of the save. */
export function settleSave(database: Database, id: string, outcome: "done" | "cancelled"): void {
	database.run(
		"UPDATE journal SET distil = :outcome, claimed_by = NULL, problem = NULL WHERE id = :id AND distil IN ('pending', 'given-up')",
		{ id, outcome },
	);
}

export function isJournaled(database: Database, id: string): boolean {
	return database.number("SELECT count(*) AS n FROM journal WHERE id = :id", { id }) > 0;
}

/** Whether a save still waits to be distilled. */
export function isPending(database: Database, id: string): boolean {
	const sql = "SELECT count(*) AS n FROM journal WHERE id = :id AND distil = 'pending'";
	return database.number(sql, { id }) > 0;
}
