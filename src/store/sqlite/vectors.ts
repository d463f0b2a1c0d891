import { toBlob } from "../../vectors/blob.ts";
import type { EmbeddingSpace } from "../../vectors/embeddingSpace.ts";
import type { StoredMemory, Vector } from "../types.ts";
import { type Database, nextRevision } from "./database.ts";
import { sign } from "./index/spaceIndex.ts";

/*
 * The vectors on disk, by embedding space.
 */

/** Conditions on `memories m`, for `spaceParameters`. */
export const lacksVector =
	"m.deleted_at IS NULL AND NOT EXISTS (SELECT 1 FROM vectors v WHERE v.space = :space AND v.seq = m.seq)";
/** Of the memories older than the space, only those that no model has embedded. */
export const needsVector =
	"(:everything OR m.seq > :since OR NOT EXISTS (SELECT 1 FROM vectors o WHERE o.seq = m.seq))";

export function spaceParameters(database: Database, space: EmbeddingSpace | undefined) {
	// All memories are older than a space that is not in use yet.
	const { id = 0, since_seq = Number.MAX_SAFE_INTEGER, reembed = 0 } = spaceRow(database, space) ?? {};
	return { space: id, since: since_seq, everything: reembed };
}

/** Undefined for a space that is not in use yet. */
export function spaceRow(database: Database, space: EmbeddingSpace | undefined) {
	if (!space) return undefined;
	const { provider, origin, model, dimensions } = space;
	return database.get<{ id: number; since_seq: number; reembed: number }>(
		`SELECT id, since_seq, reembed FROM spaces
		WHERE provider = :provider AND origin = :origin AND model = :model AND dimensions = :dimensions`,
		{ provider, origin, model, dimensions },
	);
}

/** Within a write: takes a space into use, unless it is; existing memories count as older than it. @returns its id. */
export function insertSpace(database: Database, space: EmbeddingSpace): number {
	const { provider, origin, model, dimensions } = space;
	database.run(
		`INSERT INTO spaces (provider, origin, model, dimensions, since_seq)
		SELECT :provider, :origin, :model, :dimensions, coalesce(max(seq), 0) FROM memories WHERE true ON CONFLICT DO NOTHING`,
		{ provider, origin, model, dimensions },
	);
	return spaceRow(database, space)?.id as number;
}

/** Whether a memory still needs a vector in the space. */
export function awaitsVector(database: Database, space: EmbeddingSpace | undefined, seq: number): boolean {
	const sql = `SELECT count(*) AS n FROM memories m WHERE m.seq = :seq AND ${lacksVector} AND ${needsVector}`;
	return database.number(sql, { ...spaceParameters(database, space), seq }) > 0;
}

/** Within a write: adds a vector to a memory unless its text has changed since it was embedded. */
export function addVector(database: Database, { seq, text }: StoredMemory, vector: Vector): void {
	const { changes } = database.run(
		"UPDATE memories SET revision = :revision WHERE seq = :seq AND text = :text AND deleted_at IS NULL",
		{ revision: nextRevision(database), seq, text },
	);
	if (Number(changes) === 1) putVector(database, seq, vector);
}

/** Within a write. The caller gives the memory a new revision. */
export function putVector(database: Database, seq: number, { space, values }: Vector): void {
	if (values && values.length !== space.dimensions) {
		throw new RangeError(
			`The vector has ${values.length} numbers; its embedding space has ${space.dimensions} dimensions.`,
		);
	}
	const id = spaceRow(database, space)?.id ?? insertSpace(database, space);
	database.run(
		"INSERT OR REPLACE INTO vectors (space, seq, vector, words) VALUES (:space, :seq, :vector, :words)",
		{ space: id, seq, vector: values ? toBlob(values) : null, words: values?.words ?? null },
	);
	if (values) sign(database, id, seq, values);
	else database.run("DELETE FROM signatures WHERE space = :space AND seq = :seq", { space: id, seq });
}

/** Within a write: drops the memory's vectors in all spaces. */
export function dropVectors(database: Database, seq: number): void {
	database.run("DELETE FROM vectors WHERE seq = :seq", { seq });
	database.run("DELETE FROM signatures WHERE space IN (SELECT id FROM spaces) AND seq = :seq", { seq });
}
