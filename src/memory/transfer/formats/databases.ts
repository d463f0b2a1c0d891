import type { ForeignDatabase, ForeignRow } from "../../../store/stores.ts";
import { InputError } from "../../errors.ts";

/** A memory in another program's database, as a record that `readRecord` takes. */
export interface DatabaseRecord {
	/** The number of its row, counted from 1. */
	readonly row: number;
	readonly record: Readonly<Record<string, unknown>>;
}

export interface DatabaseFormat {
	readonly id: string;
	readonly isFormat: (database: ForeignDatabase) => boolean;
	readonly records: (database: ForeignDatabase) => Iterable<DatabaseRecord>;
}

const has = ({ tables }: ForeignDatabase, table: string, ...columns: readonly string[]) =>
	columns.every((column) => tables.get(table)?.includes(column));

/** mem0's vector store in TypeScript: `~/.mem0/vector_store.db`. */
const mem0Vectors: DatabaseFormat = {
	id: "mem0",
	isFormat: (database) => has(database, "vectors", "id", "payload"),
	*records(database) {
		for (const [row, { id, payload }] of numbered(database.rows("vectors"))) {
			const { data, hash, textLemmatized: _, text_lemmatized: __, ...rest } = objectIn(payload) ?? {};
			yield { row, record: { ...camelToSnake(rest), id, memory: data, hash } };
		}
	},
};

/** mem0's history, which has the last text of each memory: of Python (`history.db`) and of TypeScript (`memory.db`). */
const mem0History: DatabaseFormat = {
	id: "mem0",
	isFormat: (database) =>
		has(database, "history", "memory_id", "new_memory", "event") ||
		has(database, "memory_history", "memory_id", "new_value", "action"),
	*records(database) {
		const isPython = has(database, "history", "memory_id", "new_memory", "event");
		const last = new Map<string, { row: number; event: unknown; record: Record<string, unknown> }>();
		for (const [row, each] of numbered(database.rows(isPython ? "history" : "memory_history"))) {
			const id = String(each.memory_id);
			const known = last.get(id)?.record;
			const event = isPython ? each.event : each.action;
			const { actor_id, role } = each;
			last.set(id, {
				row,
				event,
				record: {
					...(actor_id ? { actor_id } : {}),
					...(role ? { role } : {}),
					id,
					memory: isPython ? each.new_memory : each.new_value,
					created_at: known?.created_at ?? each.created_at ?? each.updated_at,
					...(each.updated_at ? { updated_at: each.updated_at } : {}),
					is_deleted: each.is_deleted,
				},
			});
		}
		for (const { row, event, record } of last.values())
			yield { row, record: { ...record, is_deleted: event === "DELETE" || record.is_deleted === 1 } };
	},
};

/** mcp-memory-service: `sqlite_vec.db`. */
const memoryService: DatabaseFormat = {
	id: "mcp-memory-service",
	isFormat: (database) => has(database, "memories", "content_hash", "content"),
	*records(database) {
		for (const [row, each] of numbered(database.rows("memories"))) {
			const { content_hash, content, tags, memory_type, metadata, created_at, created_at_iso, deleted_at } =
				each;
			const list = String(tags ?? "")
				.split(",")
				.flatMap((tag) => tag.trim() || []);
			const created = created_at ?? created_at_iso;
			yield {
				row,
				record: {
					content_hash,
					content,
					...(list.length > 0 ? { tags: list } : {}),
					...(memory_type ? { memory_type } : {}),
					...(created === null ? {} : { created_at: created }),
					...(objectIn(metadata) ? { metadata: objectIn(metadata) } : {}),
					...(deleted_at ? { deleted_at } : {}),
				},
			};
		}
	},
};

const formats: readonly DatabaseFormat[] = [memoryService, mem0Vectors, mem0History];

/** @throws InputError for a database of another program, or of ours. */
export function databaseFormat(database: ForeignDatabase): DatabaseFormat {
	const known = formats.find(({ isFormat }) => isFormat(database));
	if (known) return known;
	throw new InputError(
		"file",
		has(database, "journal", "text", "fingerprint")
			? "it is a database of MCP Mem0. To copy what this memory lacks: mcp-mem0 rescue FILE."
			: "it is an SQLite database of a program that is not known here. Export its memories there, and import that file.",
	);
}

function* numbered(rows: Iterable<ForeignRow>): Iterable<readonly [row: number, each: ForeignRow]> {
	let row = 0;
	for (const each of rows) {
		row += 1;
		yield [row, each];
	}
}

function objectIn(json: unknown): Readonly<Record<string, unknown>> | undefined {
	if (typeof json !== "string") return undefined;
	try {
		const value: unknown = JSON.parse(json);
		if (typeof value === "object" && value !== null && !Array.isArray(value)) return { ...value };
	} catch {
		// The memory is kept without it.
	}
	return undefined;
}

function camelToSnake({ userId, agentId, runId, ...rest }: Readonly<Record<string, unknown>>) {
	return {
		...rest,
		...(userId ? { user_id: userId } : {}),
		...(agentId ? { agent_id: agentId } : {}),
		...(runId ? { run_id: runId } : {}),
	};
}
