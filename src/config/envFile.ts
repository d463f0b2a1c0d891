import { readFileSync, statSync } from "node:fs";
import { resolve } from "node:path";
import { parseEnvText } from "./envSyntax.ts";
import { ConfigError } from "./remarks.ts";
import type { Environment } from "./variables.ts";

/**
 * The process environment over a `.env` file: the process environment wins, as with dotenv.
 * @param file path given by the user, which must exist; default: `.env` in `directory`, if it is there.
 * @returns also the absolute path of the file that was read, if any.
 * @throws ConfigError when the file cannot be read.
 */
export function loadEnvironment(processEnv: Environment, directory: string, file?: string) {
	const path = resolve(directory, file ?? ".env");
	// A folder named `.env` is a Python environment.
	const given = file !== undefined || statSync(path, { throwIfNoEntry: false })?.isDirectory() === false;
	if (!given) return { env: processEnv, file: undefined };
	try {
		return { env: { ...parseEnvText(readFileSync(path, "utf8")), ...processEnv }, file: path };
	} catch (error) {
		const reason = error instanceof Error ? error.message : String(error);
		const said = `The env file ${path} cannot be read: ${reason}. Check the path given to --env-file.`;
		throw new ConfigError([], said);
	}
}
