import type { DatabaseSync } from "node:sqlite";

export type Row = Readonly<Record<string, string | number | bigint | Uint8Array | null>>;

/** After this many failed reads the rest of a table is given up; one takes some microseconds. */
const mostFailures = 20_000;

/**
 * All rows of a table that can be read, also of a damaged file: forwards up to the damage, then backwards from the end,
 * then the same in either half of each gap. A table that does not exist, or whose root is damaged, has none.
 */
export function* readableRows(from: DatabaseSync, table: string): Generator<Row> {
	const gaps: (readonly [low: number, high: number])[] = [[1, highestRow(from, table)]];
	let failures = 0;
	/** The rows up to the damage. @returns whether there was none. */
	function* run(order: "ASC" | "DESC", low: number, high: number): Generator<Row, boolean> {
		let last = order === "ASC" ? low - 1 : high + 1;
		try {
			const sql = `SELECT rowid AS row, * FROM ${table} WHERE rowid BETWEEN :low AND :high ORDER BY rowid ${order}`;
			for (const row of from.prepare(sql).iterate({ low, high })) {
				const at = Number(row.row);
				// Damaged pages may lead in a circle.
				if (order === "ASC" ? at <= last : at >= last) break;
				last = at;
				yield row as Row;
			}
		} catch {
			failures += 1;
			return false;
		}
		return true;
	}
	for (let gap = gaps.shift(); gap && failures < mostFailures; gap = gaps.shift()) {
		let [low, high] = gap;
		let whole = false;
		for (const order of ["ASC", "DESC"] as const) {
			const rows = run(order, low, high);
			let next = rows.next();
			for (; !next.done; next = rows.next()) {
				if (order === "ASC") low = Number(next.value.row) + 1;
				else high = Number(next.value.row) - 1;
				yield next.value;
			}
			whole = next.value;
			if (whole) break;
		}
		if (whole || low >= high) continue;
		const middle = Math.floor((low + high) / 2);
		gaps.push([low, middle], [middle + 1, high]);
	}
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
