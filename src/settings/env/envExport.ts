import { envLine } from "../../config/dotenv.ts";
import { type Variable, variables } from "../../config/variables.ts";
import type { BoundKey } from "../keys/boundKeys.ts";
import { splitPassword } from "../keys/databasePassword.ts";
import type { Values } from "../values.ts";

const sectionTitles: Readonly<Record<Variable["section"], string>> = {
	llm: "Language model",
	embedding: "Embeddings",
	memory: "Memory",
	database: "Team",
	advanced: "Advanced",
	server: "Standalone server",
};

/**
 * The configuration as a `.env` file.
 * @param keys of the endpoints in use.
 * @param withKeys whether the file contains them; if not, a comment names each that is left out.
 */
export function exportEnv(values: Values, keys: readonly BoundKey[], withKeys: boolean): string {
	const lines = ({ name, type }: Variable): string[] => {
		const own = keys.find(({ variable }) => variable === name);
		// It is not a secret that a server needs no key.
		if (own?.key && !withKeys)
			return [`# ${name} is left out: VS Code keeps it in its secret storage, for ${own.origin}.`];
		const value = own?.key ?? values[name as keyof Values];
		if (value === undefined) return [];
		const line = envLine(name, type === "headers" ? withoutQuotes(value) : value);
		return [
			line ??
				`# ${name} has a value that a .env file cannot express: it contains \${NAME} or every kind of quote.`,
		];
	};
	const heading =
		"# Written by MCP Mem0. Variables that are not here have their defaults.\n# Read by: mcp-mem0 --env FILE";
	const sections = Object.entries(sectionTitles).flatMap(([section, title]) => {
		const own = variables.filter((variable) => variable.section === section).flatMap(lines);
		return own.length > 0 ? [[`# ${title}`, ...own].join("\n")] : [];
	});
	return `${[heading, ...sections].join("\n\n")}\n`;
}

/** JSON has escapes for what a `.env` file would take for a quote, a comment or a variable. */
function withoutQuotes(json: string): string {
	return json.replace(/['`#]|\$(?=\{(?!env:))/g, (sign) => `\\u00${sign.charCodeAt(0).toString(16)}`);
}

/** The environment for another client's server, on the same memory. */
export function environmentForClients(
	values: Values,
	keys: readonly BoundKey[],
	place: { readonly memoryDir: string; readonly userId: string },
): Record<string, string> {
	const { MEMORY_DIR: _, DEFAULT_USER_ID: __, LOG_LEVEL: ___, DATABASE_URL, ...rest } = values;
	return {
		MEMORY_DIR: place.memoryDir,
		DEFAULT_USER_ID: place.userId,
		...rest,
		...(DATABASE_URL === undefined ? {} : { DATABASE_URL: splitPassword(DATABASE_URL).url }),
		...Object.fromEntries(keys.map(({ variable, key }) => [variable, key])),
	};
}
