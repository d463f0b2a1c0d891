/** One configuration variable of the env-style configuration (process environment or `.env`). */
export interface Variable<Name = string> {
	/** Name in the environment and in a `.env` file. */
	readonly name: Name;
	/** Its section in the settings, the panel and an exported `.env` file. */
	readonly section: "llm" | "embedding" | "memory" | "database" | "advanced" | "server";
	/** VS Code setting with the same value, without the `mcpMem0.` prefix. Absent: a secret, or for the server only. */
	readonly setting?: string;
	/**
	 * `url`: of one or more servers, corrected where that is safe (see urls.ts). `path`: see paths.ts. `headers`: a JSON
	 * object of texts. `prefix`: kept to the letter, spaces at its ends, too.
	 * `database`: the URL of a database (see database.ts).
	 */
	readonly type:
		| "string"
		| "prefix"
		| "integer"
		| "number"
		| "enum"
		| "url"
		| "path"
		| "headers"
		| "database";
	/** Absent: derived from the machine or other variables, as `doc` says. */
	readonly default?: string;
	/** Whether an empty value differs from an unset one: the server needs no key. */
	readonly emptyCounts?: boolean;
	/** Accepted words of an `enum`, compared without case, each with its meaning for people. */
	readonly values?: Readonly<Record<string, string>>;
	readonly minimum?: number;
	readonly maximum?: number;
	/** Never shown, logged or written to a setting. */
	readonly secret?: boolean;
	/** One line for docs/configuration.md, the settings UI and error messages. */
	readonly doc: string;
}

/** Values of variables as text, as in the environment. */
export type Environment = Readonly<Record<string, string | undefined>>;
