import { fingerprint } from "../../text/fingerprint.ts";
import { type Action, audienceOf, byAnother, type Viewer } from "../access.ts";
import type { Audience, NewMemory, StoredMemory, Vector } from "../types.ts";
import { accessTo } from "./access.ts";
import type { Database, Reader, Writer } from "./database.ts";
import { addHistory } from "./history.ts";
import { isCurrent, type MemoryRow, selectMemories, selectMemory, toMemory } from "./rows.ts";
import { dropVectors, putVector } from "./vectors.ts";
import { termsOf } from "./words.ts";

/*
 * Finds and changes single memories. Every change also updates history, words and vectors, within the caller's
 * transaction.
 */

/** The name of the lock under which duplicates of a text are decided. */
export function duplicateLock({ text }: Pick<NewMemory, "text">): string {
	return fingerprint(text);
}

/** The name of the lock under which the id of a new memory is taken. */
export function idLock(id: string): string {
	return `id ${id}`;
}

/** Also the ids of other users, and of deleted memories, are taken. */
export async function isFree(reader: Reader, id: string): Promise<boolean> {
	return !(await reader.get("SELECT 1 FROM {s}.memories WHERE id = :id", { id }));
}

export function findMemory(
	reader: Reader,
	id: string,
	viewer: Viewer,
	action: Action = "read",
): Promise<StoredMemory | undefined> {
	const { condition, parameters } = accessTo(viewer, action);
	const from = `FROM {s}.memories m WHERE m.id = :id AND ${condition} AND m.deleted_at IS NULL`;
	return selectMemory(reader, from, { id, ...parameters });
}

/** The memory of a save. */
export function memoryOfSave(reader: Reader, saveId: string): Promise<StoredMemory | undefined> {
	const from =
		"FROM {s}.memories m WHERE m.save_id = :saveId AND m.deleted_at IS NULL ORDER BY m.seq LIMIT 1";
	return selectMemory(reader, from, { saveId });
}

/**
 * A memory other than `except` that says the same and is visible in the same scope. Of others' memories only those that are
 * shared as widely as this one is to be, and that last.
 * @param lasting leaves out texts that wait to be distilled, since their facts may replace them.
 */
export function duplicateOf(
	reader: Reader,
	{ text, userId, project, visibility }: NewMemory,
	{
		except,
		lasting = false,
	}: { readonly except?: StoredMemory | undefined; readonly lasting?: boolean } = {},
): Promise<StoredMemory | undefined> {
	const own = `m.user_id = :user AND NOT (:lasting::boolean AND ${isPending})`;
	return selectMemory(
		reader,
		`FROM {s}.memories m
		WHERE m.deleted_at IS NULL AND m.fingerprint = :fingerprint AND m.seq <> :except
		AND ${visibility ? `(${own} OR ${isSharedWith(audienceOf({ visibility }))})` : own}
		AND (m.scope = 'global' OR m.project_id = :project::text) AND ${isCurrent}
		ORDER BY ${visibility ? "m.user_id <> :user, " : ""}m.seq LIMIT 1`,
		{
			fingerprint: fingerprint(text),
			user: userId,
			project: project?.id ?? null,
			except: except?.seq ?? 0,
			now: Date.now(),
			lasting,
		},
	);
}

/** Whether the text of a memory `m` waits to be distilled. */
const isPending = `EXISTS (
	SELECT 1 FROM {s}.journal j WHERE j.id = m.save_id AND j.text = m.text AND j.distil = 'pending')`;

/** What is shared with the team is, within its scope, shared with the project, too. */
function isSharedWith(audience: Audience): string {
	return `m.visibility IN ('team'${audience === "project" ? ", 'project'" : ""}) AND NOT ${isPending}`;
}

/** Duplicates of new memories, and what others share; each the first in its scope; in one statement for all of them. */
export async function duplicatesOf(
	reader: Reader,
	memories: readonly NewMemory[],
): Promise<readonly StoredMemory[]> {
	const areShared = memories.some(({ visibility }) => visibility);
	return selectMemories(
		reader,
		`FROM {s}.memories m WHERE m.deleted_at IS NULL AND m.fingerprint = ANY (:fingerprints::text[])
		AND (m.user_id = ANY (:users::text[])${areShared ? ` OR (${isSharedWith("project")})` : ""}) AND ${isCurrent}
		ORDER BY m.seq`,
		{
			now: Date.now(),
			fingerprints: memories.map(({ text }) => fingerprint(text)),
			users: [...new Set(memories.map(({ userId }) => userId))],
		},
	);
}

