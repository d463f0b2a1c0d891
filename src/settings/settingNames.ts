import * as l10n from "@vscode/l10n";
import { type Variable, variables } from "../config/variables.ts";

/** The prefix of our settings in VS Code. */
export const settingsPrefix = "mcpMem0";

const settings = new Map(
	(variables as readonly Variable[]).flatMap(({ name, setting }) =>
		setting ? [[name, `${settingsPrefix}.${setting}`] as const] : [],
	),
);

/** A message that names variables, with the names of VS Code's settings instead. */
export function inSettings(message: string): string {
	return message
		.replace(/\b[A-Z_]+ \(in VS Code: ([\w.]+)\)/g, "$1")
		.replace(
			/\b(LLM|EMBEDDING|AZURE_OPENAI)_API_KEY\b( \(or \w+_API_KEY\))?/g,
			l10n.t("the key (Mem0: Set API Key…)"),
		)
		.replace(/\bTEAM_SERVER_TOKEN\b/g, l10n.t("the token (Mem0: Set API Key…)"))
		.replace(/\b[A-Z][A-Z_]+[A-Z]\b/g, (name) => settings.get(name) ?? name);
}
