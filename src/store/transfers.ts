import type { AddResult, TransferredMemory } from "./types.ts";

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