/**
 * Replaces the text and drops the vectors and entities of the old one. The caller keeps history.
 * @param at when; by default now.
 */
export async function replaceText(
	database: Database,
	writer: Writer,
	old: StoredMemory,
	text: string,
	{ vector, at, unlinked = false }: { vector?: Vector | undefined; at?: number; unlinked?: boolean } = {},
): Promise<StoredMemory> {
	const { seq } = old;
	await dropFromIndexes(writer, seq, old.text);
	const row = await writer.get<MemoryRow>(
		`UPDATE {s}.memories SET text = :text, fingerprint = :fingerprint, unlinked = :unlinked, meant_for = :meantFor,
		updated_at = coalesce(:at::bigint, greatest({s}.now_ms(), updated_at + 1)) WHERE seq = :seq RETURNING *`,
		{
			text,
			fingerprint: fingerprint(text),
			at: at ?? null,
			unlinked,
			meantFor: database.destinations.embedding ?? null,
			seq,
		},
	);
	const updated = toMemory(row as MemoryRow);
	await indexWords(writer, updated);
	if (vector) await putVector(writer, updated, vector);
	return updated;
}

/** @param replacedBy the id of the fact that says the same, if nobody deleted it. */
export async function removeMemory(
	writer: Writer,
	{ id, seq, text }: StoredMemory,
	replacedBy?: string,
	by: { readonly by?: string } = {},
): Promise<void> {
	await dropFromIndexes(writer, seq, text);
	await writer.all(
		"UPDATE {s}.memories SET text = '', fingerprint = '', deleted_at = {s}.now_ms(), unlinked = false WHERE seq = :seq",
		{ seq },
	);
	const why = replacedBy === undefined ? {} : { newFields: { supersededBy: replacedBy } };
	await addHistory(writer, id, { event: "DELETE", oldText: text, ...why, ...by });
}

/** Undefined if no deleted memory has the id. */
export async function restoreMemory(
	writer: Writer,
	id: string,
	viewer: Viewer,
): Promise<StoredMemory | undefined> {
	const { condition, parameters } = accessTo(viewer, "delete");
	const deleted = await writer.get<{ seq: number; text: string }>(
		`SELECT m.seq, (SELECT h.old_text FROM {s}.history h WHERE h.memory_id = m.id AND h.event = 'DELETE' ORDER BY h.id DESC LIMIT 1) AS text
		FROM {s}.memories m WHERE m.id = :id AND ${condition} AND m.deleted_at IS NOT NULL FOR UPDATE`,
		{ id, ...parameters },
	);
	if (typeof deleted?.text !== "string") return undefined;
	const { seq, text } = deleted;
	const row = await writer.get<MemoryRow>(
		`UPDATE {s}.memories SET text = :text, fingerprint = :fingerprint, deleted_at = NULL, unlinked = true
		WHERE seq = :seq RETURNING *`,
		{ text, fingerprint: fingerprint(text), seq },
	);
	const restored = toMemory(row as MemoryRow);
	await indexWords(writer, restored);
	await addHistory(writer, id, { event: "RESTORE", newText: text, ...byAnother(viewer, restored) });
	return restored;
}

export async function indexWords(writer: Writer, memory: StoredMemory): Promise<void> {
	const sql = `INSERT INTO {s}.words (seq, terms) VALUES (:seq, :terms::text[])
		ON CONFLICT (seq) DO UPDATE SET terms = excluded.terms`;
	await writer.all(sql, { seq: memory.seq, terms: termsOf(memory) });
}

/**
 * Also drops its links to entities, and entities that no memory mentions any more.
 * @param text that it had; its vectors are kept, in case somebody saves the text again.
 */
export async function dropFromIndexes(writer: Writer, seq: number, text: string): Promise<void> {
	await writer.all("DELETE FROM {s}.words WHERE seq = :seq", { seq });
	await dropVectors(writer, seq, text);
	const dropped = await writer.all<{ entity: number }>(
		"DELETE FROM {s}.entity_links WHERE seq = :seq RETURNING entity",
		{ seq },
	);
	if (dropped.length > 0)
		await writer.all(
			`DELETE FROM {s}.entities e WHERE e.id = ANY (:entities::bigint[])
			AND NOT EXISTS (SELECT 1 FROM {s}.entity_links l WHERE l.entity = e.id)`,
			{ entities: dropped.map(({ entity }) => entity) },
		);
}
