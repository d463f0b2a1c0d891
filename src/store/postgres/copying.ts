import { toBlob, toFloats } from "../../vectors/blob.ts";
import {
	type CopiedRow,
	type CopiedValue,
	type Copying,
	copiedTables,
	inOrder,
	listOf,
	type Merged,
	merge,
	type RowKind,
	readSpace,
	type SpaceColumns,
	spaceText,
} from "../copying.ts";
import { type PlainRow, toPlain } from "../rows.ts";
import type { Database, Reader, Writer } from "./database.ts";
import { linkEntities } from "./entities.ts";
import type { MemoryRow } from "./rows.ts";
import { fromVectorText, toVectorText } from "./sql.ts";
import { addSpace, spaceId } from "./vectors.ts";
import { termsOf } from "./words.ts";

type Row = Readonly<Record<string, unknown>>;

/** Of pgvector. */
const mostDimensions = 16_000;
const binaryColumns = new Set(["hash", "words"]);

export function postgresCopying(database: Database): Copying {
	return {
		async read(kind, limit, after) {
			const { table, order } = copiedTables[kind];
			const position = after === undefined ? undefined : (JSON.parse(after) as CopiedValue[]);
			const columns = order.map((name) => `t.${name}`);
			// With the types of the columns, whatever they are.
			const begin = position
				? `WHERE (${columns}) > (SELECT ${order} FROM json_populate_record(NULL::{s}.${table}, :position::json))`
				: "";
			const rows = await database.all<Row>(
				`SELECT t.* FROM {s}.${table} t ${begin} ORDER BY ${columns} LIMIT :limit`,
				{
					limit,
					...(position
						? { position: asJson(Object.fromEntries(order.map((name, at) => [name, position[at] ?? null]))) }
						: {}),
				},
			);
			const last = rows.length < limit ? undefined : rows.at(-1);
			return {
				rows: await toCopied(database, kind, rows),
				...(last ? { next: JSON.stringify(order.map((name) => fromValue(name, last[name]))) } : {}),
			};
		},

		async take(kind, all, trial = false) {
			if (all.length === 0) return [];
			const rows = all.map(withFittingVectors);
			if (trial) return (await decide(database, kind, rows, false)).map(({ taken }) => taken);
			const locks = kind === "memories" ? rows.map(({ id }) => `id ${String(id)}`) : [kind];
			return database.write(async (writer) => {
				const decided = await decide(writer, kind, rows, true);
				const written = decided.flatMap(({ taken, row }) => (row ? [{ taken, row }] : []));
				if (kind === "memories") await writeMemories(writer, written);
				else await writePlain(writer, kind, written);
				return decided.map(({ taken }) => taken);
			}, locks);
		},

		count: (kind) => database.number(`SELECT count(*) AS n FROM {s}.${copiedTables[kind].table}`),
	};
}

/** The text is embedded again. */
function withFittingVectors(row: CopiedRow): CopiedRow {
	if (!("vectors" in row)) return row;
	const fits = ({ space }: CopiedRow) => readSpace(space).dimensions <= mostDimensions;
	return { ...row, vectors: listOf(row.vectors).filter(fits) };
}

/** @param locked nobody else changes the rows before the transaction ends. */
async function decide(
	reader: Reader,
	kind: RowKind,
	rows: readonly CopiedRow[],
	locked: boolean,
): Promise<Merged[]> {
	const { table, key } = copiedTables[kind];
	const wanted: CopiedRow[] = [];
	for (const row of rows) {
		const space = "space" in row ? await spaceId(reader, readSpace(row.space)) : undefined;
		if ("space" in row && space === undefined) continue;
		wanted.push(
			Object.fromEntries(key.map((name) => [name, name === "space" ? (space ?? null) : (row[name] ?? null)])),
		);
	}
	const found = await reader.all<Row>(
		`SELECT t.* FROM {s}.${table} t JOIN json_populate_recordset(NULL::{s}.${table}, :keys::json) k
		ON ${key.map((name) => `t.${name} = k.${name}`).join(" AND ")} ${locked ? "FOR UPDATE OF t" : ""}`,
		{ keys: asJson(wanted) },
	);
	const keyOf = (row: CopiedRow) => JSON.stringify(key.map((name) => row[name] ?? null));
	const here = new Map((await toCopied(reader, kind, found)).map((row) => [keyOf(row), row]));
	return rows.map((row) => {
		if (kind === "keptVectors" && readSpace(row.space).dimensions > mostDimensions) return { taken: "same" };
		return merge(kind, row, here.get(keyOf(row)));
	});
}

