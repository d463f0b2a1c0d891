import { fingerprint } from "../../text/fingerprint.ts";
import { isSharedAsWidely, widened } from "../access.ts";
import { StoreError } from "../errors.ts";
import type { Saves } from "../memoryStore.ts";
import type { AddResult, JournalEntry, NewMemory, StoredMemory } from "../types.ts";
import { changeMemory } from "./changes.ts";
import type { Database } from "./database.ts";
import { closeSave, isJournaled, isPending, journalSave, settleSave } from "./journal.ts";
import { duplicateOf, findMemory, insertMemory, isFree, memoryOfSave } from "./memoryTable.ts";
import { isCurrent, selectMemories } from "./rows.ts";
import { awaitsVector } from "./vectors.ts";

export function sqliteSaves(database: Database): Saves {
	return {
		record: (entry) =>
			database.write(() => {
				journalSave(database, entry, false);
				return duplicateOf(database, entry);
			}),

		async store(entry, { distil = false, vector, memoryId } = {}) {
			const facts = distil ? knownFacts(database, entry) : [];
			if (facts.length > 0)
				return { results: facts.map((memory) => ({ event: "DUPLICATE", memory })), knownFacts: true };
			const { id: saveId, ...origin } = entry;
			const storing = database.write(() => {
				journalSave(database, entry, distil);
				const existing = duplicateOf(database, origin) ?? memoryOfSave(database, saveId);
				closeSave(database, saveId, existing !== undefined && existing.saveId !== saveId);
				const memory = { ...origin, saveId, ...(vector ? { vector } : {}) };
				if (existing) return addMemory(database, memory, existing, distil);
				const id = memoryId !== undefined && isFree(database, memoryId) ? memoryId : undefined;
				return { event: "ADD" as const, memory: insertMemory(database, memory, id) };
			});
			const result = await storing.catch((error: unknown) => {
				throw isJournaled(database, saveId) ? journaledAllTheSame(database, error) : error;
			});
			return { results: [result], knownFacts: false };
		},

		addAll: (memories) => database.write(() => memories.map((memory) => addMemory(database, memory))),

		async savedText(saveId, userId) {
			const sql = "SELECT text FROM journal WHERE id = :saveId AND user_id = :userId";
			return database.get<{ text: string }>(sql, { saveId, userId })?.text;
		},

		readBack: async (refs, space) =>
			database.read(() =>
				refs.map(({ id, userId }) => {
					const memory = findMemory(database, id, userId);
					return {
						memory,
						distilling: memory?.saveId !== undefined && isPending(database, memory.saveId),
						awaitsVector: memory !== undefined && awaitsVector(database, memory, space),
					};
				}),
			),
	};
}

/** Within a write. What is to be kept word for word must not be replaced by the facts of an earlier save. */
export function addMemory(
	database: Database,
	memory: NewMemory,
	duplicate: StoredMemory | undefined = duplicateOf(database, memory),
	distil = false,
): AddResult {
	if (!duplicate) return { event: "ADD", memory: insertMemory(database, memory) };
	if (duplicate.userId !== memory.userId) return { event: "DUPLICATE", memory: duplicate };
	const { saveId } = duplicate;
	if (!distil && saveId !== undefined && saveId !== memory.saveId) settleSave(database, saveId, "cancelled");
	return { event: "DUPLICATE", memory: keptAsLong(database, duplicate, memory) };
}

/** Within a write: what is saved once more is not forgotten earlier than the second save says, stays pinned and shared. */
function keptAsLong(database: Database, known: StoredMemory, again: NewMemory): StoredMemory {
	const { expiresAt, pinned } = again;
	const isLonger = (expiresAt ?? Number.POSITIVE_INFINITY) > (known.expiresAt ?? Number.POSITIVE_INFINITY);
	return changeMemory(database, known, {
		...(isLonger ? { expiresAt: expiresAt ?? null } : {}),
		...(pinned ? { pinned } : {}),
		...widened(known, again),
	});
}

/** Says of a failed write that the text is safe, or people and agents would save it again. */
function journaledAllTheSame(database: Database, cause: unknown): unknown {
	if (!(cause instanceof StoreError) || cause.kind !== "busy") return cause;
	return new StoreError(
		"busy",
		database.path,
		`The text is in the journal of the memory database ${database.path}, but another process has kept the database locked for too long to finish the save. It becomes a memory within minutes, without being saved again.`,
		cause,
	);
}

/** The facts distilled from an earlier save of the same words, if none of them has changed since. */
function knownFacts(database: Database, entry: JournalEntry): readonly StoredMemory[] {
	const { text, userId, project } = entry;
	const outcomes = database.all<{ outcome: string }>(
		`SELECT outcome FROM journal WHERE fingerprint = :fingerprint AND distil = 'done' AND user_id = :user
		AND outcome IS NOT NULL ORDER BY received_at DESC`,
		{ fingerprint: fingerprint(text), user: userId },
	);
	for (const { outcome } of outcomes) {
		const facts = selectMemories(
			database,
			`FROM json_each(:outcome) o
			CROSS JOIN memories m ON m.seq = o.value ->> 0 AND m.fingerprint = o.value ->> 1
			WHERE m.deleted_at IS NULL AND m.user_id = :user AND (m.scope = 'global' OR m.project_id = :project)
			AND ${isCurrent} ORDER BY o.key`,
			{ outcome, user: userId, project: project?.id ?? null, now: Date.now() },
		);
		const areAll = facts.length > 0 && facts.length === (JSON.parse(outcome) as unknown[]).length;
		if (areAll && facts.every((fact) => isSharedAsWidely(fact, entry))) return facts;
	}
	return [];
}
