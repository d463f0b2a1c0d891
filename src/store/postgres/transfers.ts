import { fingerprint } from "../../text/fingerprint.ts";
import { isDuplicateFor } from "../access.ts";
import type { TransferredMemory, Transfers } from "../transfers.ts";
import type { AddResult, StoredMemory } from "../types.ts";
import type { Database, Reader, Writer } from "./database.ts";
import { insertMemories } from "./insertion.ts";
import { duplicateLock, duplicatesOf, idLock } from "./memoryTable.ts";
import { selectMemories } from "./rows.ts";
import { duplicate } from "./saves.ts";

export function postgresTransfers(database: Database): Transfers {
	return {
		add: (memories, { exactly = false } = {}) =>
			database.write(async (writer) => {
				const events: AddResult["event"][] = [];
				for (const part of partsOf(memories))
					events.push(...(await addPart(database, writer, part, exactly)));
				return events;
			}, memories.flatMap(locksOf)),

		async known(memories) {
			const { known } = await compare(database, memories, false);
			return known.map((each) => each !== undefined);
		},
	};
}

function locksOf(memory: TransferredMemory): readonly string[] {
	return [duplicateLock(memory), ...(memory.id === undefined ? [] : [idLock(memory.id)])];
}

/** Parts whose memories cannot be duplicates of each other, so that each part is compared in one statement. */
function partsOf(memories: readonly TransferredMemory[]): readonly (readonly TransferredMemory[])[] {
	const parts: TransferredMemory[][] = [];
	let seen = new Set<string>();
	for (const memory of memories) {
		const keys = locksOf(memory);
		if (parts.length === 0 || keys.some((key) => seen.has(key))) {
			parts.push([]);
			seen = new Set();
		}
		for (const key of keys) seen.add(key);
		parts.at(-1)?.push(memory);
	}
	return parts;
}

async function addPart(
	database: Database,
	writer: Writer,
	memories: readonly TransferredMemory[],
	exactly: boolean,
): Promise<readonly AddResult["event"][]> {
	const { known, takenIds } = await compare(writer, memories, exactly);
	const added = memories.filter((_, index) => !known[index]);
	await insertMemories(
		database,
		writer,
		added.map(({ id, ...memory }) => (id === undefined || takenIds.has(id) ? memory : { id, ...memory })),
	);
	for (const [index, memory] of memories.entries()) {
		const same = known[index];
		if (same) await duplicate(database, writer, memory, same);
	}
	return known.map((same) => (same ? "DUPLICATE" : "ADD"));
}

/** The memories that are there already, and the ids that are taken: also by other users and deleted memories. */
async function compare(reader: Reader, memories: readonly TransferredMemory[], exactly: boolean) {
	const ids = memories.flatMap(({ id }) => (id === undefined ? [] : [id]));
	const taken = await reader.all<{ id: string }>(
		"SELECT id FROM {s}.memories WHERE id = ANY (:ids::text[])",
		{
			ids,
		},
	);
	const withIds = await selectMemories(
		reader,
		"FROM {s}.memories m WHERE m.id = ANY (:ids::text[]) AND m.deleted_at IS NULL",
		{ ids },
	);
	const byId = new Map(withIds.map((memory) => [memory.id, memory]));
	const byText = Map.groupBy(exactly ? [] : await duplicatesOf(reader, memories), ({ text }) =>
		fingerprint(text),
	);
	const known = memories.map((memory): StoredMemory | undefined => {
		const same = memory.id === undefined ? undefined : byId.get(memory.id);
		if (same?.text === memory.text && same.userId === memory.userId) return same;
		// What has been replaced or has expired is no duplicate of what is true today.
		const isPast = memory.supersededBy !== undefined || (memory.expiresAt ?? Date.now()) < Date.now();
		if (isPast && memory.id !== undefined) return undefined;
		return byText.get(fingerprint(memory.text))?.find((each) => isDuplicateFor(each, memory));
	});
	return { known, takenIds: new Set(taken.map(({ id }) => id)) };
}
