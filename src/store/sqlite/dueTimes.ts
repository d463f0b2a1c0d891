import { claimTime } from "../processOwner.ts";
import type { Database } from "./database.ts";

/** Nothing is put off for longer, in ms. */
const longestDelay = 3_600_000;

/** Within a write: brings back within reach what a clock that was ahead has put off for months. */
export function pullInDueTimes(database: Database, now: number): void {
	const pullIn = (table: string, column: string, latest: number, condition = "true") =>
		database.run(`UPDATE ${table} SET ${column} = :latest WHERE ${column} > :latest AND ${condition}`, {
			latest,
		});
	pullIn("journal", "next_at", now + longestDelay, "distil = 'pending'");
	pullIn("journal", "claimed_until", now + claimTime, "distil = 'pending'");
	pullIn("journal", "received_at", now, "done_at IS NULL");
	pullIn("leases", "expires_at", now + longestDelay);
}
