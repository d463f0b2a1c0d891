import { toBlob, toFloats } from "../../vectors/blob.ts";
import {
	type CopiedRow,
	type CopiedValue,
	copiedTables,
	type Merged,
	type RowKind,
	type SpaceColumns,
	spaceText,
} from "../copying.ts";
import type { Reader, Writer } from "./database.ts";
import { fromVectorText, toVectorText } from "./sql.ts";

/*
 * Rows of this database as copied rows, and back.
 */

export type Row = Readonly<Record<string, unknown>>;

const binaryColumns = new Set(["hash", "words"]);

export type Written = { readonly taken: Merged["taken"]; readonly row: CopiedRow };

export function copiedOf(row: Row): CopiedRow {
	return Object.fromEntries(Object.entries(row).map(([name, value]) => [name, fromValue(name, value)]));
}

export async function spacesOf(reader: Reader): Promise<Map<number, string>> {
	const rows = await reader.all<SpaceColumns & { readonly id: number }>("SELECT * FROM {s}.spaces");
	return new Map(rows.map((row) => [row.id, spaceText(row)]));
}

/** Inserts or updates those columns of the rows that the table has. */
export async function put(writer: Writer, kind: RowKind, written: readonly Written[]): Promise<void> {
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

export async function columnsOf(writer: Writer, table: string, row: CopiedRow): Promise<readonly string[]> {
	const columns = await writer.all<{ name: string }>(
		`SELECT attname AS name FROM pg_attribute WHERE attrelid = '{s}.${table}'::regclass AND attnum > 0 AND NOT attisdropped`,
	);
	return columns.map(({ name }) => name).filter((name) => name in row);
}

export async function seqsOf(
	reader: Reader,
	ids: readonly CopiedValue[],
): Promise<ReadonlyMap<string, number>> {
	if (ids.length === 0) return new Map();
	const sql = "SELECT id, seq FROM {s}.memories WHERE id = ANY (:ids::text[])";
	const rows = await reader.all<{ readonly id: string; readonly seq: number }>(sql, {
		ids: ids.filter((id) => id !== null),
	});
	return new Map(rows.map(({ id, seq }) => [id, seq]));
}

export function fromValue(name: string, value: unknown): CopiedValue {
	if (value === null || value === undefined) return null;
	if (name === "vector") return Buffer.from(toBlob(fromVectorText(String(value)))).toString("base64");
	if (value instanceof Uint8Array) return Buffer.from(value).toString("base64");
	return typeof value === "boolean" ? Number(value) : (value as CopiedValue);
}

/** JSON from which the server makes rows. */
export function asJson(rows: CopiedRow | readonly CopiedRow[]): string {
	return JSON.stringify(rows, (name, value: unknown) => {
		if (typeof value !== "string") return value;
		if (name === "vector") return toVectorText(toFloats(Buffer.from(value, "base64")));
		return binaryColumns.has(name) ? `\\x${Buffer.from(value, "base64").toString("hex")}` : value;
	});
}
