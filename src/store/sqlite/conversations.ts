import type { Candidates, Filter, StoredMemory } from "../types.ts";
import type { Database } from "./database.ts";
import { filterCondition, filterParameters, selectMemories } from "./rows.ts";

/** The memory just before or after another in its conversation, by time. */
const neighbour = (comparison: "<" | ">", order: "DESC" | "ASC") => `(
	SELECT n.seq FROM memories n
	WHERE n.conversation_id = m.conversation_id AND n.user_id = m.user_id AND (n.created_at, n.seq) ${comparison} (m.created_at, m.seq) AND n.deleted_at IS NULL
	ORDER BY n.created_at ${order}, n.seq ${order} LIMIT 1
)`;

/**
 * The memories just before and after some others in their conversations.
 * @returns `before`: maps a memory's `seq` to that of the memory before it; `memories`: the neighbours that match the
 * filter and were not among the given memories.
 */
export function neighboursOf(
	database: Database,
	found: readonly StoredMemory[],
	filter: Filter,
): Pick<Candidates, "before" | "memories"> {
	const seqs = found.filter(({ conversationId }) => conversationId !== undefined).map(({ seq }) => seq);
	if (seqs.length === 0) return { before: new Map(), memories: [] };
	const links = database.all<{ seq: number; before: number | null; after: number | null }>(
		`SELECT m.seq, ${neighbour("<", "DESC")} AS before, ${neighbour(">", "ASC")} AS after
		FROM memories m WHERE m.seq IN (SELECT value FROM json_each(:seqs))`,
		{ seqs: JSON.stringify(seqs) },
	);
	const before = new Map<number, number>();
	for (const link of links) {
		if (link.before !== null) before.set(link.seq, link.before);
		if (link.after !== null) before.set(link.after, link.seq);
	}
	const given = new Set(seqs);
	const others = [...new Set([...before].flat())].filter((seq) => !given.has(seq));
	if (others.length === 0) return { before, memories: [] };
	const memories = selectMemories(
		database,
		`FROM memories m WHERE m.seq IN (SELECT value FROM json_each(:seqs)) AND ${filterCondition(filter)}`,
		{ ...filterParameters(filter), seqs: JSON.stringify(others) },
	);
	return { before, memories };
}
