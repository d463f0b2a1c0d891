import { fingerprint } from "../../text/fingerprint.ts";
import { isDuplicateFor, isSharedAsWidely, widened } from "../access.ts";
import type { Saves } from "../memoryStore.ts";
import type { AddResult, JournalEntry, NewMemory, StoredMemory } from "../types.ts";
import { changeMemory } from "./changes.ts";
import type { Database, Reader, Writer } from "./database.ts";
import { insertMemories } from "./insertion.ts";
import { closeSave, journalSave, settleSave } from "./journal.ts";
import { duplicateLock, duplicateOf, duplicatesOf, idLock, isFree, memoryOfSave } from "./memoryTable.ts";
import { isCurrent, selectMemories } from "./rows.ts";
import { needsVector, spaceParameters } from "./vectors.ts";

export function postgresSaves(database: Database): Saves {
	return {
		record: (entry) =>
			database.write(
				async (writer) => {
					await journalSave(database, writer, entry, false);
					return duplicateOf(writer, entry);
				},
				[duplicateLock(entry)],
			),

		async store(entry, { distil = false, vector, memoryId } = {}) {
			const facts = distil ? await knownFacts(database, entry) : [];
			if (facts.length > 0)
				return { results: facts.map((memory) => ({ event: "DUPLICATE", memory })), knownFacts: true };
			const { id: saveId, ...origin } = entry;
			const added = { ...origin, saveId, ...(vector ? { vector } : {}) };
			const result = await database.write(
				async (writer): Promise<AddResult> => {
					await journalSave(database, writer, entry, distil);
					const existing = (await duplicateOf(writer, origin)) ?? (await memoryOfSave(writer, saveId));
					await closeSave(writer, saveId, existing !== undefined && existing.saveId !== saveId);
					if (existing) return duplicate(database, writer, added, existing, distil);
					const id = memoryId !== undefined && (await isFree(writer, memoryId)) ? { id: memoryId } : {};
					const [memory] = await insertMemories(database, writer, [{ ...added, ...id }]);
					return { event: "ADD", memory: memory as StoredMemory };
				},
				[duplicateLock(entry), ...(memoryId === undefined ? [] : [idLock(memoryId)])],
			);
			return { results: [result], knownFacts: false };
		},

		addAll: (memories) =>
			database.write((writer) => addAll(database, writer, memories), memories.map(duplicateLock)),

		async savedText(saveId, userId) {
			const sql = "SELECT text FROM {s}.journal WHERE id = :saveId AND user_id = :userId";
			return (await database.get<{ text: string }>(sql, { saveId, userId }))?.text;
		},

		async readBack(refs, space) {
			if (refs.length === 0) return [];
			const memories = await selectMemories(
				database,
				"FROM {s}.memories m WHERE m.id = ANY (:ids::text[]) AND m.deleted_at IS NULL",
				{ ids: refs.map(({ id }) => id) },
			);
			const work = await pendingWork(database, memories, space);
			return refs.map(({ id, userId }) => {
				const memory = memories.find((each) => each.id === id && each.userId === userId);
				const { distilling = false, awaits_vector = false } = (memory && work.get(memory.seq)) ?? {};
				return { memory, distilling, awaitsVector: awaits_vector };
			});
		},
	};
}

/** What is to be kept word for word must not be replaced by the facts of an earlier save. */
export async function duplicate(
	database: Database,
	writer: Writer,
	added: NewMemory,
	memory: StoredMemory,
	distil = false,
): Promise<AddResult> {
	if (memory.userId !== added.userId) return { event: "DUPLICATE", memory };
	if (!distil && memory.saveId !== undefined && memory.saveId !== added.saveId)
		await settleSave(writer, memory.saveId, "cancelled");
	return { event: "DUPLICATE", memory: await keptAsLong(database, writer, memory, added) };
}

/** What is saved once more is not forgotten earlier than the second save says, stays pinned and shared. */
async function keptAsLong(
	database: Database,
	writer: Writer,
	known: StoredMemory,
	again: NewMemory,
): Promise<StoredMemory> {
	const { expiresAt, pinned } = again;
	const isLonger = (expiresAt ?? Number.POSITIVE_INFINITY) > (known.expiresAt ?? Number.POSITIVE_INFINITY);
	return changeMemory(database, writer, known, {
		...(isLonger ? { expiresAt: expiresAt ?? null } : {}),
		...(pinned ? { pinned } : {}),
		...widened(known, again),
	});
}

