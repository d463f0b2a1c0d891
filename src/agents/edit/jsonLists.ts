import { findNodeAtLocation, getNodeValue, type Node } from "jsonc-parser";
import { lineAt, lineEnding, UnreadableText } from "./format.ts";
import { treeOf, withChild, without, withProperty, withValue } from "./json.ts";

/** Lists of JSON with comments, such as those of hooks by their events: items are put in and taken out in place. */

/** An item, and its value. */
export interface Found {
	readonly node: Node;
	readonly value: unknown;
}

export interface FoundList {
	/** Under which it stands in its object. */
	readonly name: string;
	/** With the items of the list of the same name as the object, which some of them hold. */
	readonly items: readonly (Found & { readonly hooks: readonly Found[] })[];
}

/** The lists in an object of that name. @throws UnreadableText */
export function listsIn(text: string, object: string): readonly FoundList[] {
	const parent = findNodeAtLocation(treeOf(text, [object]), [object]);
	return (parent?.children ?? []).flatMap((property) => {
		const [key, list] = property.children ?? [];
		if (!key || !list) return [];
		const items = itemsOf(list).map((item) => ({
			...item,
			hooks: itemsOf(item.node.type === "object" ? findNodeAtLocation(item.node, [object]) : undefined),
		}));
		return [{ name: String(key.value), items }];
	});
}

function itemsOf(list: Node | undefined): readonly Found[] {
	const nodes = list?.type === "array" ? (list.children ?? []) : [];
	return nodes.map((node) => ({ node, value: valueIn(node) }));
}

/** @throws UnreadableText if something else than a list is there. */
export function withItem(text: string, object: string, list: string, value: unknown): string {
	const start = text.trim() === "" ? `{}${lineEnding(text)}` : text;
	const tree = treeOf(start, [object]);
	const parent = findNodeAtLocation(tree, [object]);
	if (!parent) return withProperty(start, tree, object, { [list]: [value] });
	const present = findNodeAtLocation(parent, [list]);
	if (!present) return withProperty(start, parent, list, [value]);
	if (present.type === "array") return withChild(start, present, value);
	throw new UnreadableText(`not a list where "${object}.${list}" is`, lineAt(start, present.offset));
}

export function withItemReplaced(text: string, { node }: Found, value: unknown): string {
	return withValue(text, node, value);
}

/** The text without an item; nor the lists and objects that held nothing else. */
export function withoutItem(text: string, { node }: Found): string {
	let gone = node;
	for (let { parent } = gone; parent?.parent; { parent } = gone) {
		// A value goes with its name.
		if (parent.type !== "property" && parent.children?.length !== 1) break;
		gone = parent;
	}
	return without(text, gone);
}

function valueIn(node: Node): unknown {
	// What the library makes has no prototype.
	return structuredClone(getNodeValue(node)) as unknown;
}
