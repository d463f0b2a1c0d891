import { toBlob } from "../../vectors/blob.ts";
import type { EmbeddingSpace } from "../../vectors/embeddingSpace.ts";
import type { StoredMemory, Vector } from "../types.ts";
import { type Database, nextRevision } from "./database.ts";
import { sign } from "./index/spaceIndex.ts";
import { dropKept, keepVectorsOf } from "./keptVectors.ts";

/*
 * The vectors on disk, by embedding space.
 */

/** Conditions on `memories m`, for `spaceParameters`. */
export const lacksVector =
	"m.deleted_at IS NULL AND NOT EXISTS (SELECT 1 FROM vectors v WHERE v.space = :space AND v.seq = m.seq)";
/**
 * Of the memories older than the space, only those that no model has embedded; and none that another host was to embed.
 * The model on this machine embeds all: nothing is sent.
 */
export const needsVector = `(:everything OR (
	(m.seq > :since OR NOT EXISTS (SELECT 1 FROM vectors o WHERE o.seq = m.seq))
	AND (m.meant_for IS NULL OR m.meant_for = :destination OR :destination = '')))`;

export function spaceParameters(database: Database, userId: string, space: EmbeddingSpace | undefined) {
	const id = spaceId(database, space) ?? 0;
	// All memories are older than a space that the user has not taken into use.
	const { since_seq = Number.MAX_SAFE_INTEGER, reembed = 0 } = spaceUse(database, userId, id) ?? {};
	return {
		user: userId,
		space: id,
		since: since_seq,
		everything: reembed,
		destination: database.destinations.embedding ?? null,
	};
}

/** Undefined for a space that nobody has used yet. */
export function spaceId(database: Database, space: EmbeddingSpace | undefined): number | undefined {
	if (!space) return undefined;
	const { provider, origin, model, dimensions, prefixes = "" } = space;
	return database.get<{ id: number }>(
		`SELECT id FROM spaces WHERE provider = :provider AND origin = :origin AND model = :model
			AND dimensions = :dimensions AND prefixes = :prefixes`,
		{ provider, origin, model, dimensions, prefixes },
	)?.id;
}

/** Since which `seq` the user has used the space, and whether older memories are to be moved into it. */
export function spaceUse(database: Database, userId: string, space: number) {
	return database.get<{ since_seq: number; reembed: number }>(
		"SELECT since_seq, reembed FROM space_users WHERE space = :space AND user_id = :userId",
		{ space, userId },
	);
}

/** Within a write. @returns the id of the space, which nobody need use. */
export function addSpace(database: Database, space: EmbeddingSpace): number {
	const { provider, origin, model, dimensions, prefixes = "" } = space;
	database.run(
		`INSERT INTO spaces (provider, origin, model, dimensions, prefixes)
		VALUES (:provider, :origin, :model, :dimensions, :prefixes) ON CONFLICT DO NOTHING`,
		{ provider, origin, model, dimensions, prefixes },
	);
	return spaceId(database, space) as number;
}

/**
 * Within a write: takes a space into use, unless it is; existing memories of the user count as older than it.
 * @returns its id.
 */
export function insertSpace(database: Database, userId: string, space: EmbeddingSpace): number {
	const id = addSpace(database, space);
	database.run(
		`INSERT INTO space_users (space, user_id, since_seq)
		SELECT :id, :userId, coalesce(max(seq), 0) FROM memories WHERE true ON CONFLICT DO NOTHING`,
		{ id, userId },
	);
	return id;
}

/** Whether a memory still needs a vector in the space. */
export function awaitsVector(
	database: Database,
	{ seq, userId }: StoredMemory,
	space: EmbeddingSpace | undefined,
): boolean {
	const sql = `SELECT count(*) AS n FROM memories m WHERE m.seq = :seq AND m.user_id = :user AND ${lacksVector} AND ${needsVector}`;
	return database.number(sql, { ...spaceParameters(database, userId, space), seq }) > 0;
}

/** Within a write: adds a vector to a memory unless its text has changed since it was embedded. */
export function addVector(database: Database, memory: StoredMemory, vector: Vector): void {
	const { seq, text } = memory;
	const { changes } = database.run(
		"UPDATE memories SET revision = :revision WHERE seq = :seq AND text = :text AND deleted_at IS NULL",
		{ revision: nextRevision(database), seq, text },
	);
	if (Number(changes) === 1) putVector(database, memory, vector);
}

/** Within a write. The caller gives the memory a new revision. */
export function putVector(
	database: Database,
	{ seq, userId, text }: Pick<StoredMemory, "seq" | "userId" | "text">,
	{ space, values }: Vector,
): void {
	if (values && values.length !== space.dimensions) {
		throw new RangeError(
			`The vector has ${values.length} numbers; its embedding space has ${space.dimensions} dimensions.`,
		);
	}
	const known = spaceId(database, space);
	const id =
		known !== undefined && spaceUse(database, userId, known) ? known : insertSpace(database, userId, space);
	storeVector(database, id, seq, values ? toBlob(values) : null, values?.words ?? null);
	if (space.origin !== "") dropKept(database, id, text);
	if (values) sign(database, id, seq, values);
	else database.run("DELETE FROM signatures WHERE space = :space AND seq = :seq", { space: id, seq });
}

/** Within a write. Not `INSERT OR REPLACE`, which would also replace within the triggers that count. */
export function storeVector(
	database: Database,
	space: number,
	seq: number,
	vector: Uint8Array | null,
	words: Uint8Array | null,
): void {
	database.run(
		`INSERT INTO vectors (space, seq, vector, words) VALUES (:space, :seq, :vector, :words)
		ON CONFLICT (space, seq) DO UPDATE SET vector = excluded.vector, words = excluded.words`,
		{ space, seq, vector, words },
	);
}

/**
 * Within a write: drops the memory's vectors in all spaces.
 * @param text that they were made of, for which they are kept.
 */
export function dropVectors(database: Database, seq: number, text: string | undefined): void {
	if (text !== undefined) keepVectorsOf(database, seq, text);
	database.run("DELETE FROM vectors WHERE seq = :seq", { seq });
	database.run("DELETE FROM signatures WHERE space IN (SELECT id FROM spaces) AND seq = :seq", { seq });
}
