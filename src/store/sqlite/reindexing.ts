import type { Database } from "./database.ts";
import { dropWords, indexWords } from "./keywords.ts";
import { selectMemories } from "./rows.ts";

/** Memories indexed in one transaction; few, so that the thread is not held up. */
const batch = 100;

/** A counter: the greatest `seq` whose words are in the index as an earlier version split texts into words. */
const wordsLeft = "words-left";

/** Indexes the words of a few memories anew, the newest first. @returns whether any are left. */
export async function reindexSome(database: Database): Promise<boolean> {
	const left = () =>
		database.number("SELECT coalesce(max(value), 0) AS n FROM counters WHERE name = :wordsLeft", {
			wordsLeft,
		});
	if (left() === 0) return false;
	return database.write(() => {
		const memories = selectMemories(
			database,
			"FROM memories m WHERE m.seq <= :left AND m.deleted_at IS NULL ORDER BY m.seq DESC LIMIT :batch",
			{ left: left(), batch },
		);
		for (const memory of memories) {
			dropWords(database, memory.seq);
			indexWords(database, memory.seq, memory);
		}
		const next = memories.length < batch ? 0 : (memories.at(-1)?.seq ?? 1) - 1;
		database.run("UPDATE counters SET value = :next WHERE name = :wordsLeft", { next, wordsLeft });
		return next > 0;
	});
}
