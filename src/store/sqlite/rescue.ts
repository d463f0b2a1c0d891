import { DatabaseSync } from "node:sqlite";
import { toFloats } from "../../vectors/blob.ts";
import { StoreError } from "../errors.ts";
import { toJournalEntry } from "../rows.ts";
import { type Database, nextRevision, type Parameters as SqlParameters, type TakeAlong } from "./database.ts";
import { sign } from "./index/spaceIndex.ts";
import { indexWords } from "./keywords.ts";
import { dropFromIndexes } from "./memoryTable.ts";
import { addNotice } from "./notices.ts";
import { type Row, readableRows } from "./readableRows.ts";
import type { MemoryColumns } from "./rows.ts";
import { insertSpace, storeVector } from "./vectors.ts";

/** Rows that are copied in one transaction: a few milliseconds. */
const batchSize = 100;

/**
 * Copies what the database lacks from another file: saves, memories, vectors and history; and leaves a notice.
 * @param also copies what only some databases have.
 */
export const takeAlong = async (
	...[database, write, from, also]: [...Parameters<TakeAlong>, also?: (source: DatabaseSync) => Promise<void>]
): Promise<void> => {
	const source = typeof from === "string" ? tryOpen(from) : from;
	const copied = { saves: 0, memories: 0, lost: 0 };
	try {
		if (source) await copyAll(database, write, source, copied);
		if (source) await also?.(source);
	} finally {
		if (source !== from) source?.close();
	}
	const notice = noticeOf(database.path, from, copied);
	await write(() => addNotice(database, notice));
};

/** Numbers of rows. */
interface Copied {
	saves: number;
	memories: number;
	/** Read, but not fit to be stored. */
	lost: number;
}

function noticeOf(path: string, from: DatabaseSync | string, { saves, memories, lost }: Copied): string {
	if (typeof from !== "string")
		return `The memory database ${path} was removed, renamed or replaced while it was in use. What the file that has its name now lacked was copied into it. To remove or replace it, first close the programs that use it.`;
	const unfit = lost > 0 ? ` ${lost} damaged entries could not be copied.` : "";
	return `The memory database was damaged. It was set aside, not deleted, as ${from}, and a new one was started. ${memories} memories and ${saves} saved texts were still readable and were copied into it.${unfit}`;
}

function tryOpen(path: string): DatabaseSync | undefined {
	const source = new DatabaseSync(path);
	try {
		source.prepare("SELECT count(*) FROM sqlite_schema").get();
		return source;
	} catch {
		// Not one page of it can be read: it is no database.
		source.close();
		return undefined;
	}
}

async function copyAll(
	database: Database,
	write: <T>(body: () => T) => Promise<T>,
	source: DatabaseSync,
	copied: Copied,
): Promise<void> {
	const copy = async (table: string, copyRow: (row: Row) => void) => {
		const batch: Row[] = [];
		const store = () =>
			write(() => {
				for (const row of batch.splice(0))
					try {
						copyRow(row);
					} catch (error) {
						// A damaged value may be of the wrong type, or NULL where none may be.
						if (error instanceof StoreError && error.kind !== "failed") throw error;
						copied.lost += 1;
					}
			});
		for (const row of readableRows(source, table)) {
			batch.push(row);
			if (batch.length >= batchSize) await store();
		}
		await store();
	};
	/** The new `seq` by the old one, of the memories whose texts are copied. */
	const seqs = new Map<unknown, number>();
	const lastChange = lastChangeIn(source);
	await copy("journal", (row) => {
		copied.saves += copyRow(database, "journal", { ...row, outcome: null }, settledSave);
	});
	await copy("memories", (row) => {
		const seq = copyMemory(database, row as unknown as MemoryColumns & Row, lastChange);
		if (seq === undefined) return;
		seqs.set(row.seq, seq);
		if (row.deleted_at === null) copied.memories += 1;
	});
	await copy("candidates", ({ seq: _, ...row }) => copyRow(database, "candidates", row));
	await copy("users", (row) => copyRow(database, "users", row));
	const spaces = new Map([...readableRows(source, "spaces")].map((row) => [row.id, row]));
	await copy("vectors", (row) => copyVector(database, row, spaces.get(row.space ?? null), seqs));
	await copy("history", ({ id: _, ...row }) => {
		const known = "SELECT count(*) AS n FROM history WHERE memory_id = :id AND event = :event AND at = :at";
		const { memory_id: id, event, at } = row as Record<string, string | number>;
		if (database.number(known, { id, event, at } as SqlParameters) === 0) copyRow(database, "history", row);
	});
}

