import { isDeepStrictEqual } from "node:util";
import { type Changed, type ChangedFields, fieldsOf, isAsExpected, type MemoryChange } from "../changes.ts";
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
export function applyChange(database: Database, userId: string, change: MemoryChange): Changed | undefined {
	const before = findMemory(database, change.id, userId);
	if (!before) return undefined;
	const { expected } = change;
	if (expected && !isAsExpected(before, expected)) throw new ConflictError(before);
	return { before, after: changeMemory(database, before, change) };
}

/** Within a write: changes a memory and its history. */
export function changeMemory(
	database: Database,
	before: StoredMemory,
	{ text = before.text, vector, ...asked }: Omit<MemoryChange, "id" | "expected">,
): StoredMemory {
	const { seq, saveId, userId } = before;
	// Behind one that somebody has deleted meanwhile, nobody would find it.
	const isGone = asked.supersededBy && !findMemory(database, asked.supersededBy, userId);
	const change = isGone ? { ...asked, supersededBy: null } : asked;
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
		});
	return memoryAt(database, seq);
}

/** Within a write. What a person or agent deletes must not be distilled. */
export function deleteMemory(database: Database, id: string, userId: string): StoredMemory | undefined {
	const memory = findMemory(database, id, userId);
	if (memory?.saveId) settleSave(database, memory.saveId, "cancelled");
	if (memory) remove(database, memory);
	return memory;
}

/**
 * Within a write: removes a memory. What it had superseded is there again: hidden behind nothing, nobody would find it.
 * @param replacedBy the id of the fact that says the same, if nobody deleted it; that one supersedes it now.
 */
export function remove(database: Database, memory: StoredMemory, replacedBy?: string): void {
	const { id, userId } = memory;
	removeMemory(database, memory, replacedBy);
	const hidden = selectMemories(
		database,
		`FROM memories m WHERE m.user_id = :userId AND m.deleted_at IS NULL AND ${isMarked} AND m.superseded_by = :id`,
		{ userId, id },
	);
	for (const each of hidden) changeMemory(database, each, { supersededBy: replacedBy ?? null });
}

/** Within a write. Undefined if no deleted memory has the id. What superseded it may be gone by now. */
export function restore(database: Database, id: string, userId: string): StoredMemory | undefined {
	const restored = restoreMemory(database, id, userId);
	const by = restored?.supersededBy;
	if (!restored || by === undefined || findMemory(database, by, userId)) return restored;
	return changeMemory(database, restored, { supersededBy: null });
}

/** Also of the save, if it is still to be distilled: its facts inherit them. */
function writeFields(
	database: Database,
	{ seq, saveId }: StoredMemory,
	{ project, pinned, expiresAt, metadata, supersededBy }: Required<ChangedFields>,
	at: number,
): void {
	const fields = {
		scope: project ? "project" : "global",
		project: project?.id ?? null,
		projectName: project?.name ?? null,
		pinned: pinned ? 1 : 0,
		expiresAt,
		metadata: asJson(metadata),
	};
	const set =
		"scope = :scope, project_id = :project, project_name = :projectName, pinned = :pinned, expires_at = :expiresAt, metadata = :metadata";
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
