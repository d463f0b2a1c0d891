import { fingerprint } from "../../text/fingerprint.ts";
import { toBlob, toFloats } from "../../vectors/blob.ts";
import {
	type CopiedRow,
	type CopiedValue,
	type Copying,
	copiedTables,
	inOrder,
	listOf,
	merge,
	type RowKind,
	readSpace,
	type SpaceColumns,
	spaceText,
	type Taken,
} from "../copying.ts";
import { type PlainRow, toPlain } from "../rows.ts";
import { type Database, nextRevision, type Parameters } from "./database.ts";
import { linkEntities } from "./entities.ts";
import { sign } from "./index/spaceIndex.ts";
import { indexWords } from "./keywords.ts";
import { dropFromIndexes, memoryAt } from "./memoryTable.ts";
import { addSpace, spaceId, storeVector } from "./vectors.ts";

type Value = Parameters[string];
type Row = Readonly<Record<string, Value>>;

/** Of the journal. */
const jsonColumns = new Set(["tried_with", "outcome"]);
const binaryColumns = new Set(["hash", "vector", "words"]);

export function sqliteCopying(database: Database): Copying {
	const take = (kind: RowKind, rows: readonly CopiedRow[], trial: boolean): Taken[] =>
		rows.map((row) => {
			const here = rowLike(database, kind, row);
			const merged = merge(kind, row, here && toCopied(database, kind, here));
			if (merged.row && !trial) write(database, kind, merged.row, here !== undefined);
			return merged.taken;
		});

	return {
		read: async (kind, limit, after) =>
			database.read(() => {
				const { table, order } = copiedTables[kind];
				const position = after === undefined ? undefined : (JSON.parse(after) as CopiedValue[]);
				const begin = position ? `WHERE (${order}) > (${order.map((name) => `:${name}`)})` : "";
				const rows = database.all<Row>(`SELECT * FROM ${table} ${begin} ORDER BY ${order} LIMIT :limit`, {
					...Object.fromEntries(
						order.flatMap((name, index) =>
							position ? [[name, toValue(name, position[index] ?? null)]] : [],
						),
					),
					limit,
				});
				const last = rows.length < limit ? undefined : rows.at(-1);
				return {
					rows: rows.map((row) => toCopied(database, kind, row)).filter(hasSoundVector),
					...(last ? { next: JSON.stringify(order.map((name) => fromValue(name, last[name] ?? null))) } : {}),
				};
			}),
		take: async (kind, rows, trial = false) =>
			trial ? database.read(() => take(kind, rows, true)) : database.write(() => take(kind, rows, false)),
		count: async (kind) => database.number(`SELECT count(*) AS n FROM ${copiedTables[kind].table}`),
	};
}

function rowLike(database: Database, kind: RowKind, row: CopiedRow): Row | undefined {
	const { table, key } = copiedTables[kind];
	const space = "space" in row ? spaceId(database, readSpace(row.space)) : undefined;
	if ("space" in row && space === undefined) return undefined;
	return database.get<Row>(
		`SELECT * FROM ${table} WHERE ${key.map((name) => `${name} = :${name}`).join(" AND ")}`,
		Object.fromEntries(
			key.map((name) => [name, name === "space" ? (space as number) : toValue(name, row[name] ?? null)]),
		),
	);
}

function toCopied(database: Database, kind: RowKind, row: Row): CopiedRow {
	const own: readonly string[] = copiedTables[kind].own;
	const copied: Record<string, CopiedValue> = {};
	for (const [name, value] of Object.entries(row))
		if (!own.includes(name))
			copied[name] = kind === "saves" && jsonColumns.has(name) ? parsed(value) : fromValue(name, value);
	if ("space" in row) copied.space = spaceOf(database, Number(row.space));
	if (kind === "memories") Object.assign(copied, partsOf(database, row));
	if (kind === "spaceUses") {
		const sql = "SELECT id FROM memories WHERE seq <= :since ORDER BY seq DESC LIMIT 1";
		copied.since_seq = database.get<{ id: string }>(sql, { since: row.since_seq as number })?.id ?? null;
	}
	if (kind === "saves") {
		// Earlier versions had none.
		copied.fingerprint ??= fingerprint(String(row.text));
		copied.outcome = outcomeAs(copied.outcome, (seq) => idOf(database, seq));
	}
	return copied;
}

function partsOf(database: Database, { id, seq }: Row) {
	const history = database.all<Row>("SELECT * FROM history WHERE memory_id = :id ORDER BY id", {
		id: id ?? null,
	});
	const vectors = database.all<Row>("SELECT space, vector, words FROM vectors WHERE seq = :seq", {
		seq: seq ?? null,
	});
	const entities = database.all<Row>(
		"SELECT e.text, e.type FROM entity_links l JOIN entities e ON e.id = l.entity WHERE l.seq = :seq ORDER BY e.name",
		{ seq: seq ?? null },
	);
	return {
		history: history.map(({ id: _, memory_id: __, ...entry }) => copiedOf(entry)),
		vectors: inOrder(
			vectors
				.map((row): CopiedRow => ({ ...copiedOf(row), space: spaceOf(database, Number(row.space)) }))
				.filter(hasSoundVector),
			"space",
		),
		entities: entities.map(copiedOf),
	};
}

function copiedOf(row: Row): CopiedRow {
	return Object.fromEntries(Object.entries(row).map(([name, value]) => [name, fromValue(name, value)]));
}

