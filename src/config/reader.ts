import * as l10n from "@vscode/l10n";
import { readDatabaseUrl } from "./database.ts";
import { readHeaders } from "./headers.ts";
import { readKey } from "./keyText.ts";
import { expandPath } from "./paths.ts";
import { placeholderIn } from "./placeholders.ts";
import { looksLikeKey, redactor } from "./redact.ts";
import type { ConfigNotice, ConfigProblem } from "./remarks.ts";
import { secretsIn } from "./secrets.ts";
import type { Unread } from "./unread.ts";
import { readEndpointUrls } from "./urlList.ts";
import { type Environment, type Variable, type VariableName, variables } from "./variables.ts";

type Row = (typeof variables)[number];
type ValueOf<R extends Row> = R extends { readonly type: "integer" | "number" }
	? number
	: R extends { readonly type: "headers" }
		? Readonly<Record<string, string>>
		: R extends { readonly values: infer Words }
			? keyof Words
			: string;

/** The values of the variables; a variable with a default is never undefined. */
export type VariableValues = {
	readonly [R in Row as R["name"]]: ValueOf<R> | (R extends { readonly default: string } ? never : undefined);
};

/** All values in effect, and those of each source. */
export interface Reading extends ReturnType<typeof readVariables> {
	readonly sources: readonly { readonly name: string; readonly values: VariableValues }[];
	/** Variables that are set nowhere, though a name or line that is not read seems to be meant for them. */
	readonly doubts: ReadonlyMap<VariableName, Unread>;
}

/**
 * Reads all variables and collects what is wrong with them. A value that is not valid reads as unset.
 * Empty values count as unset, except for keys, where they mean that the server needs none.
 * @param ambient where `OPENAI_API_KEY` and `${env:NAME}` in headers are looked up.
 */
export function readVariables(env: Environment, ambient: Environment) {
	const problems: ConfigProblem[] = [];
	const notices: ConfigNotice[] = [];
	const values: Record<string, unknown> = {};
	const redact = redactor(secretsIn(env, ambient));

	const read = (row: Variable<VariableName>, text: string): unknown => {
		const { name, type, secret, ...variable } = row;
		const placeholder = type === "path" || secret ? undefined : placeholderIn(text, row);
		if (placeholder !== undefined) {
			problems.push({ kind: "placeholder", variable: name, placeholder });
			return undefined;
		}
		const refuse = (value: string | undefined, accepted: string, meant?: string) => {
			problems.push({ kind: "invalid", variable: name, value, accepted, ...(meant ? { meant } : {}) });
		};
		if (!secret && looksLikeKey(text.replace(/^https?:\/\//i, ""))) {
			const keys = name.startsWith("EMBEDDING_")
				? "EMBEDDING_API_KEY"
				: name === "TEAM_SERVER_URL"
					? "TEAM_SERVER_TOKEN"
					: "LLM_API_KEY";
			return refuse(l10n.t("(hidden, because it looks like a key)"), l10n.t`no key; keys belong in ${keys}`);
		}
		const shown = redact(JSON.stringify(text));
		switch (type) {
			case "integer":
			case "number": {
				const { minimum = 0, maximum = Number.MAX_SAFE_INTEGER } = variable;
				const number = Number(text);
				const whole = type === "integer";
				if ((!whole || Number.isInteger(number)) && number >= minimum && number <= maximum) return number;
				return refuse(
					shown,
					whole
						? l10n.t`a whole number from ${minimum} to ${maximum}`
						: l10n.t`a number from ${minimum} to ${maximum}`,
				);
			}
			case "enum": {
				const words = Object.keys(variable.values ?? {});
				const word = words.find((each) => each.toLowerCase() === text.toLowerCase());
				return word ?? refuse(shown, l10n.t`one of ${words.join(", ")}`);
			}
			case "url": {
				if (name === "EMBEDDING_BASE_URL" && text.toLowerCase() === "default") return "default";
				const found = readEndpointUrls(text, urlProvider(name, values));
				if (!("url" in found)) {
					if (/[@\uff20]/.test(text))
						return refuse(l10n.t("(hidden, because it may contain a password)"), found.accepted);
					return refuse(shown, found.accepted, found.meant && redact(found.meant));
				}
				const { url, corrections } = found;
				if (corrections.length > 0)
					notices.push({ kind: "corrected", variable: name, value: shown, url, corrections });
				return url;
			}
			case "headers": {
				// Headers may contain secrets, so the value is not shown.
				const found = readHeaders(text, ambient);
				return typeof found === "string" ? refuse(undefined, found) : found;
			}
			case "path": {
				const path = expandPath(text, ambient);
				if (typeof path === "string") return path;
				problems.push({ kind: "path", variable: name, value: text, why: path.why });
				return undefined;
			}
			case "database": {
				const found = readDatabaseUrl(text);
				return typeof found === "string"
					? refuse(l10n.t("(hidden, because it may contain a password)"), found)
					: text;
			}
			case "prefix":
				return text.trim().toLowerCase() === "none" ? "" : text.replaceAll("\\n", "\n");
			case "string": {
				if (!secret) return text;
				const found = readKey(text);
				if (found.key !== undefined) {
					const { key, removed } = found;
					if (removed.length > 0) notices.push({ kind: "mended", variable: name, removed });
					return key;
				}
				if (found.problem === "character")
					return refuse(
						l10n.t("(secret)"),
						l10n.t`printable ASCII characters without spaces, which is what an HTTP header can carry; ${found.why}`,
					);
				problems.push({ kind: "placeholder", variable: name, placeholder: found.why });
				return undefined;
			}
		}
	};

	for (const variable of variables as readonly Variable<VariableName>[]) {
		const raw = env[variable.name];
		const given = raw?.trim();
		const text = variable.emptyCounts
			? given
			: given && variable.type === "prefix"
				? raw
				: given || undefined;
		const value = text ? read(variable, text) : text;
		values[variable.name] = value ?? (variable.default && read(variable, variable.default));
	}
	return { env, ambient, values: values as VariableValues, problems, notices };
}

/** Whose URL a variable holds, as far as the corrections of a URL depend on that. The providers come first in the table. */
function urlProvider(name: VariableName, { LLM_PROVIDER, EMBEDDING_PROVIDER }: Partial<VariableValues>) {
	if (name === "AZURE_OPENAI_ENDPOINT") return "azure";
	const own = name === "EMBEDDING_BASE_URL" && EMBEDDING_PROVIDER !== "builtin" && EMBEDDING_PROVIDER;
	return own || LLM_PROVIDER;
}
