import { text } from "node:stream/consumers";
import { type DatabaseConfig, readDatabaseUrl } from "../config/database.ts";
import { readUsableConfig } from "../config/usableConfig.ts";
import { InputError } from "../memory/errors.ts";
import { commandLine } from "./command.ts";
import type { Launch } from "./context.ts";

/** The URL that is named on the command line, or for `-` the one on stdin, where no list of processes shows its password. */
export async function databaseUrlFrom(given: string): Promise<string> {
	return given === "-" ? (await text(process.stdin)).trim() : given;
}

/** The settings of a database that is named beside the configured one, of which it has the other settings. */
export function databaseAt(
	url: string,
	flag: string,
	launch: Launch,
): { readonly memoryDir: string; readonly database: DatabaseConfig } {
	const address = readDatabaseUrl(url);
	if (typeof address === "string") throw new InputError(commandLine, `--${flag} takes ${address}.`);
	const { config } = readUsableConfig([
		{ name: `--${flag}`, values: { DATABASE_URL: url } },
		...launch.sources,
	]);
	return { memoryDir: config.memoryDir, database: config.database as DatabaseConfig };
}
