import type { EmbeddingSpace } from "../../vectors/embeddingSpace.ts";
import type { StoredMemory, Vector } from "../types.ts";
import type { Database, Reader, Writer } from "./database.ts";
import { dropKept, keepVectorsOf } from "./keptVectors.ts";
import { toVectorText } from "./sql.ts";

/*
 * The vectors, by embedding space.
 */

export async function spaceParameters(
	{ destinations }: Database,
	reader: Reader,
	userId: string,
	space: EmbeddingSpace | undefined,
) {
	const id = (await spaceId(reader, space)) ?? 0;
	// All memories are older than a space that the user has not taken into use.
	const use = await spaceUse(reader, userId, id);
	return {
		user: userId,
		space: id,
		since: use?.since_seq ?? Number.MAX_SAFE_INTEGER,
		everything: use?.reembed ?? false,
		inUse: use !== undefined,
		destination: destinations.embedding ?? null,
	};
}

/**
 * Whether a memory `m` needs a vector in the space. Of the memories older than the space, only those that no model has
 * embedded do; and none that another host was to embed. The model on this machine embeds all: nothing is sent.
 */
export const needsVector = `(m.deleted_at IS NULL AND m.user_id = :user::text AND NOT m.spaces @> ARRAY[:space::int]
	AND (:everything::boolean OR ((m.seq > :since::bigint OR m.spaces = '{}')
		AND (m.meant_for IS NULL OR m.meant_for = :destination::text OR :destination::text = ''))))`;

/** Undefined for a space that nobody has used yet. */
export async function spaceId(
	reader: Reader,
	space: EmbeddingSpace | undefined,
): Promise<number | undefined> {
	if (!space) return undefined;
	const { provider, origin, model, dimensions, prefixes = "" } = space;
	const row = await reader.get<{ id: number }>(
		`SELECT id FROM {s}.spaces WHERE provider = :provider AND origin = :origin AND model = :model
		AND dimensions = :dimensions AND prefixes = :prefixes`,
		{ provider, origin, model, dimensions, prefixes },
	);
	return row?.id;
}

/** Since which `seq` the user has used the space, and whether older memories are to be moved into it. */
export function spaceUse(reader: Reader, userId: string, space: number) {
	return reader.get<{ since_seq: number; reembed: boolean }>(
		"SELECT since_seq, reembed FROM {s}.space_users WHERE space = :space AND user_id = :userId",
		{ space, userId },
	);
}

/** @returns the id of the space, which nobody need use. */
export async function addSpace(writer: Writer, space: EmbeddingSpace): Promise<number> {
	const known = await spaceId(writer, space);
	if (known !== undefined) return known;
	const { provider, origin, model, dimensions, prefixes = "" } = space;
	await writer.all(
		`INSERT INTO {s}.spaces (provider, origin, model, dimensions, prefixes)
		VALUES (:provider, :origin, :model, :dimensions, :prefixes) ON CONFLICT DO NOTHING`,
		{ provider, origin, model, dimensions, prefixes },
	);
	return (await spaceId(writer, space)) as number;
}

/**
 * Takes a space into use, unless it is; existing memories of the user count as older than it.
 * @returns its id.
 */
export async function useSpace(writer: Writer, userId: string, space: EmbeddingSpace): Promise<number> {
	const id = await addSpace(writer, space);
	if (await spaceUse(writer, userId, id)) return id;
	await writer.all(
		`INSERT INTO {s}.space_users (space, user_id, since_seq)
		SELECT :id::int, :userId::text, coalesce(max(seq), 0) FROM {s}.memories ON CONFLICT DO NOTHING`,
		{ id, userId },
	);
	return id;
}

/** @throws RangeError for a vector of another width than its space. */
export function checkWidth({ space, values }: Vector): void {
	if (values && values.length !== space.dimensions)
		throw new RangeError(
			`The vector has ${values.length} numbers; its embedding space has ${space.dimensions} dimensions.`,
		);
}

/** Adds a vector to a memory unless its text has changed since it was embedded. */
export async function addVector(writer: Writer, memory: StoredMemory, vector: Vector): Promise<void> {
	const { seq, text } = memory;
	// Whoever changes the text waits until the vector is in, and then drops it.
	const isSame = await writer.get(
		"SELECT 1 FROM {s}.memories WHERE seq = :seq AND text = :text AND deleted_at IS NULL FOR UPDATE",
		{ seq, text },
	);
	if (isSame) await putVector(writer, memory, vector);
}

export async function putVector(
	writer: Writer,
	{ seq, userId, text }: Pick<StoredMemory, "seq" | "userId" | "text">,
	vector: Vector,
): Promise<void> {
	checkWidth(vector);
	const { space, values } = vector;
	const id = await useSpace(writer, userId, space);
	await writer.all(
		`INSERT INTO {s}.vectors (space, seq, vector, words) VALUES (:id, :seq, :vector::text::{v}.vector, :words)
		ON CONFLICT (seq, space) DO UPDATE SET vector = excluded.vector, words = excluded.words`,
		{ id, seq, vector: values ? toVectorText(values) : null, words: values?.words ?? null },
	);
	if (space.origin !== "") await dropKept(writer, id, [text]);
}

/**
 * Drops the memory's vectors in all spaces.
 * @param text that they were made of, for which they are kept.
 */
export async function dropVectors(writer: Writer, seq: number, text: string): Promise<void> {
	await keepVectorsOf(writer, seq, text);
	await writer.all("DELETE FROM {s}.vectors WHERE seq = :seq", { seq });
}
