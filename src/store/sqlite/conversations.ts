import type { Conversations, Filter, Neighbourhood, StoredMemory } from "../memoryStore.ts";
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
	WHERE n.conversation_id = m.conversation_id AND (n.created_at, n.seq) ${other} (m.created_at, m.seq) AND n.deleted_at IS NULL
	ORDER BY n.created_at ${order}, n.seq ${order} LIMIT 1
)`;

export class SqliteConversations implements Conversations {
	readonly #database: Database;

	constructor(database: Database) {
		this.#database = database;
	}

	around(found: readonly StoredMemory[], filter: Filter): Neighbourhood {
		const seqs = found.filter(({ conversationId }) => conversationId !== undefined).map(({ seq }) => seq);
		if (seqs.length === 0) return { before: new Map(), memories: [] };
		const links = this.#database.all<LinkRow>(
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
		const memories = this.#database
			.all<MemoryRow>(
				`SELECT ${memoryColumns} FROM memories m WHERE m.seq IN (SELECT value FROM json_each(:seqs)) AND ${filterCondition}`,
				{ ...filterParameters(filter), seqs: JSON.stringify(others) },
			)
			.map(toMemory);
		return { before, memories };
	}
}
