import {
	type CopiedRow,
	type CopiedValue,
	type Copying,
	copiedTables,
	listOf,
	type Merged,
	merge,
	type RowKind,
	readSpace,
} from "../copying.ts";
import { withParts, writeMemories } from "./copiedMemories.ts";
import { asJson, fromValue, put, type Row, seqsOf, spacesOf, type Written } from "./copiedRows.ts";
import type { Database, Reader, Writer } from "./database.ts";
import { addSpace, spaceId } from "./vectors.ts";

/** Of pgvector. */
const mostDimensions = 16_000;

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