function write(database: Database, kind: RowKind, row: CopiedRow, isThere: boolean): void {
	if (kind === "memories") {
		writeMemory(database, row, isThere);
		return;
	}
	const values: Record<string, CopiedValue> = { ...row };
	if ("space" in row) values.space = addSpace(database, readSpace(row.space));
	if (kind === "spaceUses") values.since_seq = seqOf(database, row.since_seq) ?? 0;
	if (kind === "saves") values.outcome = outcomeAs(row.outcome, (id) => seqOf(database, id) ?? null);
	put(database, kind, values, isThere);
}

/** Inserts or updates those columns of a row that the table has. */
function put(database: Database, kind: RowKind, row: CopiedRow, isThere: boolean): void {
	const { table, key } = copiedTables[kind];
	const known = new Set(columnsOf(database, table));
	const names = Object.keys(row).filter((name) => known.has(name));
	const values = Object.fromEntries(names.map((name) => [name, toValue(name, row[name] ?? null)]));
	const isKey = key.map((name) => `${name} = :${name}`).join(" AND ");
	database.run(
		isThere
			? `UPDATE ${table} SET ${names.map((name) => `${name} = :${name}`)} WHERE ${isKey}`
			: `INSERT INTO ${table} (${names}) VALUES (${names.map((name) => `:${name}`)}) ON CONFLICT DO NOTHING`,
		values,
	);
}

function columnsOf(database: Database, table: string): readonly string[] {
	const sql = "SELECT name FROM pragma_table_info(:table)";
	return database.all<{ name: string }>(sql, { table }).map(({ name }) => name);
}

function writeMemory(database: Database, row: CopiedRow, isThere: boolean): void {
	const { history, vectors, entities, ...columns } = row;
	if (isThere) {
		dropFromIndexes(database, seqOf(database, row.id) as number);
		database.run("DELETE FROM history WHERE memory_id = :id", { id: String(row.id) });
	}
	put(database, "memories", { ...columns, revision: nextRevision(database) }, isThere);
	const seq = seqOf(database, row.id) as number;
	const historyColumns = new Set(columnsOf(database, "history"));
	for (const entry of listOf(history)) {
		const values = { ...entry, memory_id: row.id ?? null };
		const names = Object.keys(values).filter((name) => historyColumns.has(name));
		database.run(
			`INSERT INTO history (${names}) VALUES (${names.map((name) => `:${name}`)})`,
			Object.fromEntries(names.map((name) => [name, toValue(name, (values as CopiedRow)[name] ?? null)])),
		);
	}
	if (row.deleted_at !== null) return;
	indexWords(database, seq, toPlain(row as unknown as PlainRow));
	for (const { space, vector, words } of listOf(vectors)) {
		const id = addSpace(database, readSpace(space));
		const blob = toValue("vector", vector ?? null) as Uint8Array | null;
		storeVector(database, id, seq, blob, toValue("words", words ?? null) as Uint8Array | null);
		if (blob) sign(database, id, seq, toFloats(blob));
	}
	linkEntities(
		database,
		memoryAt(database, seq),
		listOf(entities).map(({ text, type }) => ({ text: String(text), type: String(type) })),
	);
}

function seqOf(database: Database, id: CopiedValue | undefined): number | undefined {
	return database.get<{ seq: number }>("SELECT seq FROM memories WHERE id = :id", { id: id as string | null })
		?.seq;
}

function idOf(database: Database, seq: CopiedValue): string | null {
	return (
		database.get<{ id: string }>("SELECT id FROM memories WHERE seq = :seq", { seq: Number(seq) })?.id ?? null
	);
}

/** What became of a save, `[[memory, fingerprint], …]`, with other names of the memories. */
function outcomeAs(
	outcome: CopiedValue | undefined,
	name: (memory: CopiedValue) => CopiedValue,
): CopiedValue {
	if (!Array.isArray(outcome)) return null;
	return outcome.map(([memory, print]: [CopiedValue, CopiedValue]) => [name(memory), print]);
}

function spaceOf(database: Database, id: number): string {
	const sql = "SELECT provider, origin, model, dimensions, prefixes FROM spaces WHERE id = :id";
	return spaceText(database.get<SpaceColumns>(sql, { id }) as SpaceColumns);
}

/** Other databases refuse one that is not as wide as its space, or holds what is no number. The text is embedded again. */
function hasSoundVector({ space, vector }: CopiedRow): boolean {
	if (typeof vector !== "string" || space === undefined) return true;
	const values = toFloats(toValue("vector", vector) as Uint8Array);
	return values.length === readSpace(space).dimensions && values.every(Number.isFinite);
}

function parsed(json: Value): CopiedValue {
	return typeof json === "string" ? (JSON.parse(json) as CopiedValue) : null;
}

function fromValue(name: string, value: Value): CopiedValue {
	if (value === null || value === undefined) return null;
	// No other database knows a zero with a sign.
	if (name === "vector" && value instanceof Uint8Array)
		return Buffer.from(toBlob(toFloats(value).map((each) => each + 0))).toString("base64");
	if (value instanceof Uint8Array) return Buffer.from(value).toString("base64");
	// No other database takes it.
	if (typeof value === "string") return value.replaceAll("\0", "\ufffd");
	return Number(value);
}

function toValue(name: string, value: CopiedValue): Value {
	if (value === null || typeof value === "number") return value;
	if (binaryColumns.has(name)) return Uint8Array.from(Buffer.from(String(value), "base64"));
	return typeof value === "string" ? value : JSON.stringify(value);
}
