import { randomUUID } from "node:crypto";
import { fingerprint } from "../../text/fingerprint.ts";
import { asJson, originParameters } from "../rows.ts";
import type { TransferredMemory } from "../transfers.ts";
import type { NewMemory, StoredMemory } from "../types.ts";
import type { Database, Writer } from "./database.ts";
import { dropKept } from "./keptVectors.ts";
import { type MemoryRow, toMemory } from "./rows.ts";
import { vectorRows } from "./sql.ts";
import { checkWidth, useSpace } from "./vectors.ts";
import { termsOf } from "./words.ts";

export async function insertMemory(
	database: Database,
	writer: Writer,
	added: NewMemory,
): Promise<StoredMemory> {
	return (await insertMemories(database, writer, [added]))[0] as StoredMemory;
}

/** Inserts memories in their order, in one statement. */
export async function insertMemories(
	database: Database,
	writer: Writer,
	added: readonly TransferredMemory[],
): Promise<StoredMemory[]> {
	if (added.length === 0) return [];
	const spaces = await spacesOf(writer, added);
	const rows = added.map((memory, index) => ({
		...originParameters(memory),
		...transferred(memory),
		ord: index,
		fingerprint: fingerprint(memory.text),
		save: memory.saveId ?? null,
		terms: termsOf(memory),
		space: spaces[index] ?? null,
		words: memory.vector?.values?.words ? Buffer.from(memory.vector.values.words).toString("hex") : null,
	}));
	const { relation, parameters } = vectorRows(
		added.flatMap(({ vector }, index) => (vector ? [[index, vector.values] as const] : [])),
	);
	const stored = await writer.all<MemoryRow>(insertion(relation), {
		...parameters,
		rows: JSON.stringify(rows),
		meantFor: database.destinations.embedding ?? null,
	});
	await dropKeptOf(writer, added, spaces);
	const byId = new Map(stored.map((row) => [row.id, toMemory(row)]));
	return rows.map(({ id }) => byId.get(id) as StoredMemory);
}

/** What a memory brings along that was elsewhere before. */
function transferred({
	id = randomUUID(),
	createdAt,
	updatedAt = createdAt,
	supersededBy,
	uses = 0,
	usedAt,
	history = [],
}: TransferredMemory) {
	const entries = history.map(({ oldFields, newFields, ...entry }) => ({
		...entry,
		oldFields: asJson(oldFields),
		newFields: asJson(newFields),
	}));
	return {
		id,
		updatedAt,
		supersededBy: supersededBy ?? null,
		uses,
		usedAt: usedAt ?? null,
		history: entries.length > 0 ? entries : null,
		hasHistory: history.some(({ event }) => event !== "ADD"),
	};
}

/**
 * The rows of memories, and of their words, vectors and history.
 * @param vectors a relation of them.
 */
const insertion = (vectors: string) => `
	WITH given AS MATERIALIZED (
		SELECT * FROM json_to_recordset(:rows::json) AS r (
			id text, ord int, text text, fingerprint text, "user" text, scope text, project text, "projectName" text, conversation text,
			save text, metadata text, client text, how text, origin text, pinned smallint, "expiresAt" bigint, visibility text, "createdAt" bigint, "updatedAt" bigint,
			"supersededBy" text, uses int, "usedAt" bigint, history json, "hasHistory" boolean, terms text[], space int, words text)
	), added AS (
		INSERT INTO {s}.memories (id, text, fingerprint, user_id, scope, project_id, project_name, conversation_id, save_id,
			metadata, client, how, origin, pinned, expires_at, visibility, created_at, updated_at, superseded_by, uses, used_at, has_history, meant_for, spaces)
		SELECT id, text, fingerprint, "user", scope, project, "projectName", conversation, save, metadata,
			client, how, origin, pinned, "expiresAt", visibility, "createdAt", "updatedAt", "supersededBy", uses, "usedAt", "hasHistory",
			:meantFor, CASE WHEN space IS NULL THEN '{}' ELSE ARRAY[space] END
		FROM given ORDER BY ord
		RETURNING *
	), indexed AS (
		INSERT INTO {s}.words (seq, terms) SELECT a.seq, g.terms FROM added a JOIN given g USING (id)
	), embedded AS (
		INSERT INTO {s}.vectors (space, seq, vector, words)
		SELECT g.space, a.seq, v.vector::{v}.vector, decode(g.words, 'hex')
		FROM added a JOIN given g USING (id) JOIN ${vectors} v (ord, vector) USING (ord)
	), told AS (
		INSERT INTO {s}.history (memory_id, event, new_text, at)
		SELECT a.id, 'ADD', a.text, {s}.now_ms() FROM added a JOIN given g USING (id) WHERE g.history IS NULL ORDER BY a.seq
	), retold AS (
		INSERT INTO {s}.history (memory_id, event, old_text, new_text, old_fields, new_fields, done_by, at)
		SELECT g.id, h.event, h.old_text, h.new_text, h.old_fields, h.new_fields, h.done_by, h.at
		FROM given g CROSS JOIN LATERAL ROWS FROM (json_to_recordset(g.history) AS (event text, "oldText" text, "newText" text,
			"oldFields" text, "newFields" text, "by" text, at bigint)) WITH ORDINALITY h (event, old_text, new_text, old_fields, new_fields, done_by, at, place)
		WHERE g.history IS NOT NULL ORDER BY g.ord, h.place
	)
	SELECT * FROM added`;

/** The id of each memory's space, if it comes with a vector. */
async function spacesOf(
	writer: Writer,
	added: readonly NewMemory[],
): Promise<readonly (number | undefined)[]> {
	const known = new Map<string, number>();
	const ids: (number | undefined)[] = [];
	for (const { userId, vector } of added) {
		if (!vector) {
			ids.push(undefined);
			continue;
		}
		checkWidth(vector);
		const key = JSON.stringify([userId, vector.space]);
		const id = known.get(key) ?? (await useSpace(writer, userId, vector.space));
		known.set(key, id);
		ids.push(id);
	}
	return ids;
}

async function dropKeptOf(
	writer: Writer,
	added: readonly NewMemory[],
	spaces: readonly (number | undefined)[],
): Promise<void> {
	for (const id of new Set(spaces)) {
		if (id === undefined) continue;
		const own = added.filter(({ vector }, index) => spaces[index] === id && vector?.space.origin !== "");
		if (own.length > 0)
			await dropKept(
				writer,
				id,
				own.map(({ text }) => text),
			);
	}
}
