import {
	findNodeAtLocation,
	getNodeValue,
	type Node,
	type ParseError,
	parseTree,
	printParseErrorCode,
} from "jsonc-parser";
import {
	type Entry,
	type Format,
	indentation,
	isEntry,
	lineAt,
	lineEnding,
	UnreadableText,
} from "./format.ts";

/**
 * JSON, with comments and trailing commas, which several clients allow. The library reads it; the entry is put in and
 * taken out by hand, since the library's own edits also lay out anew what stands on the lines beside it.
 */
export const json: Format = {
	get(text, path, name) {
		const node = findNodeAtLocation(treeOf(text, path), [...path, name]);
		if (!node) return undefined;
		// What the library makes has no prototype.
		const value: unknown = structuredClone(getNodeValue(node));
		return isEntry(value) ? value : {};
	},

	names(text, path) {
		const servers = findNodeAtLocation(treeOf(text, path), [...path]);
		return (servers?.children ?? []).map(({ children }) => String(children?.[0]?.value));
	},

	set(text, path, name, entry) {
		const start = text.trim() === "" ? `{}${lineEnding(text)}` : text;
		const tree = treeOf(start, path);
		const present = findNodeAtLocation(tree, [...path, name]);
		if (present) return withValue(start, present, entry);
		// The deepest object of the path that is there; what is missing below it is written with the entry.
		let depth = path.length;
		while (depth > 0 && !findNodeAtLocation(tree, path.slice(0, depth))) depth -= 1;
		const object = depth === 0 ? tree : (findNodeAtLocation(tree, path.slice(0, depth)) as Node);
		const [key = name, ...inner] = [...path.slice(depth), name];
		return withProperty(
			start,
			object,
			key,
			inner.reduceRight<Entry>((value, each) => ({ [each]: value }), entry),
		);
	},

	remove(text, path, name) {
		const property = findNodeAtLocation(treeOf(text, path), [...path, name])?.parent;
		return property ? without(text, property) : text;
	},
};

/** The text without a property of an object, or an item of a list, and the comma beside it. */
export function without(text: string, node: Node): string {
	const siblings = node.parent?.children ?? [];
	const index = siblings.indexOf(node);
	const end = node.offset + node.length;
	const previous = siblings[index - 1];
	const next = siblings[index + 1];
	if (previous) {
		const before = previous.offset + previous.length;
		// A comment between the two stays.
		if (/^\s*,\s*$/.test(text.slice(before, node.offset))) return replaced(text, before, end, "");
	}
	if (next) return replaced(text, node.offset, next.offset, "");
	const comma = /^\s*,/.exec(text.slice(end))?.[0].length ?? 0;
	return replaced(text, node.offset, end + comma, "");
}

/** @throws UnreadableText, also where something else than an object is on the path. */
export function treeOf(text: string, path: readonly string[]): Node {
	const errors: ParseError[] = [];
	const tree = text.trim() === "" ? parseTree("{}") : parseTree(text, errors, { allowTrailingComma: true });
	const [error] = errors;
	if (error) {
		const said = printParseErrorCode(error.error).replace(
			/([a-z])([A-Z])/g,
			(_, a: string, b: string) => `${a} ${b.toLowerCase()}`,
		);
		throw new UnreadableText(`not valid JSON (${said})`, lineAt(text, error.offset));
	}
	if (!tree) throw new UnreadableText("not valid JSON", 1);
	for (let depth = 0; depth <= path.length; depth += 1) {
		const node = depth === 0 ? tree : findNodeAtLocation(tree, path.slice(0, depth));
		if (node && node.type !== "object")
			throw new UnreadableText(
				`not an object where ${depth === 0 ? "one is expected" : `"${path.slice(0, depth).join(".")}" is`}`,
				lineAt(text, node.offset),
			);
	}
	return tree;
}

/** The text with a property behind the last one of an object. */
export function withProperty(text: string, object: Node, key: string, value: unknown): string {
	return withChild(text, object, value, `${JSON.stringify(key)}: `);
}

/** The text with something behind the last property of an object, or the last item of a list. */
export function withChild(text: string, object: Node, value: unknown, name = ""): string {
	const last = object.children?.at(-1);
	const end = object.offset + object.length;
	const oneLine = isOneLine(text, object) && (last !== undefined || text.trim().length > end - object.offset);
	const outer = lineIndent(text, object.offset);
	const inner = last && !oneLine ? lineIndent(text, last.offset) : outer + indentation(text, "  ");
	const property = `${name}${written(value, text, inner, oneLine)}`;
	if (last) {
		const behind = last.offset + last.length;
		return replaced(
			text,
			behind,
			behind,
			oneLine ? `, ${property}` : `,${lineEnding(text)}${inner}${property}`,
		);
	}
	const eol = lineEnding(text);
	const content = oneLine ? ` ${property} ` : `${eol}${inner}${property}${eol}${outer}`;
	// What else is between the brackets is a comment.
	const within = text.slice(object.offset + 1, end - 1).trimEnd();
	return replaced(text, object.offset + 1 + within.length, end - 1, content);
}

/** A value in the place of another. */
export function withValue(text: string, node: Node, value: unknown): string {
	const own = written(value, text, lineIndent(text, node.offset), isOneLine(text, node));
	return replaced(text, node.offset, node.offset + node.length, own);
}

function written(value: unknown, text: string, indent: string, oneLine: boolean): string {
	if (oneLine) return JSON.stringify(value);
	const lines = JSON.stringify(value, undefined, indentation(text, "  ")).split("\n");
	return lines.map((line, index) => (index === 0 ? line : indent + line)).join(lineEnding(text));
}

function isOneLine(text: string, { offset, length }: Node): boolean {
	return !text.slice(offset, offset + length).includes("\n");
}

/** The white space at the start of the line. */
function lineIndent(text: string, offset: number): string {
	const line = text.slice(text.lastIndexOf("\n", offset - 1) + 1, offset);
	return /^\s*/.exec(line)?.[0] ?? "";
}

function replaced(text: string, start: number, end: number, by: string): string {
	return text.slice(0, start) + by + text.slice(end);
}
