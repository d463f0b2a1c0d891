import { isDeepStrictEqual } from "node:util";
import { byAnother, mayShare, type Viewer } from "../access.ts";
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
import { type Database, nextRevision } from "./database.ts";
import { addHistory } from "./history.ts";
import { settleSave } from "./journal.ts";
import { dropWords, indexWords } from "./keywords.ts";
import { isMarked } from "./listConditions.ts";
import { findMemory, memoryAt, removeMemory, replaceText, restoreMemory } from "./memoryTable.ts";
import { selectMemories } from "./rows.ts";

/** Within a write. @throws ConflictError */
export function applyChange(database: Database, viewer: Viewer, change: MemoryChange): Changed | undefined {
	const before = findMemory(database, change.id, viewer, "change");
	if (!before || !mayShare(viewer, before, change)) return undefined;
	const { expected } = change;
	if (expected && !isAsExpected(before, expected)) throw new ConflictError(before);
	return { before, after: changeMemory(database, before, change, byAnother(viewer, before)) };
}

/** Within a write: changes a memory and its history. */
export function changeMemory(
	database: Database,
	before: StoredMemory,
	{ text = before.text, vector, ...asked }: Omit<MemoryChange, "id" | "expected">,
	by: { readonly by?: string } = {},
): StoredMemory {
	const { seq, saveId } = before;
	// Behind one that somebody has deleted meanwhile, nobody would find it.
	const isGone = asked.supersededBy && !isThere(database, asked.supersededBy);
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
	if (saveId && (textChanges || vector || becomes.supersededBy)) settleSave(database, saveId, "cancelled");
	// Always later than before: nobody may take it for what they read within the same ms.
	const at = Math.max(Date.now(), before.updatedAt + 1);
	if (fieldsChange) writeFields(database, before, becomes, at);
	if (textChanges || vector) {
		replaceText(database, before, text, vector, at);
		database.run("UPDATE memories SET unlinked = 1 WHERE seq = :seq", { seq });
	} else if (names.includes("project") || names.includes("metadata")) {
		dropWords(database, seq);
		indexWords(database, seq, memoryAt(database, seq));
	}
	if (fieldsChange || textChanges)
		addHistory(database, before.id, {
			event: "UPDATE",
			...(textChanges ? { oldText: before.text, newText: text } : {}),
			...(fieldsChange ? { oldFields: only(was), newFields: only(becomes) } : {}),
			...by,
		});
	return memoryAt(database, seq);
}

/** Within a write. What a person or agent deletes must not be distilled. */
export function deleteMemory(database: Database, id: string, viewer: Viewer): StoredMemory | undefined {
	const memory = findMemory(database, id, viewer, "delete");
	if (memory?.saveId) settleSave(database, memory.saveId, "cancelled");
	if (memory) remove(database, memory, undefined, byAnother(viewer, memory));
	return memory;
}

/**
 * Within a write: removes a memory. What it had superseded is there again: hidden behind nothing, nobody would find it.
 * @param replacedBy the id of the fact that says the same, if nobody deleted it; that one supersedes it now.
 */
export function remove(
	database: Database,
	memory: StoredMemory,
	replacedBy?: string,
	by: { readonly by?: string } = {},
): void {
	const { id } = memory;
	removeMemory(database, memory, replacedBy, by);
	const hidden = selectMemories(
		database,
		`FROM memories m INDEXED BY memories_hidden WHERE m.deleted_at IS NULL AND ${isMarked} AND m.superseded_by = :id`,
		{ id },
	);
	for (const each of hidden) changeMemory(database, each, { supersededBy: replacedBy ?? null });
}

/** Within a write. Undefined if no deleted memory has the id. What superseded it may be gone by now. */
export function restore(database: Database, id: string, viewer: Viewer): StoredMemory | undefined {
	const restored = restoreMemory(database, id, viewer);
	const by = restored?.supersededBy;
	if (!restored || by === undefined || isThere(database, by)) return restored;
	return changeMemory(database, restored, { supersededBy: null });
}

function isThere(database: Database, id: string): boolean {
	return database.get("SELECT 1 FROM memories WHERE id = :id AND deleted_at IS NULL", { id }) !== undefined;
}

/** Also of the save, if it is still to be distilled: its facts inherit them. */
function writeFields(
	database: Database,
	{ seq, saveId }: StoredMemory,
	{ project, pinned, expiresAt, metadata, supersededBy, visibility }: Required<ChangedFields>,
	at: number,
): void {
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
	database.run(
		`UPDATE memories SET ${set}, superseded_by = :supersededBy, updated_at = :at, revision = :revision WHERE seq = :seq`,
		{ ...fields, supersededBy, at, revision: nextRevision(database), seq },
	);
	if (saveId)
		database.run(`UPDATE journal SET ${set} WHERE id = :saveId AND distil = 'pending'`, {
			...fields,
			saveId,
		});
}
