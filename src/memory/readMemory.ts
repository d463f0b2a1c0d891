import type { HistoryEntry } from "../store/changes.ts";
import type { Memory, StoredMemory } from "../store/types.ts";
import type { Administration } from "./access/administration.ts";
import { viewerById } from "./access/sharing.ts";
import { UnknownMemoryError } from "./errors.ts";
import { checkedId } from "./input.ts";
import type { MemoryContext } from "./memoryContext.ts";

/** @throws InputError for an unknown id, or a memory that the actor may not read. */
export async function readMemory(
	context: MemoryContext,
	administration: Administration,
	id: string,
): Promise<StoredMemory> {
	const memory = await context.store.memories.get(id, viewerById(context));
	if (!memory) throw new UnknownMemoryError(id);
	await administration.noteRead(memory);
	return memory;
}

/** @throws InputError for an unknown id, or a memory that the actor may not read. */
export async function historyOf(
	context: MemoryContext,
	administration: Administration,
	id: string,
): Promise<readonly HistoryEntry[]> {
	const { memories } = context.store;
	const entries = await memories.history(id, viewerById(context));
	if (entries.length === 0) throw new UnknownMemoryError(id);
	if (!context.actor.admin) return entries;
	const memory = await memories.get(id, viewerById(context));
	if (memory) await administration.noteRead(memory);
	else if ((await memories.history(id, context.userId)).length === 0) administration.noteReadDeleted(id);
	return entries;
}

export async function savedTextOf({ store, userId }: MemoryContext, { text, saveId }: StoredMemory) {
	const saved = saveId === undefined ? undefined : await store.saves.savedText(saveId, userId);
	return saved === text ? undefined : saved;
}

export async function entitiesOf({ store }: MemoryContext, memory: StoredMemory): Promise<readonly string[]> {
	return (await store.memories.entities(memory)).map(({ text }) => text);
}

/** @throws UnknownMemoryError if it was not there. */
export function theOne(found: readonly Memory[], id: unknown): Memory {
	const [memory] = found;
	if (!memory) throw new UnknownMemoryError(checkedId(id));
	return memory;
}
