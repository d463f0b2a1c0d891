import type { Notes } from "../memoryStore.ts";
import type { Database } from "./database.ts";

/** Loads the notes, so that they can be read without waiting. */
export async function postgresNotes(database: Database): Promise<Notes> {
	const rows = await database.all<{ key: string; value: string }>("SELECT key, value FROM {s}.learned");
	const notes = new Map(rows.map(({ key, value }) => [key, value]));
	return {
		get: (key) => notes.get(key),
		async put(key, value) {
			if (notes.get(key) === value) return;
			notes.set(key, value);
			await database.write((writer) =>
				writer.all(
					"INSERT INTO {s}.learned (key, value) VALUES (:key, :value) ON CONFLICT (key) DO UPDATE SET value = excluded.value",
					{ key, value },
				),
			);
		},
	};
}
