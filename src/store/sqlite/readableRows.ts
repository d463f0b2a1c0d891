import type { DatabaseSync } from "node:sqlite";

export type Row = Readonly<Record<string, string | number | bigint | Uint8Array | null>>;

/** After this many failed reads the rest of a table is given up: each failure is at least one row or empty range. */
const mostFailures = 200_000;

/**
 * All rows of a table that can be read, also of a damaged file: forwards up to the damage, then backwards from the end,
 * then the same in either half of what is between. A table that does not exist, or whose root is damaged, has none.
 */
export function* readableRows(from: DatabaseSync, table: string): Generator<Row> {
	const read = (order: "ASC" | "DESC") =>
		from.prepare(
			`SELECT rowid AS row, * FROM ${table} WHERE rowid BETWEEN :low AND :high ORDER BY rowid ${order}`,
		);
	let failures = 0;
	function* between(low: number, high: number): Generator<Row> {
		let before = low - 1;
		let after = high + 1;
		try {
			for (const row of read("ASC").iterate({ low, high })) {
				before = Number(row.row);
				yield row as Row;
			}
			return;
		} catch {
			failures += 1;
		}
		try {
			for (const row of read("DESC").iterate({ low: before + 1, high })) {
				after = Number(row.row);
				yield row as Row;
			}
			return;
		} catch {
			failures += 1;
		}
		const first = before + 1;
		const last = after - 1;
		if (first >= last || failures > mostFailures) return;
		const middle = Math.floor((first + last) / 2);
		yield* between(first, middle);
		yield* between(middle + 1, last);
	}
	yield* between(1, highestRow(from, table));
}

/** Beyond it is nothing to look for, however the end of the table is damaged. */
function highestRow(from: DatabaseSync, table: string): number {
	const queries = [
		`SELECT max(rowid) AS n FROM ${table}`,
		`SELECT seq AS n FROM sqlite_sequence WHERE name = '${table}'`,
	];
	for (const query of queries)
		try {
			return Number(from.prepare(query).get()?.n ?? 0);
		} catch {
			// The next query reads another page.
		}
	return 1_000_000;
}