async function toCopied(reader: Reader, kind: RowKind, rows: readonly Row[]): Promise<readonly CopiedRow[]> {
	const own: readonly string[] = copiedTables[kind].own;
	const copied = rows.map((row): Record<string, CopiedValue> => {
		const columns = Object.entries(row).filter(([name]) => !own.includes(name));
		return Object.fromEntries(columns.map(([name, value]) => [name, fromValue(name, value)]));
	});
	if (kind === "memories") return withParts(reader, copied, rows);
	if (kind === "spaceUses" || kind === "keptVectors") {
		const spaces = await spacesOf(reader);
		for (const row of copied) row.space = spaces.get(Number(row.space)) ?? null;
	}
	if (kind === "spaceUses")
		for (const row of copied) {
			const sql = "SELECT id FROM {s}.memories WHERE seq <= :since::bigint ORDER BY seq DESC LIMIT 1";
			row.since_seq = (await reader.get<{ id: string }>(sql, { since: row.since_seq }))?.id ?? null;
		}
	if (kind === "saves") {
		const seqs = copied.flatMap(({ outcome }) => memoriesIn(outcome)).map(Number);
		const ids = await reader.all<{ id: string; seq: number }>(
			"SELECT id, seq FROM {s}.memories WHERE seq = ANY (:seqs::bigint[])",
			{ seqs },
		);
		const bySeq = new Map<CopiedValue, string>(ids.map(({ id, seq }) => [Number(seq), id]));
		for (const row of copied) row.outcome = outcomeAs(row.outcome, (seq) => bySeq.get(Number(seq)) ?? null);
	}
	return copied;
}

async function withParts(reader: Reader, copied: Record<string, CopiedValue>[], rows: readonly Row[]) {
	const ids = rows.map(({ id }) => id);
	const seqs = rows.map(({ seq }) => seq);
	const history = await reader.all<Row>(
		"SELECT * FROM {s}.history WHERE memory_id = ANY (:ids::text[]) ORDER BY id",
		{ ids },
	);
	const vectors = await reader.all<Row>(
		"SELECT seq, space, vector::text AS vector, words FROM {s}.vectors WHERE seq = ANY (:seqs::bigint[])",
		{ seqs },
	);
	const entities = await reader.all<Row>(
		`SELECT l.seq, e.text, e.type FROM {s}.entity_links l JOIN {s}.entities e ON e.id = l.entity
		WHERE l.seq = ANY (:seqs::bigint[]) ORDER BY e.name`,
		{ seqs },
	);
	const spaces = vectors.length === 0 ? new Map() : await spacesOf(reader);
	const historyOf = Map.groupBy(history, ({ memory_id }) => memory_id);
	const vectorsOf = Map.groupBy(vectors, ({ seq }) => seq);
	const entitiesOf = Map.groupBy(entities, ({ seq }) => seq);
	return copied.map((row, index): CopiedRow => {
		const seq = seqs[index];
		const own = (vectorsOf.get(seq) ?? []).map(({ seq: _, ...vector }) => ({
			...copiedOf(vector),
			space: spaces.get(Number(vector.space)) ?? null,
		}));
		return {
			...row,
			history: (historyOf.get(row.id) ?? []).map(({ id: _, memory_id: __, ...entry }) => copiedOf(entry)),
			vectors: inOrder(own, "space"),
			entities: (entitiesOf.get(seq) ?? []).map(({ seq: _, ...entity }) => copiedOf(entity)),
		};
	});
}

