import { parseArgs } from "node:util";
import { ownEnvFile } from "../config/sources.ts";
import { InputError } from "../memory/errors.ts";
import type { Flags } from "./command.ts";
import { commands } from "./commands.ts";

const row = (left: string, right: string) => `${left.padEnd(23)} ${right}`;

export const usage = `Usage: mcp-mem0 [command] [options]

Commands
${commands
	.flatMap(({ name, operands, summary, flags = [] }) => [
		row(`  ${name} ${operands?.label ?? ""}`, summary),
		...flags.map((flag) => row(`      --${flag.name} ${flag.value ?? ""}`, flag.summary)),
	])
	.join("\n")}

Options
  --env FILE            read variables from FILE (also --env-file)
                        instead of ${ownEnvFile}
  --help, --version

Variables, in the environment or the .env file (MCP_MEM0_ENV_FILE names it, too): LLM_PROVIDER, LLM_BASE_URL,
LLM_API_KEY, LLM_CHOICE, EMBEDDING_PROVIDER, EMBEDDING_BASE_URL, EMBEDDING_API_KEY, EMBEDDING_MODEL_CHOICE,
MEMORY_DIR, DEFAULT_USER_ID, LOG_LEVEL, TRANSPORT (stdio, http), HOST, PORT, AUTH_TOKEN, ALLOWED_HOSTS, and others:
see the README.`;

interface NamedFiles {
	readonly env?: string;
	readonly "env-file"?: string;
}

/**
 * @returns also the `.env` file that was named.
 * @throws InputError for a command line that is not understood.
 */
export function parseCommandLine(args: readonly string[]) {
	const { values, positionals } = parsed(args);
	const { help, version, env, "env-file": alias, ...flags } = values as Flags & NamedFiles;
	if (help) return "help";
	if (version) return "version";
	const [name = commands[0].name, ...operands] = positionals;
	const command = commands.find((each) => each.name === name);
	const stray = Object.keys(flags).find((flag) => !command?.flags?.some((own) => own.name === flag));
	if (stray !== undefined) throw usageError(`${name} does not take --${stray}.`);
	if (!command) throw usageError(`There is no command ${JSON.stringify(name)}.`);
	const { most = 0, missing } = command.operands ?? {};
	if (missing !== undefined && operands.length === 0) throw usageError(missing);
	if (operands.length > most) throw usageError(`${name} does not take ${JSON.stringify(operands[most])}.`);
	// Node has an option of the second name, see `nodeEnvFiles`.
	return { command, operands, flags, envFile: env ?? alias };
}

function parsed(args: readonly string[]) {
	const flags = commands.flatMap((command) => command.flags ?? []);
	try {
		return parseArgs({
			args: [...args],
			allowPositionals: true,
			options: {
				env: { type: "string" },
				"env-file": { type: "string" },
				help: { type: "boolean", short: "h" },
				version: { type: "boolean", short: "v" },
				...Object.fromEntries(flags.map(({ name, value }) => [name, { type: value ? "string" : "boolean" }])),
			},
		});
	} catch (error) {
		throw usageError(`${error instanceof Error ? error.message : String(error)}.`);
	}
}

function usageError(message: string): InputError {
	return new InputError("command line", `${message}\n\n${usage}`);
}
