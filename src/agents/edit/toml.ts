import { parse, patch } from "@decimalturn/toml-patch";
import { type Entry, type EntryPath, type Format, isEntry, lineEnding, UnreadableText } from "./format.ts";

/** TOML. A new entry is a table of its own at the end, as a person would write it. */
export const toml: Format = {
	get: (text, path, name) => {
		const entry = serversIn(valuesOf(text), path)?.[name];
		// What the library makes has no prototype.
		return entry === undefined ? undefined : isEntry(entry) ? structuredClone(entry) : {};
	},

	names: (text, path) => Object.keys(serversIn(valuesOf(text), path) ?? {}),

	set(text, path, name, entry) {
		const values = valuesOf(text);
		const servers = serversIn(values, path);
		if (servers?.[name] !== undefined)
			return patch(text, withServers(values, path, { ...servers, [name]: entry }));
		const eol = lineEnding(text);
		const before = text === "" || text.endsWith("\n") ? text : text + eol;
		const gap = before.trim() === "" ? "" : eol;
		const lines = tableLines([...path, name], entry);
		return `${before}${gap}${lines.join(eol)}${eol}`;
	},

	remove(text, path, name) {
		const values = valuesOf(text);
		const { [name]: entry, ...others } = serversIn(values, path) ?? {};
		if (entry === undefined) return text;
		const own = withoutTable(text, [...path, name]);
		return own ?? patch(text, withServers(values, path, others));
	},
};

function valuesOf(text: string): Record<string, unknown> {
	try {
		return parse(text) as Record<string, unknown>;
	} catch (error) {
		const { line = 1 } = error as { readonly line?: number };
		const said = error instanceof Error ? (error.message.split("\n").at(-1) ?? "") : String(error);
		throw new UnreadableText(`not valid TOML (${said})`, line);
	}
}

function serversIn(values: Entry, path: EntryPath): Entry | undefined {
	let found: unknown = values;
	for (const key of path) {
		if (found === undefined) return undefined;
		if (!isEntry(found)) break;
		found = found[key];
	}
	if (found === undefined || isEntry(found)) return found;
	throw new UnreadableText(`not a table where "${path.join(".")}" is`, 1);
}

function withServers(values: Entry, [first, ...rest]: EntryPath, servers: Entry): Entry {
	const [next, ...more] = rest;
	const inner = values[first];
	const value =
		next === undefined ? servers : withServers(isEntry(inner) ? inner : {}, [next, ...more], servers);
	return { ...values, [first]: value };
}

function tableLines(path: readonly string[], entry: Entry): string[] {
	const lines = [`[${path.map(keyText).join(".")}]`];
	const tables: string[] = [];
	for (const [key, value] of Object.entries(entry)) {
		if (isEntry(value)) tables.push(...tableLines([...path, key], value));
		else lines.push(`${keyText(key)} = ${valueText(value)}`);
	}
	return [...lines, ...tables];
}

function keyText(key: string): string {
	return /^[\w-]+$/.test(key) ? key : JSON.stringify(key);
}

function valueText(value: unknown): string {
	return Array.isArray(value) ? `[${value.map(valueText).join(", ")}]` : JSON.stringify(value);
}

/** The text without the table and those within it; undefined if it is not written as tables that stand together. */
function withoutTable(text: string, path: readonly string[]): string | undefined {
	const lines = text.split(/(?<=\n)/);
	const name = path.map(keyText).join(".");
	const isOwn = (line: string) => line.startsWith(`[${name}]`) || line.startsWith(`[${name}.`);
	const start = lines.findIndex(isOwn);
	if (start === -1) return undefined;
	const after = lines.findIndex((line, index) => index > start && /^\s*\[/.test(line) && !isOwn(line));
	const rest = after === -1 ? [] : lines.slice(after);
	const before = lines.slice(0, start);
	// Comments and blank lines above the next table belong to it.
	const own = lines.slice(start, after === -1 ? undefined : after);
	const tail: string[] = [];
	while (after !== -1 && own.length > 0 && /^\s*(#.*)?$/.test(own.at(-1)?.trimEnd() ?? "")) {
		const last = own.pop();
		if (last !== undefined) tail.unshift(last);
	}
	// The blank line that was put before the table goes with it.
	if (before.at(-1)?.trim() === "" && (rest.length === 0 || tail[0]?.trim() === "")) before.pop();
	return [...before, ...tail, ...rest].join("");
}
