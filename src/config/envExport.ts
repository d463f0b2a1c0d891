import { type EnvSection, formatEnv } from "./envText.ts";
import type { BoundKey } from "./keys.ts";
import type { Values } from "./values.ts";
import { type Variable, variables } from "./variables.ts";

const sectionTitles: Readonly<Record<Variable["section"], string>> = {
	llm: "Language model",
	embedding: "Embeddings",
	memory: "Memory",
	advanced: "Advanced",
	server: "Standalone server",
};

/**
 * The configuration as a `.env` file.
 * @param keys of the endpoints in use.
 * @param withKeys whether they are written into it; else it is said which are left out.
 */
export function exportEnv(values: Values, keys: readonly BoundKey[], withKeys: boolean): string {
	const lines = (section: Variable["section"]): EnvSection["lines"] =>
		(variables as readonly Variable[])
			.filter((variable) => variable.section === section)
			.flatMap(({ name, type }): EnvSection["lines"] => {
				const key = keys.find(({ variable }) => variable === name);
				if (!key) {
					const value = values[name as keyof Values];
					return value === undefined
						? []
						: [{ name, value: type === "headers" ? withoutQuotes(value) : value }];
				}
				// That a server needs no key is no secret.
				if (withKeys || key.key === "") return [{ name, value: key.key }];
				return [{ name, remark: `is left out: it is kept in VS Code's secret storage, for ${key.origin}.` }];
			});
	const sections = (Object.keys(sectionTitles) as Variable["section"][]).map((section) => ({
		title: sectionTitles[section],
		lines: lines(section),
	}));
	return formatEnv(
		["Written by MCP Mem0. What is not named here is at its default.", "Read by: mcp-mem0 --env-file FILE"],
		sections,
	);
}

/** JSON can say in other ways what a `.env` file would take for a quote or a comment. */
function withoutQuotes(json: string): string {
	return json.replace(/['`#]/g, (sign) => `\\u00${sign.charCodeAt(0).toString(16)}`);
}

/** The environment for another client's server, on the same memory. */
export function environmentForClients(
	values: Values,
	keys: readonly BoundKey[],
	place: { readonly memoryDir: string; readonly userId: string },
): Record<string, string> {
	const { MEMORY_DIR: _, DEFAULT_USER_ID: __, LOG_LEVEL: ___, ...rest } = values;
	return {
		MEMORY_DIR: place.memoryDir,
		DEFAULT_USER_ID: place.userId,
		...rest,
		...Object.fromEntries(keys.map(({ variable, key }) => [variable, key])),
	};
}
