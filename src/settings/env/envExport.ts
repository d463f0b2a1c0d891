import { type EnvSection, formatEnv } from "../../config/envSyntax.ts";
import { type Variable, variables } from "../../config/variables.ts";
import { examineValues } from "../examineValues.ts";
import { type BoundKey, keySlots } from "../keys/boundKeys.ts";
import type { Values } from "../values.ts";

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
 * @param withKeys whether the file contains them; if not, a comment names each that is left out.
 */
export function exportEnv(values: Values, keys: readonly BoundKey[], withKeys: boolean): string {
	const all = keptApart(values, keys);
	const lines = (section: Variable["section"]): EnvSection["lines"] =>
		(variables as readonly Variable[])
			.filter((variable) => variable.section === section)
			.flatMap(({ name, type }): EnvSection["lines"] => {
				const key = all.find(({ variable }) => variable === name);
				if (!key) {
					const value = values[name as keyof Values];
					return value === undefined
						? []
						: [{ name, value: type === "headers" ? withoutQuotes(value) : value }];
				}
				// It is not a secret that a server needs no key.
				if (withKeys || key.key === "") return [{ name, value: key.key }];
				return [{ name, remark: `is left out: VS Code keeps it in its secret storage, for ${key.origin}.` }];
			});
	const sections = (Object.keys(sectionTitles) as Variable["section"][]).map((section) => ({
		title: sectionTitles[section],
		lines: lines(section),
	}));
	return formatEnv(
		[
			"Written by MCP Mem0. Variables that are not here have their defaults.",
			"Read by: mcp-mem0 --env-file FILE",
		],
		sections,
	);
}

/**
 * Outside VS Code, the language model's key also goes to an embedding host without a key of its own. To keep that from
 * happening, the environment says explicitly that such a host needs none.
 */
function keptApart(values: Values, keys: readonly BoundKey[]): readonly BoundKey[] {
	const slots = keySlots(examineValues(values, {}).config);
	const [llm, embedding] = (["LLM_API_KEY", "EMBEDDING_API_KEY"] as const).map((name) =>
		slots.find(({ variable }) => variable === name),
	);
	if (!llm || !embedding || llm.origin === embedding.origin) return keys;
	if (keys.some(({ variable }) => variable === "EMBEDDING_API_KEY")) return keys;
	return [...keys, { ...embedding, key: "" }];
}

/** JSON has escapes for what a `.env` file would take for a quote or a comment. */
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
		...Object.fromEntries(keptApart(values, keys).map(({ variable, key }) => [variable, key])),
	};
}
