import { ConflictError } from "../errors.ts";
import type { MemoryStore } from "../memoryStore.ts";
import type { StoredMemory } from "../types.ts";
import { conflictOf, isChanged, leftToChange } from "./conflicts.ts";
import type { KeptFile, KeptSave, WaitingChange } from "./outbox.ts";

/** What became of a change. */
export type Delivered = "delivered" | "conflict";

/**
 * Brings one change to the database, and settles it here. Wherever it is cut off, the next time finds what is there
 * already, and does the rest.
 * @param claimed gets the saves that are claimed now, and must be released.
 * @throws StoreError
 */
export async function deliver(
	change: WaitingChange,
	{ outbox, store: here }: KeptFile,
	there: MemoryStore,
	claimed: (saveId: string) => void,
): Promise<Delivered> {
	const { memoryId, userId, kept, seq, at } = change;
	if (kept.kind === "save") {
		await outbox.delivered(change, await save(change, kept, there, claimed));
		return "delivered";
	}
	const id = outbox.landedAs(memoryId);
	const landed = id === memoryId ? await apply(change, there) : await applyToOther(change, id, there);
	if (landed !== "conflict") {
		await outbox.delivered(change, landed);
		return "delivered";
	}
	const [mine, theirs] = await Promise.all([
		here.memories.get(memoryId, userId),
		there.memories.get(id, userId),
	]);
	const candidate = conflictOf(mine, theirs, { key: `${memoryId} ${seq} ${at}`, at });
	if (candidate) await there.candidates.add([candidate]);
	await outbox.dropAll(memoryId);
	return "conflict";
}

/** @returns the memory that has the text now. */
async function save(
	{ memoryId, userId }: WaitingChange,
	{ entry, distil }: KeptSave,
	there: MemoryStore,
	claimed: (saveId: string) => void,
): Promise<StoredMemory | undefined> {
	// One that was delivered before its delivery could be noted here may have been changed or deleted since.
	if ((await there.memories.history(memoryId, userId)).length > 0)
		return there.memories.get(memoryId, userId);
	const { results } = await there.saves.store(entry, { distil, memoryId });
	if (distil) claimed(entry.id);
	return results[0]?.memory;
}

/** What was saved here was there already, as a memory that whoever changed it here has not seen: it stays. */
async function applyToOther(
	{ userId, kept }: WaitingChange,
	id: string,
	there: MemoryStore,
): Promise<StoredMemory | undefined | "conflict"> {
	return kept.kind === "change" ? "conflict" : there.memories.get(id, userId);
}

/** @returns the memory as it is there now; undefined if it is gone. */
async function apply(
	{ memoryId: id, userId, kept, base }: WaitingChange,
	there: MemoryStore,
): Promise<StoredMemory | undefined | "conflict"> {
	if (kept.kind === "restore") {
		const [restored] = await there.memories.restore([id], userId);
		return restored ?? there.memories.get(id, userId);
	}
	for (;;) {
		const current = await there.memories.get(id, userId);
		if (kept.kind === "delete") {
			if (current && isChanged(base, current)) return "conflict";
			if (current) await there.memories.delete([id], userId);
			return undefined;
		}
		if (kept.kind !== "change" || !current) return "conflict";
		const left = leftToChange(kept.change, base, current);
		if (left === "conflict") return "conflict";
		if (Object.keys(left).length === 0) return current;
		try {
			const [changed] = await there.memories.change(userId, [{ ...left, id, expected: current }]);
			if (changed) return changed.after;
		} catch (error) {
			// Somebody was faster: look again.
			if (!(error instanceof ConflictError)) throw error;
		}
	}
}
