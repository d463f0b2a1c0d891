import { createHash } from "node:crypto";
import { fingerprint } from "../../text/fingerprint.ts";
import type { TextVector } from "../../vectors/embeddingSpace.ts";
import type { Embedding } from "../types.ts";
import type { Reader, Writer } from "./database.ts";
import { fromVectorText, vectorRows } from "./sql.ts";

/*
 * Vectors by the text they were made of, as in store/sqlite/keptVectors.ts.
 */

/** Texts whose vectors are kept. */
const most = 10_000;
/** Texts looked up in one statement. */
const batch = 1000;

/** The vectors that the model of the space made of exactly these texts, where they are still there. */
export async function vectorsOfTexts(
	reader: Reader,
	space: number,
	texts: readonly string[],
): Promise<readonly Embedding[]> {
	const found: Embedding[] = [];
	for (let from = 0; from < texts.length; from += batch)
		found.push(...(await vectorsOfBatch(reader, space, texts.slice(from, from + batch))));
	return found;
}

async function vectorsOfBatch(reader: Reader, space: number, texts: readonly string[]) {
	const rows = await reader.all<{ ord: number; vector: string | null; words: Uint8Array | null }>(
		`SELECT wanted.ord, coalesce(own.vector, kept.vector)::text AS vector, own.words
		FROM unnest(:texts::text[], :fingerprints::text[], :hashes::text[]) WITH ORDINALITY wanted (text, fingerprint, hash, ord)
		LEFT JOIN LATERAL (
			SELECT v.vector, v.words FROM {s}.memories m JOIN {s}.vectors v ON v.seq = m.seq AND v.space = :space
			WHERE m.fingerprint = wanted.fingerprint AND m.text = wanted.text AND m.deleted_at IS NULL AND v.vector IS NOT NULL
			AND (v.words IS NOT NULL OR EXISTS (SELECT 1 FROM {s}.spaces s WHERE s.id = :space AND s.origin <> '')) LIMIT 1
		) own ON true
		LEFT JOIN {s}.kept_vectors kept ON kept.space = :space AND kept.hash = decode(wanted.hash, 'hex')
		ORDER BY wanted.ord`,
		{ space, texts, fingerprints: texts.map(fingerprint), hashes: texts.map(hashOf) },
	);
	return rows.map(({ vector, words }): TextVector | undefined => {
		if (vector === null) return undefined;
		const values = fromVectorText(vector);
		return words ? Object.assign(values, { words: new Uint8Array(words) }) : values;
	});
}

export async function keepVectors(
	writer: Writer,
	space: number,
	vectors: readonly { readonly text: string; readonly values: Float32Array }[],
): Promise<void> {
	// A statement must not write a row twice.
	const byHash = new Map(vectors.map(({ text, values }) => [hashOf(text), values]));
	const { relation, parameters } = vectorRows(
		[...byHash.values()].map((values, index) => [index + 1, values]),
	);
	await writer.all(
		`INSERT INTO {s}.kept_vectors (space, hash, vector, kept_at)
		SELECT :space, decode(hash, 'hex'), vector::{v}.vector, now
		FROM unnest(:hashes::text[]) WITH ORDINALITY k (hash, ord) JOIN ${relation} v (ord, vector) USING (ord), {s}.now_ms() AS now
		ORDER BY hash
		ON CONFLICT (space, hash) DO UPDATE SET vector = excluded.vector, kept_at = excluded.kept_at`,
		{ ...parameters, space, hashes: [...byHash.keys()] },
	);
}

/** Keeps the vectors of a memory that is about to lose them, but for those of the model on this machine. */
export async function keepVectorsOf(writer: Writer, seq: number, text: string): Promise<void> {
	await writer.all(
		`INSERT INTO {s}.kept_vectors (space, hash, vector, kept_at)
		SELECT v.space, decode(:hash::text, 'hex'), v.vector, {s}.now_ms() FROM {s}.vectors v JOIN {s}.spaces s ON s.id = v.space
		WHERE v.seq = :seq AND v.vector IS NOT NULL AND s.origin <> ''
		ON CONFLICT (space, hash) DO UPDATE SET kept_at = excluded.kept_at`,
		{ seq, hash: hashOf(text) },
	);
}

/** Memories have the vectors now. */
export async function dropKept(writer: Writer, space: number, texts: readonly string[]): Promise<void> {
	await writer.all(
		"DELETE FROM {s}.kept_vectors WHERE space = :space AND hash IN (SELECT decode(h, 'hex') FROM unnest(:hashes::text[]) h)",
		{ space, hashes: texts.map(hashOf) },
	);
}

/** Of all spaces. */
export async function dropKeptEverywhere(writer: Writer, text: string): Promise<void> {
	await writer.all("DELETE FROM {s}.kept_vectors WHERE hash = decode(:hash::text, 'hex')", {
		hash: hashOf(text),
	});
}

/** Drops the oldest beyond the number that may be kept, and those older than `before` (ms since 1970). */
export async function eraseKept(writer: Writer, before: number): Promise<void> {
	await writer.all(
		`DELETE FROM {s}.kept_vectors WHERE kept_at < greatest(:before::bigint,
			(SELECT kept_at FROM {s}.kept_vectors ORDER BY kept_at DESC LIMIT 1 OFFSET :last::int))`,
		{ before, last: most - 1 },
	);
}

/** In hexadecimal digits: arrays of bytes are not sent alike by all drivers. */
function hashOf(text: string): string {
	return createHash("sha256").update(text).digest("hex");
}
