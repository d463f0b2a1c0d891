import { userInfo } from "node:os";
import type { MemoryStore } from "../../../src/store/memoryStore.ts";
import { openStore } from "../../../src/store/sqlite/sqliteStore.ts";
import type { NewMemory, StoredMemory } from "../../../src/store/types.ts";

/** The user of a window of VS Code whose settings name none. */
export const windowUser = userInfo().username;

/** Works on the database of a window, as another process does. */
export async function withStore<T>(folder: string, work: (store: MemoryStore) => Promise<T>): Promise<T> {
	const { store } = await openStore(folder);
	try {
		return await work(store);
	} finally {
		await store.close();
	}
}

export function addMemories(
	folder: string,
	memories: readonly (Partial<NewMemory> & Pick<NewMemory, "text">)[],
): Promise<readonly StoredMemory[]> {
	return withStore(folder, async (store) => {
		const complete = memories.map(
			(memory): NewMemory => ({
				userId: windowUser,
				scope: memory.project ? "project" : "global",
				createdAt: Date.now(),
				...memory,
			}),
		);
		return (await store.saves.addAll(complete)).map(({ memory }) => memory);
	});
}
