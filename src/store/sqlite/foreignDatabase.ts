import { DatabaseSync } from "node:sqlite";
import { storeError } from "./errors.ts";

export type ForeignRow = Readonly<Record<string, string | number | null>>;

export interface ForeignDatabase {
	/** The tables with the names of their columns. */
	readonly tables: ReadonlyMap<string, readonly string[]>;
	/** The rows of a table, a page at a time; binary values are left out. */
	rows(table: string): IterableIterator<ForeignRow>;
	close(): void;
}

/**
 * Opens another program's SQLite database to read it. Views, virtual tables and functions of it are not run.
 * @throws StoreError
 */
export function openForeignDatabase(path: string): ForeignDatabase {
	const wrapped = <T>(work: () => T): T => {
		try {
			return work();
		} catch (error) {
			throw storeError(error, path);
		}
	};
	const database = wrapped(() => {
		const opened = new DatabaseSync(path, { readOnly: true, allowExtension: false });
		opened.exec("PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON; PRAGMA busy_timeout = 2000");
		return opened;
	});
	const quoted = (name: string) => `"${name.replaceAll('"', '""')}"`;
	const tables = wrapped(() => {
		const names = database
			.prepare("SELECT name FROM sqlite_schema WHERE type = 'table' AND sql LIKE 'CREATE TABLE%' LIMIT 1000")
			.all()
			.map(({ name }) => String(name));
		return new Map(
			names.map((name) => {
				const columns = database.prepare(`PRAGMA table_info(${quoted(name)})`).all();
				return [name, columns.map((column) => String(column.name))];
			}),
		);
	});
	return {
		tables,
		*rows(table) {
			const columns = (tables.get(table) ?? []).map(
				(name) => `iif(typeof(${quoted(name)}) = 'blob', NULL, ${quoted(name)}) AS ${quoted(name)}`,
			);
			const statement = wrapped(() =>
				database.prepare(`SELECT ${columns.join(", ")} FROM ${quoted(table)} ORDER BY rowid`),
			);
			// Integers beyond those of JavaScript would throw.
			statement.setReadBigInts(true);
			const iterator = wrapped(() => statement.iterate());
			for (let next = wrapped(() => iterator.next()); !next.done; next = wrapped(() => iterator.next()))
				yield Object.fromEntries(
					Object.entries(next.value as Record<string, string | bigint | number | null>).map(
						([name, value]) => [name, typeof value === "bigint" ? Number(value) : value],
					),
				);
		},
		close: () => database.close(),
	};
}
