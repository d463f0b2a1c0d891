import { randomUUID } from "node:crypto";
import { fingerprint } from "../../text/fingerprint.ts";
import { type Action, audienceOf, byAnother, type Viewer } from "../access.ts";
import { originColumns, originParameters, originValues } from "../rows.ts";
import type { NewMemory, StoredMemory, Vector } from "../types.ts";
import { accessTo } from "./access.ts";
import { type Database, nextRevision } from "./database.ts";
import { addHistory } from "./history.ts";
import { dropWords, indexWords } from "./keywords.ts";
import { isCurrent, selectMemory } from "./rows.ts";
import { dropVectors, putVector } from "./vectors.ts";

/*
 * Finds and changes single memories. Every change also updates history, keywords and vectors, within the caller's
 * write.
 */

export function findMemory(
	database: Database,
	id: string,
	viewer: Viewer,
	action: Action = "read",
): StoredMemory | undefined {
	const { condition, parameters } = accessTo(viewer, action);
	const from = `FROM memories m WHERE m.id = :id AND ${condition} AND m.deleted_at IS NULL`;
	return selectMemory(database, from, { id, ...parameters });
}

/** The memory of a save. Two processes may have stored it: one that died late and one that took over. */
export function memoryOfSave(database: Database, saveId: string): StoredMemory | undefined {
	const from = "FROM memories m WHERE m.save_id = :saveId AND m.deleted_at IS NULL ORDER BY m.seq";
	return selectMemory(database, from, { saveId });
}

/**
 * A memory other than `except` that says the same and is visible in the same scope: one that has expired or is superseded
 * is not. Of others' memories only those that are shared as widely as this one is to be, and that last.
 * @param lasting leaves out texts that wait to be distilled, since their facts may replace them.
 */
export function duplicateOf(
	database: Database,
	{ text, userId, project, visibility }: NewMemory,
	{
		except,
		lasting = false,
	}: { readonly except?: StoredMemory | undefined; readonly lasting?: boolean } = {},
): StoredMemory | undefined {
	const isPending = `EXISTS (SELECT 1 FROM journal j WHERE j.id = m.save_id AND j.text = m.text AND j.distil = 'pending')`;
	const own = `m.user_id = :user AND NOT (:lasting AND ${isPending})`;
	// What is shared with the team is, within its scope, shared with the project, too.
	const shared = `m.visibility IN ('team'${audienceOf({ visibility }) === "project" ? ", 'project'" : ""}) AND NOT ${isPending}`;
	return selectMemory(
		database,
		`FROM memories m
		WHERE m.deleted_at IS NULL AND m.fingerprint = :fingerprint AND m.seq <> :except
		AND ${visibility ? `(${own} OR ${shared})` : own}
		AND (m.scope = 'global' OR m.project_id = :project) AND ${isCurrent}
		ORDER BY ${visibility ? "m.user_id <> :user, " : ""}m.seq LIMIT 1`,
		{
			fingerprint: fingerprint(text),
			user: userId,
			project: project?.id ?? null,
			except: except?.seq ?? 0,
			now: Date.now(),
			lasting: lasting ? 1 : 0,
		},
	);
}

export function insertMemory(database: Database, added: NewMemory, id: string = randomUUID()): StoredMemory {
	const { lastInsertRowid } = database.run(
		`INSERT INTO memories (id, revision, fingerprint, ${originColumns}, save_id, updated_at, meant_for)
		VALUES (:id, :revision, :fingerprint, ${originValues}, :save, :createdAt, :meantFor)`,
		{
			...originParameters(added),
			id,
			revision: nextRevision(database),
			fingerprint: fingerprint(added.text),
			save: added.saveId ?? null,
			meantFor: database.destinations.embedding ?? null,
		},
	);
	const memory = memoryAt(database, Number(lastInsertRowid));
	indexWords(database, memory.seq, added);
	if (added.vector) putVector(database, memory, added.vector);
	addHistory(database, id, { event: "ADD", newText: added.text });
	return memory;
}

