import type { Config } from "../../config/config.ts";
import type { MemoryStore } from "../../store/memoryStore.ts";
import { openConfiguredStore } from "../../store/stores.ts";
import { withPassword } from "../borrowedSecrets.ts";

/** Opens the database for work that needs no model, and closes it. @throws StoreError */
export async function withStore<T>(
	config: Pick<Config, "memoryDir"> & Partial<Pick<Config, "database" | "teamServer">>,
	work: (store: MemoryStore) => Promise<T>,
): Promise<T> {
	const destinations = { chat: undefined, embedding: undefined };
	const { store } = await openConfiguredStore(withPassword(config), destinations);
	try {
		return await work(store);
	} finally {
		await store.close();
	}
}
