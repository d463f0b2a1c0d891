import type { EmbeddingSpace } from "../../vectors/embeddingSpace.ts";
import type { Embedding, StoredMemory, Vector } from "../types.ts";
import type { Database, Reader, Writer } from "./database.ts";
import { dropKept, keepVectorsOf } from "./keptVectors.ts";
import { toRealArray, vectorRows } from "./sql.ts";

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
export function addVector(writer: Writer, memory: StoredMemory, { space, values }: Vector): Promise<void> {
	return addVectors(writer, space, [{ memory, values }]);
}

/** Adds vectors to memories, but for those whose text has changed since it was embedded; in one statement. */
export async function addVectors(
	writer: Writer,
	space: EmbeddingSpace,
	vectors: readonly { readonly memory: StoredMemory; readonly values: Embedding }[],
): Promise<void> {
	let id = 0;
	for (const userId of new Set(vectors.map(({ memory }) => memory.userId)))
		id = await useSpace(writer, userId, space);
	const rows = new Map(
		vectors.map(({ memory: { seq, text }, values }) => {
			checkWidth({ space, values });
			const words = values?.words ? Buffer.from(values.words).toString("hex") : null;
			return [seq, { row: { seq, text, words }, values }];
		}),
	);
	const { relation, parameters } = vectorRows([...rows].map(([seq, { values }]) => [seq, values]));
	// Whoever changes a text waits until its vector is in, and then drops it. In the order of the rows, so that two
	// writers never wait for each other.
	await writer.all(
		`INSERT INTO {s}.vectors (space, seq, vector, words)
		SELECT :id::int, m.seq, v.vector::{v}.vector, decode(g.words, 'hex')
		FROM (SELECT seq, text FROM {s}.memories WHERE seq = ANY (:seqs::bigint[]) AND deleted_at IS NULL ORDER BY seq FOR UPDATE) m
		JOIN json_to_recordset(:rows::json) AS g (seq bigint, text text, words text) ON g.seq = m.seq AND g.text = m.text
		JOIN ${relation} v (seq, vector) ON v.seq = m.seq
		ON CONFLICT (seq, space) DO UPDATE SET vector = excluded.vector, words = excluded.words`,
		{
			...parameters,
			id,
			seqs: [...rows.keys()],
			rows: JSON.stringify([...rows.values()].map(({ row }) => row)),
		},
	);
	if (space.origin !== "")
		await dropKept(
			writer,
			id,
			vectors.map(({ memory }) => memory.text),
		);
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
		`INSERT INTO {s}.vectors (space, seq, vector, words) VALUES (:id, :seq, :vector::real[]::{v}.vector, :words)
		ON CONFLICT (seq, space) DO UPDATE SET vector = excluded.vector, words = excluded.words`,
		{ id, seq, vector: values ? toRealArray(values) : null, words: values?.words ?? null },
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