/** What has been distilled, or must not be, stays so. */
const settledSave = `(id) DO UPDATE SET distil = excluded.distil, done_at = excluded.done_at, claimed_by = NULL
	WHERE journal.distil = 'pending' AND excluded.distil IN ('done', 'cancelled')`;

/** Within a write: inserts those columns of a row that the table has. @returns how many rows were inserted or updated. */
function copyRow(database: Database, table: string, row: Row, conflict = "DO NOTHING"): number {
	const sql = "SELECT name FROM pragma_table_info(:table)";
	const columns = database.all<{ name: string }>(sql, { table }).map(({ name }) => name);
	const names = columns.filter((name) => name in row);
	const { changes } = database.run(
		`INSERT INTO ${table} (${names}) VALUES (${names.map((name) => `:${name}`)}) ON CONFLICT ${conflict}`,
		Object.fromEntries(names.map((name) => [name, row[name] ?? null])),
	);
	return Number(changes);
}

/** Within a write: copies a memory that is missing here, or was changed or deleted there later. @returns its new `seq`. */
function copyMemory(
	database: Database,
	{ row: _, ...row }: MemoryColumns & Row,
	lastChange: (id: string) => number,
): number | undefined {
	const known = database.get<{ seq: number; changed: number }>(
		"SELECT seq, (SELECT coalesce(max(at), 0) FROM history WHERE memory_id = :id) AS changed FROM memories WHERE id = :id",
		{ id: row.id },
	);
	if (known && known.changed >= lastChange(row.id)) return undefined;
	// Before anything is stored: this fails if its metadata is damaged.
	const memory = toJournalEntry(row);
	const isAlive = row.deleted_at === null ? 1 : 0;
	const changed = { ...row, revision: nextRevision(database), unlinked: isAlive };
	if (known) {
		dropFromIndexes(database, known.seq);
		database.run(
			`UPDATE memories SET text = :text, fingerprint = :fingerprint, updated_at = :updated, deleted_at = :deleted,
			revision = :revision, unlinked = :unlinked, scope = :scope, project_id = :project, project_name = :projectName,
			metadata = :metadata, pinned = :pinned, expires_at = :expires, superseded_by = :supersededBy,
			visibility = :visibility WHERE seq = :seq`,
			{
				scope: row.scope,
				project: row.project_id,
				projectName: row.project_name,
				metadata: row.metadata,
				pinned: row.pinned ?? 0,
				expires: row.expires_at ?? null,
				supersededBy: row.superseded_by ?? null,
				visibility: row.visibility ?? "private",
				seq: known.seq,
				text: row.text,
				fingerprint: row.fingerprint as string,
				updated: row.updated_at,
				deleted: row.deleted_at as number | null,
				revision: changed.revision,
				unlinked: isAlive,
			},
		);
	} else {
		// Its vectors follow, and their spaces have other numbers here.
		const { seq: __, spaces: ___, ...columns }: MemoryColumns & Row = changed;
		copyRow(database, "memories", columns);
	}
	const sql = "SELECT seq AS n FROM memories WHERE id = :id";
	const seq = known?.seq ?? database.number(sql, { id: row.id });
	if (isAlive) indexWords(database, seq, memory);
	return seq;
}

/** When a memory was last changed, by its history; 0 if that cannot be read. */
function lastChangeIn(source: DatabaseSync): (id: string) => number {
	try {
		const select = source.prepare("SELECT max(at) AS n FROM history WHERE memory_id = :id");
		return (id) => {
			try {
				return Number(select.get({ id })?.n ?? 0);
			} catch {
				return 0;
			}
		};
	} catch {
		return () => 0;
	}
}

/** Within a write. */
function copyVector(
	database: Database,
	{ seq: oldSeq, vector, words }: Row,
	space: Row | undefined,
	seqs: ReadonlyMap<unknown, number>,
): void {
	const seq = seqs.get(oldSeq);
	if (seq === undefined || !space) return;
	const memory = "SELECT user_id AS user FROM memories WHERE seq = :seq AND deleted_at IS NULL";
	const owner = database.get<{ user: string }>(memory, { seq });
	if (!owner) return;
	const { provider, origin, model, dimensions, prefixes } = space as Record<string, string | number>;
	const id = insertSpace(database, owner.user, {
		provider: String(provider),
		origin: String(origin),
		model: String(model),
		dimensions: Number(dimensions),
		...(prefixes ? { prefixes: String(prefixes) } : {}),
	});
	const values = vector instanceof Uint8Array ? toFloats(vector) : undefined;
	if (values && values.length !== dimensions) return;
	storeVector(database, id, seq, asBytes(vector), asBytes(words));
	if (values) sign(database, id, seq, values);
}

function asBytes(value: Row[string] | undefined): Uint8Array | null {
	return value instanceof Uint8Array ? value : null;
}
