import { fingerprint } from "../../text/fingerprint.ts";
import type { KeptText, KeptTexts } from "../transfers.ts";
import type { StoredMemory } from "../types.ts";
import type { Database, Reader, Writer } from "./database.ts";
import { dropKeptEverywhere } from "./keptVectors.ts";
import { dropFromIndexes, duplicateLock, indexWords } from "./memoryTable.ts";
import { selectMemories } from "./rows.ts";
import { named } from "./sql.ts";

/*
 * All texts of a user wherever they are kept, and their replacement.
 */

interface Place {
	readonly where: KeptText["where"];
	readonly table: string;
	/** Rows are read in its order. */
	readonly key: string;
	readonly column: string;
	/** Which rows are the user's. */
	readonly owned: string;
	/** The id of the memory it belongs to. */
	readonly memoryId?: string;
}

const ofUser = "user_id = :user";
const ofMemory = { table: "memories", key: "seq", owned: ofUser, memoryId: "id" };
const ofHistory = {
	table: "history",
	key: "id",
	owned: "memory_id IN (SELECT id FROM {s}.memories WHERE user_id = :user)",
	memoryId: "memory_id",
};
const ofSave = { table: "journal", key: "id", owned: ofUser };
const ofCandidate = { table: "candidates", key: "seq", owned: ofUser };

/** Every column with texts that somebody wrote, in the order in which they are read. */
const places: readonly Place[] = [
	{ where: "memory", column: "text", ...ofMemory },
	{ where: "metadata", column: "metadata", ...ofMemory },
	...["old_text", "new_text"].map((column) => ({ where: "history", column, ...ofHistory }) as const),
	...["old_fields", "new_fields"].map((column) => ({ where: "metadata", column, ...ofHistory }) as const),
	{ where: "save", column: "text", ...ofSave },
	{ where: "metadata", column: "metadata", ...ofSave },
	...["text", "excerpt", "why"].map((column) => ({ where: "candidate", column, ...ofCandidate }) as const),
	{ where: "metadata", column: "metadata", ...ofCandidate },
	{ where: "query", table: "uses", key: "id", column: "query", owned: ofUser },
];

/** Where the old texts may stand, also as words. */
const tables = [
	...new Set(places.map(({ table }) => table)),
	"words",
	"term_counts",
	"kept_vectors",
	"vectors",
];

/** The place's index, and the key of the last row, if a row of it was read. */
const cursor = /^(\d+)(?::(.*))?$/s;

export async function readKeptTexts(
	reader: Reader,
	userId: string,
	limit: number,
	after = "0",
): Promise<KeptTexts> {
	const [, index = "0", row] = cursor.exec(after) ?? [];
	const place = places[Number(index)];
	if (!place) return { texts: [] };
	const { where, table, key, column, owned, memoryId = "NULL" } = place;
	const beyond = table === "journal" ? ":row::text" : ":row::bigint";
	const rows = await reader.all<{ row: string; memoryId: string | null; text: string }>(
		`SELECT ${key}::text AS row, ${memoryId} AS "memoryId", ${column} AS text FROM {s}.${table}
		WHERE ${owned} ${row === undefined ? "" : `AND ${key} > ${beyond}`} AND ${column} <> '' ORDER BY ${table}.${key} LIMIT :limit`,
		{ user: userId, limit, ...(row === undefined ? {} : { row }) },
	);
	const last = rows.length === limit ? rows.at(-1)?.row : undefined;
	const isLast = last === undefined && Number(index) === places.length - 1;
	return {
		texts: rows.map(({ text, memoryId: id }) => ({ where, text, ...(id === null ? {} : { memoryId: id }) })),
		...(isLast ? {} : { next: last === undefined ? `${Number(index) + 1}` : `${index}:${last}` }),
	};
}

/** @returns false if another process still sees an earlier state, which has the old texts. */
export async function replaceKeptTexts(
	database: Database,
	userId: string,
	replacements: ReadonlyMap<string, string>,
): Promise<boolean> {
	const locks = [...replacements].flat().map((text) => duplicateLock({ text }));
	const transaction = await database.write(async (writer) => {
		// As everybody who locks both: the journal first.
		await writer.all(
			`SELECT 1 FROM {s}.journal WHERE user_id = :userId AND (text = ANY (:texts::text[]) OR metadata = ANY (:texts::text[]))
			ORDER BY id FOR UPDATE`,
			{ userId, texts: [...replacements.keys()] },
		);
		for (const [text, by] of replacements) await replaceEverywhere(writer, { user: userId, text, by });
		// What counts words would go on naming those that no memory has any more.
		await writer.all("LOCK TABLE {s}.term_counts IN SHARE ROW EXCLUSIVE MODE");
		await writer.all(
			"DELETE FROM {s}.term_counts WHERE term IN (SELECT term FROM {s}.term_counts GROUP BY term HAVING sum(n) = 0)",
		);
		const row = await writer.get<{ xid: string }>("SELECT pg_current_xact_id()::text AS xid");
		return row?.xid ?? "";
	}, locks);
	const connection = await database.driver.connectAlone();
	try {
		for (const table of tables) await connection.script(named(`VACUUM {s}.${table}`, database.names));
	} finally {
		connection.release(true);
	}
	const readers = await database.number(
		`SELECT count(*) AS n FROM pg_stat_activity
		WHERE pid <> pg_backend_pid() AND datname = current_database() AND age(backend_xmin) >= age(:transaction::text::xid8::xid)`,
		{ transaction },
	);
	return readers === 0;
}

async function replaceEverywhere(
	writer: Writer,
	change: { readonly user: string; readonly text: string; readonly by: string },
): Promise<void> {
	const { user, text, by } = change;
	const changed = await selectMemories(
		writer,
		`FROM {s}.memories m WHERE m.user_id = :user AND m.deleted_at IS NULL
		AND ((m.fingerprint = :fingerprint AND m.text = :text) OR m.metadata = :text) ORDER BY m.seq FOR UPDATE`,
		{ user, text, fingerprint: fingerprint(text) },
	);
	for (const memory of changed) await rewrite(writer, memory, change);
	await dropKeptEverywhere(writer, text);
	for (const { table, column, owned } of places)
		await writer.all(`UPDATE {s}.${table} SET ${column} = :by WHERE ${column} = :text AND ${owned}`, change);
	// Saves of the old text are saves of the new one.
	await writer.all("UPDATE {s}.journal SET fingerprint = :fingerprint WHERE text = :by AND user_id = :user", {
		user,
		by,
		fingerprint: fingerprint(by),
	});
}

/** Without its old vectors: they were made of the old text. */
async function rewrite(
	writer: Writer,
	memory: StoredMemory,
	{ text, by }: { readonly text: string; readonly by: string },
): Promise<void> {
	await dropFromIndexes(writer, memory.seq, memory.text);
	await dropKeptEverywhere(writer, memory.text);
	const rewritten =
		memory.text === text
			? { ...memory, text: by }
			: { ...memory, metadata: JSON.parse(by) as Readonly<Record<string, unknown>> };
	await writer.all(
		"UPDATE {s}.memories SET text = :text, fingerprint = :fingerprint, unlinked = true WHERE seq = :seq",
		{ seq: memory.seq, text: rewritten.text, fingerprint: fingerprint(rewritten.text) },
	);
	await indexWords(writer, rewritten);
}
