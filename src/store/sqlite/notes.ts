import type { Notes } from "../memoryStore.ts";
import type { Database } from "./database.ts";

export function sqliteNotes(database: Database): Notes {
	const get = (key: string) =>
		database.get<{ value: string }>("SELECT value FROM learned WHERE key = :key", { key })?.value;
	const put = "INSERT OR REPLACE INTO learned (key, value) VALUES (:key, :value)";
	return {
		get,
		async put(key, value) {
			if (get(key) !== value) await database.write(() => database.run(put, { key, value }));
		},
	};
}
