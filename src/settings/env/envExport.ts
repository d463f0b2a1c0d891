import { type EnvSection, formatEnv } from "../../config/envSyntax.ts";
import { type Variable, variables } from "../../config/variables.ts";
import { examineValues } from "../fieldRemarks.ts";
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
 * @param withKeys whether they are written into it; else it is said which are left out.
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

/**
 * Elsewhere the language model's key serves embeddings at any host that has none of its own. Here it does not, and so
 * it is said that such a host gets none.
 */
function keptApart(values: Values, keys: readonly BoundKey[]): readonly BoundKey[] {
	const slots = keySlots(
		examineValues(values, {}).result?.config ?? { llm: undefined, embedding: undefined },
	);
	const [llm, embedding] = (["LLM_API_KEY", "EMBEDDING_API_KEY"] as const).map((name) =>
		slots.find(({ variable }) => variable === name),
	);
	if (!llm || !embedding || llm.origin === embedding.origin) return keys;
	if (keys.some(({ variable }) => variable === "EMBEDDING_API_KEY")) return keys;
	return [...keys, { ...embedding, key: "" }];
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
		...Object.fromEntries(keptApart(values, keys).map(({ variable, key }) => [variable, key])),
	};
}