function copiedOf(row: Row): CopiedRow {
	return Object.fromEntries(Object.entries(row).map(([name, value]) => [name, fromValue(name, value)]));
}

async function spacesOf(reader: Reader): Promise<Map<number, string>> {
	const rows = await reader.all<SpaceColumns & { readonly id: number }>("SELECT * FROM {s}.spaces");
	return new Map(rows.map((row) => [row.id, spaceText(row)]));
}

type Written = { readonly taken: Merged["taken"]; readonly row: CopiedRow };

async function writePlain(writer: Writer, kind: RowKind, written: readonly Written[]): Promise<void> {
	const ids = written.flatMap(({ row }) =>
		kind === "saves" ? memoriesIn(row.outcome) : kind === "spaceUses" ? [row.since_seq ?? null] : [],
	);
	const seqs = await seqsOf(writer, ids);
	const ready: Written[] = [];
	for (const { taken, row } of written) {
		const values: Record<string, CopiedValue> = { ...row };
		if ("space" in row) values.space = await addSpace(writer, readSpace(row.space));
		if (kind === "spaceUses") values.since_seq = seqs.get(String(row.since_seq)) ?? 0;
		if (kind === "saves") values.outcome = outcomeAs(row.outcome, (id) => seqs.get(String(id)) ?? null);
		ready.push({ taken, row: values });
	}
	await put(writer, kind, ready);
}

/** Inserts or updates those columns of the rows that the table has. */
async function put(writer: Writer, kind: RowKind, written: readonly Written[]): Promise<void> {
	const { table, key } = copiedTables[kind];
	const rowsOf = (taken: Merged["taken"]) =>
		written.filter((each) => each.taken === taken).map(({ row }) => row);
	const [first] = written;
	if (!first) return;
	const columns = await columnsOf(writer, table, first.row);
	const from = `FROM json_populate_recordset(NULL::{s}.${table}, :rows::json)`;
	const added = rowsOf("added");
	if (added.length > 0)
		await writer.all(
			`INSERT INTO {s}.${table} (${columns}) SELECT ${columns} ${from} WITH ORDINALITY ORDER BY ordinality ON CONFLICT DO NOTHING`,
			{ rows: asJson(added) },
		);
	const updated = rowsOf("updated");
	if (updated.length > 0)
		await writer.all(
			`UPDATE {s}.${table} t SET ${columns.map((name) => `${name} = r.${name}`)} ${from} r
			WHERE ${key.map((name) => `t.${name} = r.${name}`).join(" AND ")}`,
			{ rows: asJson(updated) },
		);
}

async function columnsOf(writer: Writer, table: string, row: CopiedRow): Promise<readonly string[]> {
	const columns = await writer.all<{ name: string }>(
		`SELECT attname AS name FROM pg_attribute WHERE attrelid = '{s}.${table}'::regclass AND attnum > 0 AND NOT attisdropped`,
	);
	return columns.map(({ name }) => name).filter((name) => name in row);
}

