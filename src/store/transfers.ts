import type { HistoryEntry } from "./changes.ts";
import type { AddResult, NewMemory } from "./types.ts";

/** Memories that come from elsewhere. */
export interface Transfers {
	/**
	 * Stores memories with the ids, times and history that they had; results in the same order. What is there already, by
	 * its id or by what it says, is a duplicate.
	 * @param options `exactly`: only the id makes a duplicate, as a copy of a whole memory needs it.
	 */
	add(
		memories: readonly TransferredMemory[],
		options?: { readonly exactly?: boolean },
	): Promise<readonly AddResult["event"][]>;
	/** Which of them `add` would find to be there already. */
	known(memories: readonly TransferredMemory[]): Promise<readonly boolean[]>;
}

/** A memory as it was elsewhere. */
export interface TransferredMemory extends NewMemory {
	/** Kept unless it is taken. */
	readonly id?: string;
	readonly updatedAt?: number;
	readonly supersededBy?: string;
	readonly uses?: number;
	readonly usedAt?: number;
	/** Absent: it begins now. */
	readonly history?: readonly HistoryEntry[];
}

export interface KeptText {
	readonly where: "memory" | "metadata" | "history" | "save" | "candidate" | "query";
	/** Of a memory, and of its history. */
	readonly memoryId?: string;
	/** Of metadata: its JSON. */
	readonly text: string;
}

export interface KeptTexts {
	readonly texts: readonly KeptText[];
	/** Where the next page begins; absent on the last one. */
	readonly next?: string;
}
