import { parseDocument } from "yaml";
import { importedTime } from "../times.ts";

/** Longer ones are no front matter. */
const longest = 20_000;

export interface WithFrontMatter {
	/** Empty where there is none that can be read. */
	readonly fields: Readonly<Record<string, unknown>>;
	readonly body: string;
	/** The line of the file on which the body begins, counted from 1. */
	readonly line: number;
}

/** The YAML between `---` lines at the beginning of a Markdown file. */
export function frontMatterOf(text: string): WithFrontMatter {
	const [head, yaml] = /^---[ \t]*\n([\s\S]*?)\n?---[ \t]*(?:\n|$)/.exec(text) ?? [];
	if (head === undefined || yaml === undefined || yaml.length > longest)
		return { fields: {}, body: text, line: 1 };
	return { fields: fieldsOf(yaml), body: text.slice(head.length), line: head.split("\n").length };
}

function fieldsOf(yaml: string): Readonly<Record<string, unknown>> {
	const document = parseDocument(yaml, { schema: "core", logLevel: "silent" });
	if (document.errors.length > 0) return {};
	try {
		// Aliases of aliases are a way to make much of little.
		const value: unknown = document.toJS({ maxAliasCount: 20 });
		return typeof value === "object" && value !== null && !Array.isArray(value) ? { ...value } : {};
	} catch {
		// It is shown as it is in the text, then.
		return {};
	}
}

/** The time of a field, in ms since 1970; undefined for a date in words of their own. */
export function timeOf(name: string, value: unknown): number | undefined {
	try {
		return importedTime(name, value)?.at;
	} catch {
		// The file has a time, too.
		return undefined;
	}
}

/** A field that is a text. */
export function textField(fields: Readonly<Record<string, unknown>>, name: string): string | undefined {
	const value = fields[name];
	return typeof value === "string" && value.trim() !== "" ? value.trim() : undefined;
}
