import { fingerprint } from "../../text/fingerprint.ts";
import { StoreError } from "../errors.ts";
import type { KeptText, KeptTexts } from "../transfers.ts";
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

interface Place {
	readonly where: KeptText["where"];
	readonly table: string;
	readonly column: string;
	/** Which rows are the user's. */
	readonly owned: string;
	/** The id of the memory it belongs to. */
	readonly memoryId?: string;
}

const ofUser = "user_id = :user";
const ofHistory = {
	table: "history",
	owned: "memory_id IN (SELECT id FROM memories WHERE user_id = :user)",
	memoryId: "memory_id",
};

/** Every column with texts that somebody wrote, in the order in which they are read. */
const places: readonly Place[] = [
	{ where: "memory", table: "memories", column: "text", owned: ofUser, memoryId: "id" },
	{ where: "metadata", table: "memories", column: "metadata", owned: ofUser, memoryId: "id" },
	...["old_text", "new_text"].map((column) => ({ where: "history", column, ...ofHistory }) as const),
	...["old_fields", "new_fields"].map((column) => ({ where: "metadata", column, ...ofHistory }) as const),
	{ where: "save", table: "journal", column: "text", owned: ofUser },
	{ where: "metadata", table: "journal", column: "metadata", owned: ofUser },
	...["text", "excerpt", "why"].map(
		(column) => ({ where: "candidate", table: "candidates", column, owned: ofUser }) as const,
	),
	{ where: "metadata", table: "candidates", column: "metadata", owned: ofUser },
	{ where: "query", table: "uses", column: "query", owned: ofUser },
];

export function readKeptTexts(database: Database, userId: string, limit: number, after = "0:0"): KeptTexts {
	const [index = 0, row = 0] = after.split(":").map(Number);
	const place = places[index];
	if (!place) return { texts: [] };
	const { where, table, column, owned, memoryId = "NULL" } = place;
	const rows = database.all<{ row: number; memoryId: string | null; text: string }>(
		`SELECT rowid AS row, ${memoryId} AS memoryId, ${column} AS text FROM ${table}
		WHERE ${owned} AND rowid > :after AND ${column} <> '' ORDER BY rowid LIMIT :limit`,
		{ user: userId, after: row, limit },
	);
	const last = rows.length === limit ? rows.at(-1)?.row : undefined;
	const isLast = last === undefined && index === places.length - 1;
	return {
		texts: rows.map(({ text, memoryId: id }) => ({ where, text, ...(id === null ? {} : { memoryId: id }) })),
		...(isLast ? {} : { next: last === undefined ? `${index + 1}:0` : `${index}:${last}` }),
	};
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
	for (const { table, column, owned } of places)
		database.run(`UPDATE ${table} SET ${column} = :by WHERE ${column} = :text AND ${owned}`, change);
	// Saves of the old text are saves of the new one.
	database.run("UPDATE journal SET fingerprint = :fingerprint WHERE text = :by AND user_id = :user", {
		user,
		by,
		fingerprint: fingerprint(by),
	});
}