/** Also the ids of other users, and of deleted memories, are taken. */
export function isFree(database: Database, id: string): boolean {
	return !database.get("SELECT 1 FROM memories WHERE id = :id", { id });
}

/** Replaces the text and drops the vectors and entities of the old one. The caller keeps history. */
export function replaceText(
	database: Database,
	old: StoredMemory,
	text: string,
	vector: Vector | undefined,
	at: number,
): StoredMemory {
	const { seq } = old;
	database.run(
		"UPDATE memories SET text = :text, fingerprint = :fingerprint, updated_at = :at, revision = :revision, unlinked = 0, meant_for = :meantFor WHERE seq = :seq",
		{
			text,
			fingerprint: fingerprint(text),
			at,
			revision: nextRevision(database),
			meantFor: database.destinations.embedding ?? null,
			seq,
		},
	);
	const updated = memoryAt(database, seq);
	dropFromIndexes(database, seq, old.text);
	indexWords(database, seq, updated);
	if (vector) putVector(database, updated, vector);
	return updated;
}

/** @param replacedBy the id of the fact that says the same, if nobody deleted it. */
export function removeMemory(
	database: Database,
	{ id, seq, text }: StoredMemory,
	replacedBy?: string,
	by: { readonly by?: string } = {},
): void {
	database.run(
		"UPDATE memories SET text = '', fingerprint = '', deleted_at = :now, revision = :revision, unlinked = 0 WHERE seq = :seq",
		{ now: Date.now(), revision: nextRevision(database), seq },
	);
	dropFromIndexes(database, seq, text);
	const why = replacedBy === undefined ? {} : { newFields: { supersededBy: replacedBy } };
	addHistory(database, id, { event: "DELETE", oldText: text, ...why, ...by });
}

/** Undefined if no deleted memory has the id. */
export function restoreMemory(database: Database, id: string, viewer: Viewer): StoredMemory | undefined {
	const { condition, parameters } = accessTo(viewer, "delete");
	const deleted = database.get<{ seq: number; text: string }>(
		`SELECT m.seq, h.old_text AS text FROM memories m JOIN history h ON h.memory_id = m.id
		WHERE m.id = :id AND ${condition} AND m.deleted_at IS NOT NULL AND h.event = 'DELETE' ORDER BY h.id DESC LIMIT 1`,
		{ id, ...parameters },
	);
	if (!deleted) return undefined;
	const { seq, text } = deleted;
	database.run(
		"UPDATE memories SET text = :text, fingerprint = :fingerprint, deleted_at = NULL, unlinked = 1, revision = :revision WHERE seq = :seq",
		{ text, fingerprint: fingerprint(text), revision: nextRevision(database), seq },
	);
	const restored = memoryAt(database, seq);
	indexWords(database, seq, restored);
	addHistory(database, id, { event: "RESTORE", newText: text, ...byAnother(viewer, restored) });
	return restored;
}

/**
 * Also drops its links to entities, and entities that no memory mentions any more.
 * @param text that it had; its vectors are kept, in case somebody saves the text again.
 */
export function dropFromIndexes(database: Database, seq: number, text?: string): void {
	dropWords(database, seq);
	dropVectors(database, seq, text);
	const links = "SELECT entity FROM entity_links WHERE seq = :seq";
	const mentioned = database.all<{ entity: number }>(links, { seq });
	if (mentioned.length === 0) return;
	database.run("DELETE FROM entity_links WHERE seq = :seq", { seq });
	for (const { entity } of mentioned)
		database.run(
			"DELETE FROM entities WHERE id = :entity AND NOT EXISTS (SELECT 1 FROM entity_links WHERE entity = :entity)",
			{ entity },
		);
}

export function memoryAt(database: Database, seq: number): StoredMemory {
	return selectMemory(database, "FROM memories m WHERE m.seq = :seq", { seq }) as StoredMemory;
}
