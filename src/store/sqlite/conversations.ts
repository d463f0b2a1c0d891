import type { Filter, StoredMemory } from "../types.ts";
import type { Database } from "./database.ts";
import { filterCondition, filterParameters, type MemoryRow, memoryColumns, toMemory } from "./rows.ts";

interface LinkRow {
	readonly seq: number;
	readonly before: number | null;
	readonly after: number | null;
}

/** A memory's neighbour in its conversation, in the order of time; `OTHER` and `ORDER` say in which direction. */
const neighbour = (other: "<" | ">", order: "DESC" | "ASC") => `(
	SELECT n.seq FROM memories n
	WHERE n.conversation_id = m.conversation_id AND n.user_id = m.user_id AND (n.created_at, n.seq) ${other} (m.created_at, m.seq) AND n.deleted_at IS NULL
	ORDER BY n.created_at ${order}, n.seq ${order} LIMIT 1
)`;

/** What was remembered just before and after, in the same conversations. */
export interface Neighbours {
	/** By `seq`, the `seq` of the memory before it. */
	readonly before: ReadonlyMap<number, number>;
	/** Those of them that were not asked about, and that the filter lets through. */
	readonly memories: readonly StoredMemory[];
}

export function neighboursOf(database: Database, found: readonly StoredMemory[], filter: Filter): Neighbours {
	const seqs = found.filter(({ conversationId }) => conversationId !== undefined).map(({ seq }) => seq);
	if (seqs.length === 0) return { before: new Map(), memories: [] };
	const links = database.all<LinkRow>(
		`SELECT m.seq, ${neighbour("<", "DESC")} AS before, ${neighbour(">", "ASC")} AS after
		FROM memories m WHERE m.seq IN (SELECT value FROM json_each(:seqs))`,
		{ seqs: JSON.stringify(seqs) },
	);
	const before = new Map<number, number>();
	for (const link of links) {
		if (link.before !== null) before.set(link.seq, link.before);
		if (link.after !== null) before.set(link.after, link.seq);
	}
	const known = new Set(seqs);
	const others = [...new Set([...before].flat())].filter((seq) => !known.has(seq));
	if (others.length === 0) return { before, memories: [] };
	const memories = database
		.all<MemoryRow>(
			`SELECT ${memoryColumns} FROM memories m WHERE m.seq IN (SELECT value FROM json_each(:seqs)) AND ${filterCondition}`,
			{ ...filterParameters(filter), seqs: JSON.stringify(others) },
		)
		.map(toMemory);
	return { before, memories };
}
