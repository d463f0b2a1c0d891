import type { Entity, StoredMemory } from "../types.ts";
import type { Database } from "./database.ts";

/** Within a write. */
export function linkEntities(
	database: Database,
	{ seq, userId: user }: StoredMemory,
	entities: readonly Entity[],
): void {
	for (const { text, type } of entities) {
		const name = text.trim().toLowerCase().replace(/\s+/g, " ");
		if (name === "") continue;
		database.run(
			"INSERT INTO entities (user_id, name, text, type) VALUES (:user, :name, :text, :type) ON CONFLICT DO NOTHING",
			{ user, name, text: text.trim(), type },
		);
		database.run(
			"INSERT OR IGNORE INTO entity_links (entity, seq) SELECT id, :seq FROM entities WHERE user_id = :user AND name = :name",
			{ seq, user, name },
		);
	}
}
