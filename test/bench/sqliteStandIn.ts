import { DatabaseSync, type SQLInputValue } from "node:sqlite";

/**
 * What mem0ai uses of `better-sqlite3`, over Node's own SQLite: that package is native, and the project has no native
 * modules. The time goes into mem0ai's scans in JavaScript, not into this.
 */
export default class Database {
	readonly #database: DatabaseSync;

	constructor(path: string) {
		this.#database = new DatabaseSync(path);
	}

	exec(sql: string): void {
		this.#database.exec(sql);
	}

	prepare(sql: string) {
		const statement = this.#database.prepare(sql);
		return {
			run: (...values: SQLInputValue[]) => statement.run(...values),
			get: (...values: SQLInputValue[]) => statement.get(...values),
			all: (...values: SQLInputValue[]) => statement.all(...values),
		};
	}

	transaction<A extends unknown[]>(work: (...args: A) => void): (...args: A) => void {
		return (...args) => {
			this.#database.exec("BEGIN");
			work(...args);
			this.#database.exec("COMMIT");
		};
	}

	close(): void {
		this.#database.close();
	}
}
