import type { Notes } from "../memoryStore.ts";
import type { Database } from "./database.ts";

export class SqliteNotes implements Notes {
	readonly #database: Database;

	constructor(database: Database) {
		this.#database = database;
	}

	get(key: string): string | undefined {
		return this.#database.get<{ value: string }>("SELECT value FROM learned WHERE key = :key", { key })
			?.value;
	}

	async put(key: string, value: string): Promise<void> {
		if (this.get(key) === value) return;
		await this.#database.write(() =>
			this.#database.run("INSERT OR REPLACE INTO learned (key, value) VALUES (:key, :value)", { key, value }),
		);
	}
}
