import { parseArgs } from "node:util";
import { ownEnvFile } from "../config/sources.ts";
import { InputError } from "../memory/errors.ts";
import { type Command, commandLine, type Flags } from "./command.ts";
import { commands } from "./commands.ts";

/** Columns of the help: where the right one begins, and how wide both are. */
const indent = 24;
const width = 100;

/** Its text goes on below itself, and begins there beside a name that is too long. */
function row(left: string, right: string): string {
	const lines: string[] = left.trimEnd().length < indent ? [] : [left.trimEnd()];
	let line = lines.length === 0 ? left.trimEnd().padEnd(indent) : " ".repeat(indent);
	for (const word of right.split(" ")) {
		if (line.length + word.length > width && line.trim() !== "") {
			lines.push(line.trimEnd());
			line = " ".repeat(indent);
		}
		line += `${word} `;
	}
	return [...lines, line.trimEnd()].join("\n");
}

const flagRows = ({ flags = [] }: Command) =>
	flags.map((flag) => row(`      --${flag.name} ${flag.value ?? ""}`, flag.summary));

const commonOptions = `Options
  --env FILE            read variables from FILE (also --env-file)
                        instead of ${ownEnvFile}
  --help, --version

Exit codes: 0 done; 1 failed, or not all was done; 2 the doctor found failures; 64 the command line is not understood.`;

const usage = `Usage: mcp-mem0 [command] [options]

Commands; mcp-mem0 COMMAND --help tells the options of one
${commands.map(({ name, operands, summary }) => row(`  ${name} ${operands?.label ?? ""}`, summary)).join("\n")}

${commonOptions}

Variables, in the environment or the .env file (MCP_MEM0_ENV_FILE names it, too): LLM_PROVIDER, LLM_BASE_URL,
LLM_API_KEY, LLM_CHOICE, EMBEDDING_PROVIDER, EMBEDDING_BASE_URL, EMBEDDING_API_KEY, EMBEDDING_MODEL_CHOICE,
MEMORY_DIR, DEFAULT_USER_ID, LOG_LEVEL, TRANSPORT (stdio, http), HOST, PORT, AUTH_TOKEN, ALLOWED_HOSTS,
TEAM_SERVER_URL and TEAM_SERVER_TOKEN (a team's server that has the memory), and others: see docs/configuration.md.`;

function firstLineOf({ name, operands }: Command): string {
	return `Usage: mcp-mem0 ${[name, operands?.label].filter(Boolean).join(" ")} [options]`;
}

function usageOf(command: Command): string {
	return [firstLineOf(command), "", row(`  ${command.name}`, command.summary), ...flagRows(command)].join(
		"\n",
	);
}

interface NamedFiles {
	readonly env?: string;
	readonly "env-file"?: string;
}

/**
 * @returns what was asked for: the help or the version; or else what to run, and the `.env` file that was named.
 * @throws InputError for a command line that is not understood.
 */
export function parseCommandLine(args: readonly string[], ownVersion: string) {
	const { values, positionals: given } = parsed(args);
	const { help, version, env, "env-file": alias, ...flags } = values as Flags & NamedFiles;
	// As git and npm have it, "help NAME" is "NAME --help".
	const isHelp = given[0] === "help";
	const positionals = isHelp ? given.slice(1) : given;
	const [name = commands[0].name, ...operands] = positionals;
	const command = commandNamed(name);
	if (help || isHelp) {
		if (positionals.length === 0) return usage;
		return command ? `${usageOf(command)}\n\n${commonOptions}` : `${unknownCommand(name)}\n\n${usage}`;
	}
	if (version) return ownVersion;
	const stray = Object.keys(flags).find((flag) => !command?.flags?.some((own) => own.name === flag));
	if (stray !== undefined) throw usageError(`${name} does not take --${stray}.`, command);
	if (!command) throw usageError(unknownCommand(name));
	const { most = 0, missing, instead = "" } = command.operands ?? {};
	const isReplaced = flags[instead] !== undefined;
	if (missing !== undefined && operands.length === 0 && !isReplaced) throw usageError(missing, command);
	if (operands.length > 0 && isReplaced)
		throw usageError(`${name} takes ${command.operands?.label} or --${instead}, not both.`, command);
	if (operands.length > most)
		throw usageError(`${name} does not take ${JSON.stringify(operands[most])}.`, command);
	// Node has an option of the second name, see `nodeEnvFiles`.
	return { command, operands, flags, envFile: env ?? alias };
}

function unknownCommand(name: string): string {
	return `There is no command ${JSON.stringify(name)}.`;
}

function commandNamed(name: string): Command | undefined {
	return commands.find((each) => each.name === name);
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
		// The first sentence: what follows in Node's words is about other command lines.
		const [said] = (error instanceof Error ? error.message : String(error)).split(". To specify");
		throw usageError(`${said}.`, args.map(commandNamed).find(Boolean));
	}
}

function usageError(message: string, command?: Command): InputError {
	const usage = command
		? `${firstLineOf(command)}. More: mcp-mem0 ${command.name} --help`
		: "Usage: mcp-mem0 [command] [options]. More: mcp-mem0 --help";
	return new InputError(commandLine, `${message}\n${usage}`);
}
