import { parseArgs } from "node:util";
import { InputError } from "../memory/errors.ts";

export type Command =
	| { readonly name: "serve" | "reembed" | "help" | "version" }
	| {
			readonly name: "search";
			readonly query: string;
			readonly json: boolean;
			/** Checked, and named in the error, by the search. */
			readonly limit: number | string | undefined;
			readonly scope: string | undefined;
			readonly explain: boolean;
	  }
	| { readonly name: "doctor"; readonly json: boolean }
	| { readonly name: "import"; readonly file: string }
	| { readonly name: "export"; readonly file: string | undefined };

export interface CommandLine {
	readonly command: Command;
	readonly envFile: string | undefined;
}

export const usage = `Usage: mcp-mem0 [command] [options]

Commands
  serve                 serve MCP over stdio, or over HTTP with TRANSPORT=http (the default command)
  search QUERY          print memories that answer the query
      --json            as JSON
      --limit N         at most N of them, 1 to 50 (5)
      --scope SCOPE     global, project or all (global and the project of this folder)
      --explain         with what makes each rank where it does
  import FILE.jsonl     take in memories: one JSON object a line, {"text", "scope"?, "createdAt"?, "conversation"?}
  export [FILE]         write all memories as JSON lines, to stdout without FILE
  reembed               embed all memories with the configured model; Ctrl-C stops, another run goes on
  doctor                check settings, endpoints and storage, and say what to do; exit code 1 for warnings, 2 for failures
      --json            as JSON

Options
  --env-file FILE       read variables from FILE instead of .env in this folder
  --help, --version

Variables, in the environment or the .env file: LLM_PROVIDER, LLM_BASE_URL, LLM_API_KEY, LLM_CHOICE,
EMBEDDING_PROVIDER, EMBEDDING_BASE_URL, EMBEDDING_API_KEY, EMBEDDING_MODEL_CHOICE, MEMORY_DIR, DEFAULT_USER_ID,
LOG_LEVEL, TRANSPORT (stdio, http), HOST, PORT, AUTH_TOKEN, and others: see the README.`;

/** @throws InputError for a command line that is not understood. */
export function parseCommandLine(args: readonly string[]): CommandLine {
	const { values, positionals } = parsed(args);
	const envFile = values["env-file"];
	const [name = "serve", ...rest] = positionals;
	const onlyFor = (allowed: readonly string[]) => {
		const stray = Object.keys(values).find((option) => ![...allowed, "env-file"].includes(option));
		if (stray !== undefined) throw usageError(`${name} does not take --${stray}.`);
	};
	const command = (): Command => {
		if (values.help) return { name: "help" };
		if (values.version) return { name: "version" };
		onlyFor(name === "search" ? ["json", "limit", "scope", "explain"] : name === "doctor" ? ["json"] : []);
		switch (name) {
			case "serve":
			case "reembed":
				atMost(rest, 0, name);
				return { name };
			case "doctor":
				atMost(rest, 0, name);
				return { name, json: values.json ?? false };
			case "search":
				if (rest.length === 0) throw usageError('search needs a query: mcp-mem0 search "how do we deploy".');
				return {
					name,
					query: rest.join(" "),
					json: values.json ?? false,
					limit: values.limit === undefined ? undefined : numberOrText(values.limit),
					scope: values.scope,
					explain: values.explain ?? false,
				};
			case "import":
				atMost(rest, 1, name);
				if (rest[0] === undefined) throw usageError("import needs a file: mcp-mem0 import memories.jsonl.");
				return { name, file: rest[0] };
			case "export":
				atMost(rest, 1, name);
				return { name, file: rest[0] };
			default:
				throw usageError(`There is no command ${JSON.stringify(name)}.`);
		}
	};
	return { command: command(), envFile };
}

function parsed(args: readonly string[]) {
	try {
		return parseArgs({
			args: [...args],
			allowPositionals: true,
			options: {
				"env-file": { type: "string" },
				help: { type: "boolean", short: "h" },
				version: { type: "boolean", short: "v" },
				json: { type: "boolean" },
				limit: { type: "string" },
				scope: { type: "string" },
				explain: { type: "boolean" },
			},
		});
	} catch (error) {
		throw usageError(`${error instanceof Error ? error.message : String(error)}.`);
	}
}

/** What is no number stays as it was given, for the message that refuses it. */
function numberOrText(text: string): number | string {
	const number = Number(text);
	return text.trim() === "" || Number.isNaN(number) ? text : number;
}

function atMost(rest: readonly string[], count: number, command: string): void {
	if (rest.length > count) throw usageError(`${command} does not take ${JSON.stringify(rest[count])}.`);
}

function usageError(message: string): InputError {
	return new InputError("command line", `${message}\n\n${usage}`);
}