/** Within the locks of all the texts. */
export async function addAll(
	database: Database,
	writer: Writer,
	memories: readonly NewMemory[],
): Promise<readonly AddResult[]> {
	const known: { readonly memory: NewMemory; readonly stored?: StoredMemory; readonly at?: number }[] = (
		await duplicatesOf(writer, memories)
	).map((stored) => ({ memory: stored, stored }));
	const byFingerprint = Map.groupBy(known, ({ memory }) => fingerprint(memory.text));
	const fresh: NewMemory[] = [];
	// The duplicates among the new ones themselves count as well.
	const decided = memories.map((memory) => {
		const same = byFingerprint.get(fingerprint(memory.text)) ?? [];
		const earlier = same.find((one) => isDuplicateFor(one.memory, memory));
		if (earlier) return { event: "DUPLICATE", ...earlier } as const;
		const added = { memory, at: fresh.push(memory) - 1 };
		byFingerprint.set(fingerprint(memory.text), [...same, added]);
		return { event: "ADD", ...added, stored: undefined } as const;
	});
	const inserted = await insertMemories(database, writer, fresh);
	const results: AddResult[] = [];
	for (const [index, { event, stored, at }] of decided.entries()) {
		const memory = stored ?? (inserted[at as number] as StoredMemory);
		if (event === "ADD") results.push({ event, memory });
		else results.push(await duplicate(database, writer, memories[index] as NewMemory, memory));
	}
	return results;
}

async function pendingWork(
	database: Database,
	memories: readonly StoredMemory[],
	space: Parameters<Saves["readBack"]>[1],
) {
	const work = new Map<number, { distilling: boolean; awaits_vector: boolean }>();
	for (const userId of new Set(memories.map((memory) => memory.userId))) {
		const parameters = await spaceParameters(database, database, userId, space);
		const rows = await database.all<{ seq: number; distilling: boolean; awaits_vector: boolean }>(
			`SELECT m.seq, ${needsVector} AS awaits_vector,
			EXISTS (SELECT 1 FROM {s}.journal j WHERE j.id = m.save_id AND j.distil = 'pending') AS distilling
			FROM {s}.memories m WHERE m.seq = ANY (:seqs::bigint[]) AND m.user_id = :user`,
			{ ...parameters, seqs: memories.map(({ seq }) => seq) },
		);
		for (const { seq, ...row } of rows) work.set(seq, row);
	}
	return work;
}

/** The facts distilled from an earlier save of the same words, if none of them has changed since. */
async function knownFacts(reader: Reader, entry: JournalEntry): Promise<readonly StoredMemory[]> {
	const { text, userId, project } = entry;
	const outcomes = await reader.all<{ outcome: readonly (readonly [seq: number, fingerprint: string])[] }>(
		`SELECT outcome FROM {s}.journal WHERE fingerprint = :fingerprint AND distil = 'done' AND user_id = :user
		AND outcome IS NOT NULL ORDER BY received_at DESC`,
		{ fingerprint: fingerprint(text), user: userId },
	);
	for (const { outcome } of outcomes) {
		const facts = await selectMemories(
			reader,
			`FROM unnest(:seqs::bigint[], :fingerprints::text[]) WITH ORDINALITY o (seq, fingerprint, ord)
			JOIN {s}.memories m ON m.seq = o.seq AND m.fingerprint = o.fingerprint
			WHERE m.deleted_at IS NULL AND m.user_id = :user AND (m.scope = 'global' OR m.project_id = :project::text)
			AND ${isCurrent} ORDER BY o.ord`,
			{
				seqs: outcome.map(([seq]) => seq),
				fingerprints: outcome.map(([, fact]) => fact),
				user: userId,
				project: project?.id ?? null,
				now: Date.now(),
			},
		);
		const areAll = facts.length > 0 && facts.length === outcome.length;
		if (areAll && facts.every((fact) => isSharedAsWidely(fact, entry))) return facts;
	}
	return [];
}
