import { type CopiedRow, type CopiedValue, inOrder, listOf, readSpace } from "../copying.ts";
import { type PlainRow, toPlain } from "../rows.ts";
import { asJson, columnsOf, copiedOf, put, type Row, seqsOf, spacesOf, type Written } from "./copiedRows.ts";
import type { Reader, Writer } from "./database.ts";
import { linkEntities } from "./entities.ts";
import { addSpace } from "./vectors.ts";
import { termsOf } from "./words.ts";

/*
 * Copied memories, with their history, vectors and names.
 */

export async function withParts(reader: Reader, copied: Record<string, CopiedValue>[], rows: readonly Row[]) {
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

export async function writeMemories(writer: Writer, written: readonly Written[]): Promise<void> {
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
