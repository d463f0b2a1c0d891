/** One configuration variable of the env-style configuration (process environment or `.env`). */
export interface Variable {
	/** Name in the environment and in a `.env` file. */
	readonly name: string;
	/** VS Code setting that holds the same value, without the `mcpMem0.` prefix. Absent: server only. */
	readonly setting?: string;
	readonly type: "string" | "integer" | "enum";
	/** Text of the default, as documented. Absent: derived from the machine, as `doc` says. */
	readonly default?: string;
	/** Accepted words of an `enum`. Compared without case. */
	readonly values?: readonly string[];
	readonly minimum?: number;
	readonly maximum?: number;
	/** Never shown, logged or written to a setting. */
	readonly secret?: boolean;
	/** One line for the README, the settings UI and error messages. */
	readonly doc: string;
}

/**
 * THE table of variables: parsing, `package.json`'s settings and the README's table are held against it by
 * unit tests.
 */
export const variables = [
	{
		name: "MEMORY_DIR",
		setting: "storage.directory",
		type: "string",
		doc: "Folder of the memory database. Default: the operating system's data folder, so that every client on this machine shares one memory.",
	},
	{
		name: "DEFAULT_USER_ID",
		setting: "userId",
		type: "string",
		doc: "Whose memories are saved and searched. Default: the operating system's user name.",
	},
	{
		name: "LOG_LEVEL",
		setting: "logLevel",
		type: "enum",
		default: "INFO",
		values: ["DEBUG", "INFO", "WARNING", "ERROR"],
		doc: "How much the log tells.",
	},
	{
		name: "TRANSPORT",
		type: "enum",
		default: "stdio",
		values: ["stdio", "http"],
		doc: "How the standalone server talks to its client: stdio, or http for Streamable HTTP at /mcp.",
	},
	{
		name: "HOST",
		type: "string",
		default: "127.0.0.1",
		doc: "Address the standalone HTTP server listens on.",
	},
	{
		name: "PORT",
		type: "integer",
		default: "8050",
		minimum: 0,
		maximum: 65535,
		doc: "Port of the standalone HTTP server; 0 takes a free one.",
	},
	{
		name: "AUTH_TOKEN",
		type: "string",
		secret: true,
		doc: "Bearer token that HTTP clients must send. Default: a random one, printed at start.",
	},
] as const satisfies readonly Variable[];

export type VariableName = (typeof variables)[number]["name"];

/** Values of variables as text, as in the environment. */
export type Environment = Readonly<Record<string, string | undefined>>;
