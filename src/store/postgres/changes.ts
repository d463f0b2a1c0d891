import { isDeepStrictEqual } from "node:util";
import { type Action, byAnother, factsOf, mayDo, mayShare, type Viewer } from "../access.ts";
import {
	type Changed,
	type ChangedFields,
	fieldsOf,
	isAsExpected,
	type MemoryChange,
	withoutStrayVisibility,
} from "../changes.ts";
import { ConflictError } from "../errors.ts";
import { asJson } from "../rows.ts";
import type { StoredMemory } from "../types.ts";
import type { Database, Writer } from "./database.ts";
import { addHistory } from "./history.ts";
import { settleSave } from "./journal.ts";
import { findMemory, indexWords, removeMemory, replaceText, restoreMemory } from "./memoryTable.ts";
import { type MemoryRow, selectMemory, toMemory } from "./rows.ts";

/** @throws ConflictError */
export async function applyChange(
	database: Database,
	writer: Writer,
	viewer: Viewer,
	change: MemoryChange,
): Promise<Changed | undefined> {
	const before = await lockMemory(writer, change.id, viewer, "change");
	if (!before || !mayShare(viewer, before, change)) return undefined;
	const { expected } = change;
	if (expected && !isAsExpected(before, expected)) throw new ConflictError(before);
	return { before, after: await changeMemory(database, writer, before, change, byAnother(viewer, before)) };
}

/** Changes a memory, which the caller has locked, and its history. */
export async function changeMemory(
	database: Database,
	writer: Writer,
	before: StoredMemory,
	{ text = before.text, vector, ...asked }: Omit<MemoryChange, "id" | "expected">,
	by: { readonly by?: string } = {},
): Promise<StoredMemory> {
	const { saveId } = before;
	// Behind one that somebody has deleted meanwhile, nobody would find it.
	const isGone = asked.supersededBy && !(await isThere(writer, asked.supersededBy));
	const change = withoutStrayVisibility(before, isGone ? { ...asked, supersededBy: null } : asked);
	const was = fieldsOf(before);
	const names = (Object.keys(was) as (keyof ChangedFields)[]).filter(
		(name) => change[name] !== undefined && !isDeepStrictEqual(change[name], was[name]),
	);
	const fieldsChange = names.length > 0;
	const textChanges = text !== before.text;
	if (!fieldsChange && !textChanges && !vector) return before;
	const only = (fields: ChangedFields) => Object.fromEntries(names.map((name) => [name, fields[name]]));
	const becomes = { ...was, ...only(change) };
	// What a person or agent writes as the memory, or puts another in the place of, must not be distilled.
	if (saveId && (textChanges || vector || becomes.supersededBy))
		await settleSave(writer, saveId, "cancelled");
	let after = fieldsChange ? await writeFields(writer, before, becomes) : before;
	if (textChanges || vector) {
		const old = { ...after, text: before.text };
		after = await replaceText(database, writer, old, text, { vector, unlinked: true });
	} else if (names.includes("project") || names.includes("metadata")) await indexWords(writer, after);
	if (fieldsChange || textChanges)
		await addHistory(writer, before.id, {
			event: "UPDATE",
			...(textChanges ? { oldText: before.text, newText: text } : {}),
			...(fieldsChange ? { oldFields: only(was), newFields: only(becomes) } : {}),
			...by,
		});
	return after;
}

/** Whether there is a memory, which nobody deletes before the transaction ends. */
async function isThere(writer: Writer, id: string): Promise<boolean> {
	const sql = "SELECT 1 FROM {s}.memories m WHERE m.id = :id AND m.deleted_at IS NULL FOR SHARE";
	return (await writer.get(sql, { id })) !== undefined;
}

/** What a person or agent deletes must not be distilled. */
export async function deleteMemory(
	database: Database,
	writer: Writer,
	id: string,
	viewer: Viewer,
): Promise<StoredMemory | undefined> {
	const memory = await lockMemory(writer, id, viewer, "delete");
	if (memory?.saveId) await settleSave(writer, memory.saveId, "cancelled");
	if (memory) await remove(database, writer, memory, undefined, byAnother(viewer, memory));
	return memory;
}

/**
 * Removes a memory. What it had superseded is there again: hidden behind nothing, nobody would find it.
 * @param replacedBy the id of the fact that says the same, if nobody deleted it; that one supersedes it now.
 */
export async function remove(
	database: Database,
	writer: Writer,
	memory: StoredMemory,
	replacedBy?: string,
	by: { readonly by?: string } = {},
): Promise<void> {
	const { id } = memory;
	await removeMemory(writer, memory, replacedBy, by);
	const hidden = await writer.all<{ id: string; author: string }>(
		"SELECT m.id, m.user_id AS author FROM {s}.memories m WHERE m.deleted_at IS NULL AND m.superseded_by = :id ORDER BY m.seq",
		{ id },
	);
	for (const each of hidden) {
		const before = await lockMemory(writer, each.id, each.author, "change");
		if (before?.supersededBy === id)
			await changeMemory(database, writer, before, { supersededBy: replacedBy ?? null });
	}
}

/** Undefined if no deleted memory has the id. What superseded it may be gone by now. */
export async function restore(
	database: Database,
	writer: Writer,
	id: string,
	viewer: Viewer,
): Promise<StoredMemory | undefined> {
	const restored = await restoreMemory(writer, id, viewer);
	const by = restored?.supersededBy;
	if (!restored || by === undefined || (await isThere(writer, by))) return restored;
	return changeMemory(database, writer, restored, { supersededBy: null });
}

/** Locks the save of a memory and then the memory, as everybody does who locks both. */
export async function lockMemory(
	writer: Writer,
	id: string,
	viewer: Viewer,
	action: Action,
): Promise<StoredMemory | undefined> {
	const found = await findMemory(writer, id, viewer, action);
	if (!found) return undefined;
	if (found.saveId)
		await writer.all("SELECT 1 FROM {s}.journal WHERE id = :saveId FOR UPDATE", { saveId: found.saveId });
	// Another process may have changed it until this one got its lock.
	const from = "FROM {s}.memories m WHERE m.seq = :seq AND m.deleted_at IS NULL FOR UPDATE";
	const locked = await selectMemory(writer, from, { seq: found.seq });
	return locked && mayDo(viewer, action, factsOf(locked)) ? locked : undefined;
}

/** Also of the save, if it is still to be distilled: its facts inherit them. */
async function writeFields(
	writer: Writer,
	{ seq, saveId }: StoredMemory,
	{ project, pinned, expiresAt, metadata, supersededBy, visibility }: Required<ChangedFields>,
): Promise<StoredMemory> {
	const fields = {
		scope: project ? "project" : "global",
		project: project?.id ?? null,
		projectName: project?.name ?? null,
		pinned: pinned ? 1 : 0,
		expiresAt,
		metadata: asJson(metadata),
		visibility,
	};
	const set =
		"scope = :scope, project_id = :project, project_name = :projectName, pinned = :pinned, expires_at = :expiresAt, metadata = :metadata, visibility = :visibility";
	const row = await writer.get<MemoryRow>(
		`UPDATE {s}.memories SET ${set}, superseded_by = :supersededBy, updated_at = greatest({s}.now_ms(), updated_at + 1)
		WHERE seq = :seq RETURNING *`,
		{ ...fields, supersededBy, seq },
	);
	if (saveId)
		await writer.all(`UPDATE {s}.journal SET ${set} WHERE id = :saveId AND distil = 'pending'`, {
			...fields,
			saveId,
		});
	return toMemory(row as MemoryRow);
}
