import type { Config } from "../config/config.ts";
import { originOf } from "../config/endpoints.ts";
import { askForPassword, askForToken } from "../endpoints/lending/borrowing.ts";
import type { StoreConfig } from "../store/stores.ts";

// What is not configured may be in the secret storage of an open window of VS Code, which is asked when it is needed.

/** The store of a configuration. */
export function withPassword({
	memoryDir,
	database,
	teamServer,
}: Pick<Config, "memoryDir"> & Partial<Pick<Config, "database" | "teamServer">>) {
	const password =
		database && database.password === undefined
			? { password: () => askForPassword(memoryDir, database) }
			: {};
	return { memoryDir, database: database && { ...database, ...password }, teamServer } satisfies StoreConfig;
}

/** The team's server of a configuration; undefined: the memory is in a store. */
export function withToken({
	memoryDir,
	teamServer,
}: Pick<Config, "memoryDir"> & Partial<Pick<Config, "teamServer">>) {
	if (!teamServer) return undefined;
	const { url, network, token } = teamServer;
	return { url, network, token: token ?? (() => askForToken(memoryDir, { origin: originOf(url) })) };
}
