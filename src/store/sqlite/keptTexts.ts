import { fingerprint } from "../../text/fingerprint.ts";
import { StoreError } from "../errors.ts";
import type { KeptText, KeptTexts } from "../types.ts";
import { type Database, nextRevision } from "./database.ts";
import { leaveBytes, overwriteLeft } from "./erasure.ts";
import { dropKeptEverywhere } from "./keptVectors.ts";
import { indexWords } from "./keywords.ts";
import { dropFromIndexes } from "./memoryTable.ts";
import { selectMemories } from "./rows.ts";
import { vacuum } from "./vacuum.ts";

/*
 * All texts of a user wherever they are kept, and their replacement down to the bytes of the file.
 */

/** Where texts are kept, in the order in which they are read; each row has a number and a memory, or none yet. */
const places = [
	[
		"memory",
		"SELECT seq AS row, id AS memoryId, text FROM memories WHERE user_id = :user AND deleted_at IS NULL AND seq > :after ORDER BY seq",
	],
	[
		"metadata",
		"SELECT seq AS row, id AS memoryId, metadata AS text FROM memories WHERE user_id = :user AND metadata IS NOT NULL AND seq > :after ORDER BY seq",
	],
	[
		"history",
		`SELECT h.id AS row, h.memory_id AS memoryId, h.old_text AS text, h.new_text AS other FROM history h
		JOIN memories m ON m.id = h.memory_id WHERE m.user_id = :user AND h.id > :after ORDER BY h.id`,
	],
	["save", "SELECT rowid AS row, text FROM journal WHERE user_id = :user AND rowid > :after ORDER BY rowid"],
	[
		"metadata",
		"SELECT rowid AS row, metadata AS text FROM journal WHERE user_id = :user AND metadata IS NOT NULL AND rowid > :after ORDER BY rowid",
	],
] as const;

interface Row {
	readonly row: number;
	readonly memoryId?: string;
	readonly text: string | null;
	readonly other?: string | null;
}

export function readKeptTexts(database: Database, userId: string, limit: number, after = "0:0"): KeptTexts {
	const [place = 0, row = 0] = after.split(":").map(Number);
	const [where, sql] = places[place] ?? [];
	if (where === undefined) return { texts: [] };
	const rows = database.all<Row>(`${sql} LIMIT :limit`, { user: userId, after: row, limit });
	const texts = rows.flatMap(({ memoryId, text, other }): KeptText[] =>
		[...new Set([text, other])].flatMap((each) =>
			each ? { where, text: each, ...(memoryId === undefined ? {} : { memoryId }) } : [],
		),
	);
	const last = rows.length === limit ? rows.at(-1)?.row : undefined;
	const next =
		last === undefined ? (place + 1 < places.length ? `${place + 1}:0` : undefined) : `${place}:${last}`;
	return { texts, ...(next === undefined ? {} : { next }) };
}

/** @returns false if another process keeps reading an earlier state of the file, which has the old bytes. */
export async function replaceKeptTexts(
	database: Database,
	userId: string,
	replacements: ReadonlyMap<string, string>,
): Promise<boolean> {
	await database.write(() => {
		for (const [text, by] of replacements) replaceEverywhere(database, { user: userId, text, by });
		leaveBytes(database, "words");
	});
	const isOverwritten = await overwriteLeft(database);
	// Also pages that an earlier version freed, which did not overwrite them.
	const isVacuumed = await vacuum(database.path).then(
		() => true,
		(error: unknown) => {
			if (error instanceof StoreError && error.kind === "busy") return false;
			throw error;
		},
	);
	return (await database.checkpoint()) && isOverwritten && isVacuumed;
}

function replaceEverywhere(
	database: Database,
	change: { readonly user: string; readonly text: string; readonly by: string },
): void {
	const { user, text, by } = change;
	const alive = "FROM memories m WHERE m.user_id = :user AND m.deleted_at IS NULL AND";
	const withText = `${alive} m.fingerprint = :fingerprint AND m.text = :text`;
	const changed = [
		...selectMemories(database, withText, { user, text, fingerprint: fingerprint(text) }),
		...selectMemories(database, `${alive} m.metadata = :text`, { user, text }),
	];
	for (const memory of changed) {
		// Its vectors are not kept: they were made of the old text.
		dropFromIndexes(database, memory.seq);
		dropKeptEverywhere(database, memory.text);
		const rewritten =
			memory.text === text
				? { ...memory, text: by }
				: { ...memory, metadata: JSON.parse(by) as Readonly<Record<string, unknown>> };
		database.run(
			"UPDATE memories SET text = :text, fingerprint = :fingerprint, revision = :revision, unlinked = 1 WHERE seq = :seq",
			{
				text: rewritten.text,
				fingerprint: fingerprint(rewritten.text),
				revision: nextRevision(database),
				seq: memory.seq,
			},
		);
		indexWords(database, memory.seq, rewritten);
	}
	dropKeptEverywhere(database, text);
	const ofUser = "memory_id IN (SELECT id FROM memories WHERE user_id = :user)";
	database.run(`UPDATE history SET old_text = :by WHERE old_text = :text AND ${ofUser}`, change);
	database.run(`UPDATE history SET new_text = :by WHERE new_text = :text AND ${ofUser}`, change);
	database.run("UPDATE memories SET metadata = :by WHERE metadata = :text AND user_id = :user", change);
	database.run(
		"UPDATE journal SET text = :by, fingerprint = :fingerprint WHERE text = :text AND user_id = :user",
		{ ...change, fingerprint: fingerprint(by) },
	);
	database.run("UPDATE journal SET metadata = :by WHERE metadata = :text AND user_id = :user", change);
}