async function writeMemories(writer: Writer, written: readonly Written[]): Promise<void> {
	if (written.length === 0) return;
	const plain = written.map(({ taken, row: { history, vectors, entities, ...row } }) => ({ taken, row }));
	await put(writer, "memories", plain);
	const seqs = await seqsOf(
		writer,
		written.map(({ row }) => row.id ?? null),
	);
	const updated = written.filter(({ taken }) => taken === "updated").map(({ row }) => String(row.id));
	await dropParts(
		writer,
		updated,
		updated.map((id) => seqs.get(id) as number),
	);
	const entries = written.flatMap(({ row }) =>
		listOf(row.history).map((entry) => ({ ...entry, memory_id: row.id ?? null })),
	);
	const [entry] = entries;
	if (entry) {
		const columns = await columnsOf(writer, "history", entry);
		await writer.all(
			`INSERT INTO {s}.history (${columns}) SELECT ${columns}
			FROM json_populate_recordset(NULL::{s}.history, :entries::json) WITH ORDINALITY ORDER BY ordinality`,
			{ entries: asJson(entries) },
		);
	}
	const alive = written.filter(({ row }) => row.deleted_at === null).map(({ row }) => row);
	const seqOf = (row: CopiedRow) => seqs.get(String(row.id)) as number;
	await writer.all(
		"INSERT INTO {s}.words (seq, terms) SELECT seq, terms FROM json_populate_recordset(NULL::{s}.words, :rows::json)",
		{
			rows: asJson(
				alive.map((row) => ({
					seq: seqOf(row),
					terms: termsOf(toPlain(row as unknown as PlainRow)) as string[],
				})),
			),
		},
	);
	const vectors: CopiedRow[] = [];
	for (const row of alive)
		for (const { space, ...vector } of listOf(row.vectors))
			vectors.push({ ...vector, seq: seqOf(row), space: await addSpace(writer, readSpace(space)) });
	if (vectors.length > 0)
		await writer.all(
			`INSERT INTO {s}.vectors (space, seq, vector, words)
			SELECT space, seq, vector, words FROM json_populate_recordset(NULL::{s}.vectors, :rows::json)`,
			{ rows: asJson(vectors) },
		);
	for (const row of alive)
		await linkEntities(
			writer,
			{ seq: seqOf(row), userId: String(row.user_id) },
			listOf(row.entities).map(({ text, type }) => ({ text: String(text), type: String(type) })),
		);
}

/** What is written anew. */
async function dropParts(writer: Writer, ids: readonly string[], seqs: readonly number[]): Promise<void> {
	if (ids.length === 0) return;
	for (const table of ["words", "vectors", "entity_links"])
		await writer.all(`DELETE FROM {s}.${table} WHERE seq = ANY (:seqs::bigint[])`, { seqs });
	await writer.all("DELETE FROM {s}.history WHERE memory_id = ANY (:ids::text[])", { ids });
}

async function seqsOf(reader: Reader, ids: readonly CopiedValue[]): Promise<ReadonlyMap<string, number>> {
	if (ids.length === 0) return new Map();
	const sql = "SELECT id, seq FROM {s}.memories WHERE id = ANY (:ids::text[])";
	const rows = await reader.all<Pick<MemoryRow, "id" | "seq">>(sql, { ids: ids.filter((id) => id !== null) });
	return new Map(rows.map(({ id, seq }) => [id, seq]));
}

function memoriesIn(outcome: CopiedValue | undefined): readonly CopiedValue[] {
	return Array.isArray(outcome) ? outcome.map(([memory]: [CopiedValue]) => memory) : [];
}

/** What became of a save, `[[memory, fingerprint], …]`, with other names of the memories. */
function outcomeAs(
	outcome: CopiedValue | undefined,
	name: (memory: CopiedValue) => CopiedValue,
): CopiedValue {
	if (!Array.isArray(outcome)) return null;
	return outcome.map(([memory, print]: [CopiedValue, CopiedValue]) => [name(memory), print]);
}

function fromValue(name: string, value: unknown): CopiedValue {
	if (value === null || value === undefined) return null;
	if (name === "vector") return Buffer.from(toBlob(fromVectorText(String(value)))).toString("base64");
	if (value instanceof Uint8Array) return Buffer.from(value).toString("base64");
	return typeof value === "boolean" ? Number(value) : (value as CopiedValue);
}

/** JSON from which the server makes rows. */
function asJson(rows: CopiedRow | readonly CopiedRow[]): string {
	return JSON.stringify(rows, (name, value: unknown) => {
		if (typeof value !== "string") return value;
		if (name === "vector") return toVectorText(toFloats(Buffer.from(value, "base64")));
		return binaryColumns.has(name) ? `\\x${Buffer.from(value, "base64").toString("hex")}` : value;
	});
}
