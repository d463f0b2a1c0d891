import { fingerprint } from "../../text/fingerprint.ts";
import { claimTime } from "../processOwner.ts";
import { originColumns, originParameters, originValues } from "../rows.ts";
import type { JournalEntry } from "../types.ts";
import type { Database, Writer } from "./database.ts";

/*
 * Every save as requested. All writes happen within the caller's transaction. Whoever locks rows of the journal and of the
 * memories locks those of the journal first.
 */

/** Journals a save unless it is already there. */
export async function journalSave(
	{ owner, destinations }: Database,
	writer: Writer,
	entry: JournalEntry,
	distil: boolean,
): Promise<void> {
	await writer.all(
		`INSERT INTO {s}.journal (id, ${originColumns}, received_at, owner, fingerprint, distil, claimed_by, claimed_until, meant_for)
		SELECT :id, ${originValues}, now, :owner, :fingerprint,
			CASE WHEN :distil THEN 'pending' END, CASE WHEN :distil THEN :owner END, CASE WHEN :distil THEN now + :claimTime END, :meantFor
		FROM {s}.now_ms() AS now
		ON CONFLICT (id) DO NOTHING`,
		{
			...originParameters(entry),
			id: entry.id,
			owner,
			fingerprint: fingerprint(entry.text),
			distil,
			claimTime,
			meantFor: destinations.chat ?? null,
		},
	);
}

/** Marks the save's text as a memory; a duplicate leaves nothing to distil. */
export async function closeSave(writer: Writer, id: string, duplicate: boolean): Promise<void> {
	await writer.all("UPDATE {s}.journal SET done_at = {s}.now_ms() WHERE id = :id AND done_at IS NULL", {
		id,
	});
	if (duplicate) await settleSave(writer, id, "done");
}

/** Ends distilling of the save. */
export async function settleSave(writer: Writer, id: string, outcome: "done" | "cancelled"): Promise<void> {
	await writer.all(
		`UPDATE {s}.journal SET distil = :outcome, claimed_by = NULL, problem = NULL
		WHERE id = :id AND distil IN ('pending', 'given-up')`,
		{ id, outcome },
	);
}
