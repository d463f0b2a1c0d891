import { createHash } from "node:crypto";
import { fingerprint } from "../../text/fingerprint.ts";
import { toBlob, toFloats } from "../../vectors/blob.ts";
import type { TextVector } from "../../vectors/embeddingSpace.ts";
import type { Database } from "./database.ts";

/*
 * Vectors by the text they were made of, so that an endpoint is asked once for each. What a memory says has its vector in
 * `vectors`; `kept_vectors` has those of texts that no memory says any more, or that did not become one. Nobody asks for the
 * vector of a deleted text, so a kept one is never newer than the deletion, and erasing by age erases it with the text.
 */

/** Texts whose vectors are kept. */
const most = 10_000;

/**
 * The vector that the model of the space made of exactly this text, if it is still there. One of the model on this machine
 * must have its words: earlier versions made none.
 */
export function vectorOfText(database: Database, space: number, text: string): TextVector | undefined {
	const found =
		database.get<{ vector: Uint8Array; words: Uint8Array | null }>(
			// CROSS JOIN: SQLite, left to itself, reads all vectors of the space.
			`SELECT v.vector, v.words FROM memories m CROSS JOIN vectors v ON v.seq = m.seq AND v.space = :space
			CROSS JOIN spaces s ON s.id = v.space
			WHERE m.fingerprint = :fingerprint AND m.text = :text AND m.deleted_at IS NULL
			AND v.vector IS NOT NULL AND (v.words IS NOT NULL OR s.origin <> '') LIMIT 1`,
			{ space, fingerprint: fingerprint(text), text },
		) ??
		database.get<{ vector: Uint8Array; words: null }>(
			"SELECT vector, NULL AS words FROM kept_vectors WHERE space = :space AND hash = :hash",
			{ space, hash: hashOf(text) },
		);
	if (!found) return undefined;
	const values = toFloats(found.vector);
	return found.words ? Object.assign(values, { words: found.words }) : values;
}

/** Within a write. */
export function keepVector(database: Database, space: number, text: string, values: Float32Array): void {
	database.run(
		`INSERT INTO kept_vectors (space, hash, vector, kept_at) VALUES (:space, :hash, :vector, :now)
		ON CONFLICT DO UPDATE SET vector = excluded.vector, kept_at = excluded.kept_at`,
		{ space, hash: hashOf(text), vector: toBlob(values), now: Date.now() },
	);
}

/** Within a write: keeps the vectors of a memory that is about to lose them, but for those of the model on this machine. */
export function keepVectorsOf(database: Database, seq: number, text: string): void {
	database.run(
		`INSERT INTO kept_vectors (space, hash, vector, kept_at)
		SELECT v.space, :hash, v.vector, :now FROM vectors v JOIN spaces s ON s.id = v.space
		WHERE v.seq = :seq AND v.vector IS NOT NULL AND s.origin <> ''
		ON CONFLICT DO UPDATE SET kept_at = excluded.kept_at`,
		{ seq, hash: hashOf(text), now: Date.now() },
	);
}

/** Within a write: a memory has the vector now. */
export function dropKept(database: Database, space: number, text: string): void {
	const sql = "DELETE FROM kept_vectors WHERE space = :space AND hash = :hash";
	database.run(sql, { space, hash: hashOf(text) });
}

/** Within a write: the text is erased. */
export function dropKeptEverywhere(database: Database, text: string): void {
	database.run("DELETE FROM kept_vectors WHERE hash = :hash", { hash: hashOf(text) });
}

/** Within a write: drops the oldest beyond the number that may be kept, and those older than `before` (ms since 1970). */
export function eraseKept(database: Database, before: number): number {
	const { changes } = database.run(
		`DELETE FROM kept_vectors WHERE kept_at <
		max(:before, coalesce((SELECT kept_at FROM kept_vectors ORDER BY kept_at DESC LIMIT 1 OFFSET :last), :before))`,
		{ before, last: most - 1 },
	);
	return Number(changes);
}

function hashOf(text: string): Uint8Array {
	return createHash("sha256").update(text).digest();
}
