import { fileURLToPath } from "node:url";
import { passwordsOf } from "../config/database.ts";
import { redactor } from "../config/redact.ts";
import {
	environmentSource,
	loadSources,
	nodeEnvFiles,
	type Source,
	secretsOfSources,
} from "../config/sources.ts";
import { InputError, InvalidValueError } from "../memory/errors.ts";
import { errorText } from "../memory/errorText.ts";
import { parseCommandLine } from "./arguments.ts";
import { commandLine, type Flags } from "./command.ts";
import { print, printJson, say } from "./terminal.ts";

/**
 * Runs one command line and returns the exit code.
 * @param directory the folder of the bundle, which holds the built-in model's worker.
 */
export async function main(args: readonly string[], directory: URL, version: string): Promise<number> {
	// A reader that has enough (`| head`) is not an error; any other failure to write is reported in one line.
	process.stdout.on("error", (error: NodeJS.ErrnoException) => {
		if (error.code === "EPIPE") return;
		process.exitCode = 1;
		say(`mcp-mem0: the output cannot be written (${error.message}).`);
	});
	// A log that nobody reads any more is no reason to stop.
	process.stderr.on("error", () => undefined);
	let sources: readonly Source[] = [environmentSource(process.env)];
	/** The flags that were given. */
	let given: Flags = {};
	try {
		const parsed = parseCommandLine(args, version);
		if (typeof parsed === "string") {
			print(parsed);
			return 0;
		}
		if (args.length === 0 && process.stdin.isTTY)
			say("This serves MCP to a program that starts it. For people: mcp-mem0 --help");
		const { command, operands, flags } = parsed;
		given = flags;
		const loaded = loadSources(process.env, process.cwd(), parsed.envFile, nodeEnvFiles(process.execArgv));
		sources = loaded.sources;
		const bundles = {
			embedder: fileURLToPath(new URL("embedder.cjs", directory)),
			mem0: fileURLToPath(new URL("mem0.js", directory)),
		};
		const { notices, file } = loaded;
		return await command.run({ sources, notices, envFile: file, bundles, version }, operands, flags);
	} catch (error) {
		if ((error as NodeJS.ErrnoException).code === "EPIPE") return 0;
		// A URL on the command line may have a password.
		const redact = redactor([...secretsOfSources(sources), ...args.flatMap(passwordsOf)]);
		const refused =
			error instanceof InvalidValueError && given[error.field] !== undefined ? error : undefined;
		const text = refused
			? `--${refused.field} ${refused.value} is not valid: it takes ${refused.accepted}.`
			: errorText(error);
		say(`mcp-mem0: ${redact(text)}`);
		if (given.json) printJson({ error: redact(text) });
		// As sysexits.h has it; 2 is the Doctor's.
		return refused || (error instanceof InputError && error.field === commandLine) ? 64 : 1;
	}
}
