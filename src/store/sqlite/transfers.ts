import type { TransferredMemory, Transfers } from "../transfers.ts";
import type { StoredMemory } from "../types.ts";
import type { Database } from "./database.ts";
import { addHistory } from "./history.ts";
import { duplicateOf, findMemory, insertMemory, isFree } from "./memoryTable.ts";
import { addMemory } from "./saves.ts";

export function sqliteTransfers(database: Database): Transfers {
	const known = (memory: TransferredMemory, exactly: boolean): StoredMemory | undefined => {
		const same = memory.id === undefined ? undefined : findMemory(database, memory.id, memory.userId);
		if (same?.text === memory.text) return same;
		// What has been replaced or has expired is no duplicate of what is true today.
		const isPast = memory.supersededBy !== undefined || (memory.expiresAt ?? Date.now()) < Date.now();
		return exactly || (isPast && memory.id !== undefined) ? undefined : duplicateOf(database, memory);
	};

	const add = (memory: TransferredMemory, exactly: boolean) => {
		const duplicate = known(memory, exactly);
		if (duplicate) return addMemory(database, memory, duplicate).event;
		const {
			id,
			history = [],
			updatedAt = memory.createdAt,
			supersededBy = null,
			uses = 0,
			usedAt = null,
		} = memory;
		const { seq, id: given } = insertMemory(database, memory, id && isFree(database, id) ? id : undefined);
		if (history.length > 0) {
			database.run("DELETE FROM history WHERE memory_id = :given", { given });
			for (const entry of history) addHistory(database, given, entry, entry.at);
		}
		database.run(
			"UPDATE memories SET updated_at = :updatedAt, superseded_by = :supersededBy, uses = :uses, used_at = :usedAt WHERE seq = :seq",
			{ updatedAt, supersededBy, uses, usedAt, seq },
		);
		return "ADD" as const;
	};

	return {
		add: (memories, { exactly = false } = {}) =>
			database.write(() => memories.map((memory) => add(memory, exactly))),
		known: async (memories) =>
			database.read(() => memories.map((memory) => known(memory, false) !== undefined)),
	};
}
