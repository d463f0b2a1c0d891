import type { Config } from "../config/config.ts";
import { askForPassword } from "../endpoints/lending/borrowing.ts";

/** A password that is not configured may be in the secret storage of an open window of VS Code. */
export function withPassword({
	memoryDir,
	database,
}: Pick<Config, "memoryDir"> & Partial<Pick<Config, "database">>) {
	if (!database || database.password !== undefined) return { memoryDir, database };
	return { memoryDir, database: { ...database, password: () => askForPassword(memoryDir, database) } };
}
