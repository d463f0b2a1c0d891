import { isMap, isSeq, LineCounter, parseDocument, type YAMLMap, type YAMLSeq } from "yaml";
import { type Entry, type EntryPath, type Format, isEntry, lineEnding, UnreadableText } from "./format.ts";

/** YAML whose servers are a list of objects with a `name`. Lines are added and taken out; no other line changes. */
export const yaml: Format = {
	get(text, path, name) {
		const item = itemOf(listIn(text, path), name);
		const value: unknown = item?.toJSON();
		if (!isEntry(value)) return undefined;
		const { name: _, ...entry } = value;
		return entry;
	},

	names(text, path) {
		const names = listIn(text, path)?.items.map((item) => isMap(item) && item.get("name"));
		return (names ?? []).filter((name) => typeof name === "string");
	},

	set(text, path, name, entry) {
		const list = listIn(text, path);
		const present = itemOf(list, name);
		if (present) return this.set(this.remove(text, path, name), path, name, entry);
		const eol = lineEnding(text);
		const before = text === "" || text.endsWith("\n") ? text : text + eol;
		if (list?.flow && list.items.length > 0)
			throw new UnreadableText(`a list in one line at "${path.join(".")}"`, 1);
		if (!list || list.items.length === 0) {
			const key = new RegExp(`^${path[0]}:.*(\r?\n|$)`, "m");
			const start = list ? before.replace(key, "") : before;
			return `${start}${path[0]}:${eol}${itemLines(name, entry, "  ").join(eol)}${eol}`;
		}
		const [offset, column] = endOf(list, before);
		const lines = itemLines(name, entry, " ".repeat(column)).join(eol);
		return `${before.slice(0, offset)}${lines}${eol}${before.slice(offset)}`;
	},

	remove(text, path, name) {
		const list = listIn(text, path);
		const item = itemOf(list, name);
		if (!list || !item?.range) return text;
		const start = text.lastIndexOf("\n", item.range[0]) + 1;
		const index = list.items.indexOf(item);
		const next = list.items[index + 1] as YAMLMap | undefined;
		const end = next?.range ? text.lastIndexOf("\n", next.range[0]) + 1 : lineAfter(text, item.range[1]);
		const without = text.slice(0, start) + text.slice(end);
		if (list.items.length > 1) return without;
		return without.replace(new RegExp(`^${path[0]}:[ \t]*(\r?\n|$)`, "m"), "");
	},
};

interface List {
	readonly flow: boolean;
	readonly items: YAMLSeq["items"];
	readonly seq: YAMLSeq;
}

function listIn(text: string, path: EntryPath): List | undefined {
	const lines = new LineCounter();
	const document = parseDocument(text, { lineCounter: lines });
	const [error] = document.errors;
	if (error)
		throw new UnreadableText(
			`not valid YAML (${error.message.split("\n")[0]})`,
			error.linePos?.[0].line ?? 1,
		);
	const { contents } = document;
	if (contents === null) return undefined;
	if (!isMap(contents)) throw new UnreadableText("not a YAML mapping", 1);
	const node: unknown = document.getIn(path, true);
	if (node === undefined || node === null) return undefined;
	if (isSeq(node)) return { flow: node.flow === true, items: node.items, seq: node };
	const value = (node as { readonly value?: unknown }).value;
	const range = (node as { readonly range?: readonly number[] }).range ?? [0];
	if (value === null) return { flow: false, items: [], seq: node as YAMLSeq };
	throw new UnreadableText(`not a list where "${path.join(".")}" is`, lines.linePos(range[0] ?? 0).line);
}

function itemOf(list: List | undefined, name: string): YAMLMap | undefined {
	return list?.items.find((item): item is YAMLMap => isMap(item) && item.get("name") === name);
}

/** Behind the last item of a list, and the column of its dashes. */
function endOf({ items, seq }: List, text: string): readonly [offset: number, column: number] {
	const last = items.at(-1) as YAMLMap;
	const end = lineAfter(text, last.range?.[1] ?? text.length);
	const first = seq.range?.[0] ?? 0;
	return [end, first - (text.lastIndexOf("\n", first) + 1)];
}

/** The start of the line behind the one that holds the last character before an offset. */
function lineAfter(text: string, offset: number): number {
	const trimmed = text.slice(0, offset).trimEnd().length;
	const newline = text.indexOf("\n", trimmed);
	return newline === -1 ? text.length : newline + 1;
}

function itemLines(name: string, entry: Entry, indent: string): string[] {
	const fields = fieldLines({ name, ...entry }, `${indent}  `);
	return fields.map((line, index) => (index === 0 ? `${indent}- ${line.trimStart()}` : line));
}

function fieldLines(entry: Entry, indent: string): string[] {
	return Object.entries(entry).flatMap(([key, value]) => {
		if (Array.isArray(value))
			return [`${indent}${key}:`, ...value.map((each) => `${indent}  - ${JSON.stringify(each)}`)];
		if (isEntry(value)) return [`${indent}${key}:`, ...fieldLines(value, `${indent}  `)];
		return [
			`${indent}${key}: ${typeof value === "string" && /^[\w-]+$/.test(value) ? value : JSON.stringify(value)}`,
		];
	});
}
