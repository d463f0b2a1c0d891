import type { Entity, StoredMemory } from "../types.ts";
import type { Writer } from "./database.ts";

export async function linkEntities(
	writer: Writer,
	{ seq, userId }: Pick<StoredMemory, "seq" | "userId">,
	entities: readonly Entity[],
): Promise<void> {
	const byName = new Map(
		entities
			.map(
				({ text, type }) =>
					[text.trim().toLowerCase().replace(/\s+/g, " "), { text: text.trim(), type }] as const,
			)
			.filter(([name]) => name !== "")
			.reverse(),
	);
	if (byName.size === 0) return;
	// In the order of their names, so that two writers never wait for each other.
	const sorted = [...byName].sort(([one], [other]) => (one < other ? -1 : 1));
	await writer.all(
		`INSERT INTO {s}.entities (user_id, name, text, type)
		SELECT :userId, name, text, type FROM unnest(:names::text[], :texts::text[], :types::text[]) e (name, text, type)
		ON CONFLICT DO NOTHING`,
		{
			userId,
			names: sorted.map(([name]) => name),
			texts: sorted.map(([, { text }]) => text),
			types: sorted.map(([, { type }]) => type),
		},
	);
	await writer.all(
		`INSERT INTO {s}.entity_links (entity, seq)
		SELECT id, :seq FROM {s}.entities WHERE user_id = :userId AND name = ANY (:names::text[]) FOR KEY SHARE ON CONFLICT DO NOTHING`,
		{ seq, userId, names: [...byName.keys()] },
	);
}
