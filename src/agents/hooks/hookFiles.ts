import { basename, dirname } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { type Change, changeOf } from "../change.ts";
import type { Client, HookPlace, Places, ServerEntry } from "../client.ts";
import { backupOf, type ConfigText, readConfigFile } from "../configFile.ts";
import { understood } from "../connections.ts";
import { type Entry, isEntry, lineEnding } from "../edit/format.ts";
import { treeOf, withProperty } from "../edit/json.ts";
import { type Found, listsIn, withItem, withItemReplaced, withoutItem } from "../edit/jsonLists.ts";
import { commandLine } from "./commandLine.ts";

/** `missing`: there could be some. */
export type HooksState = "missing" | "in place" | "stale";

/** A client that has hooks. */
export type Hooking = Client & { readonly hooks: HookPlace };

export function hasHooks(client: Client): client is Hooking {
	return client.hooks !== undefined;
}

/** By the names of the events. */
type Items = ReadonlyMap<string, Entry>;

/** One of ours, in the list of an event: an item, or a hook in an item that holds others, too. */
interface Own extends Found {
	readonly event: string;
	readonly inner: boolean;
}

/**
 * What putting our hooks in would change, beside those of others; or mending them.
 * @throws ConfigFileError for a file that cannot be read or understood.
 */
export async function planHooks(client: Hooking, places: Places, entry: ServerEntry): Promise<Change> {
	const file = client.hooks.file(places);
	const before = await readConfigFile(file);
	return understood(file, () => {
		const after = withHooks(before.text ?? "", client.hooks, itemsOf(client.hooks, places, entry));
		return hooksChange(file, before, { ...before, text: after });
	});
}

/**
 * What taking them out would change: the file becomes what it was before, where only we have changed it since.
 * @throws ConfigFileError
 */
export async function planWithoutHooks(client: Hooking, places: Places): Promise<Change> {
	const { hooks } = client;
	const file = hooks.file(places);
	const before = await readConfigFile(file);
	const backup = await readConfigFile(backupOf(file, "hooks"));
	return understood(file, () => {
		const { text } = before;
		const own = text === undefined ? [] : oursIn(text);
		if (text === undefined || own.length === 0) return hooksChange(file, before, before);
		const items = new Map(
			own.flatMap(({ event, value }) => (isEntry(value) ? [[event, value] as const] : [])),
		);
		const old = backup.text;
		if (old !== undefined && withHooks(old, hooks, items) === text) return hooksChange(file, before, backup);
		const rest = withoutHooks(text);
		// We made the file, and nobody has put anything into it.
		const bare = (each: string) => each.replace(/\s/g, "");
		const nothingElse = old === undefined && bare(rest) === bare(withTop("", hooks));
		return hooksChange(file, before, { ...before, text: nothingElse ? undefined : rest });
	});
}

/** @throws ConfigFileError */
export async function inspectHooks(client: Hooking, places: Places, entry: ServerEntry): Promise<HooksState> {
	const file = client.hooks.file(places);
	const { text } = await readConfigFile(file);
	return understood(file, () => {
		if (text === undefined || oursIn(text).length === 0) return "missing";
		return withHooks(text, client.hooks, itemsOf(client.hooks, places, entry)) === text
			? "in place"
			: "stale";
	});
}

function itemsOf({ as, events, toItem }: HookPlace, places: Places, entry: ServerEntry): Items {
	return new Map(
		events.map((event) => {
			const words = ["hook", "--client", as, event];
			return [event, toItem((shell) => commandLine(shell, entry, words, places), places)];
		}),
	);
}

function withHooks(text: string, place: HookPlace, wanted: Items): string {
	let now = withTop(text, place);
	for (let stray = strayIn(now, wanted); stray; stray = strayIn(now, wanted)) now = withoutItem(now, stray);
	for (const [event, item] of wanted) {
		const present = oursIn(now).find((own) => own.event === event);
		if (!present) {
			now = withItem(now, "hooks", event, item);
			continue;
		}
		const [ours = item] = present.inner && Array.isArray(item.hooks) ? (item.hooks as Entry[]) : [item];
		// What somebody has added to it stays.
		const merged = { ...(present.value as Entry), ...ours };
		if (!isDeepStrictEqual(present.value, merged)) now = withItemReplaced(now, present, merged);
	}
	return now;
}

function withoutHooks(text: string): string {
	let now = text;
	for (let [own] = oursIn(now); own; [own] = oursIn(now)) now = withoutItem(now, own);
	return now;
}

/** Ours for an event that we do not want any more, or the second for one. */
function strayIn(text: string, wanted: Items): Own | undefined {
	const own = oursIn(text);
	return own.find(
		({ event }, index) => !wanted.has(event) || own.findIndex((each) => each.event === event) !== index,
	);
}

function withTop(text: string, { top = {} }: HookPlace): string {
	const start = text.trim() === "" ? `{}${lineEnding(text)}` : text;
	let now = start;
	for (const [name, value] of Object.entries(top)) {
		const tree = treeOf(now, []);
		const isThere = tree.children?.some(({ children }) => children?.[0]?.value === name);
		if (!isThere) now = withProperty(now, tree, name, value);
	}
	return now;
}

function oursIn(text: string): Own[] {
	return listsIn(text, "hooks").flatMap(({ name: event, items }) =>
		items.flatMap((item): Own[] => {
			if (isOurs(item.value)) return [{ ...item, event, inner: false }];
			const inner = item.hooks.filter(({ value }) => isOurs(value));
			if (inner.length === 0) return [];
			if (inner.length === item.hooks.length) return [{ ...item, event, inner: false }];
			return inner.map((each) => ({ ...each, event, inner: true }));
		}),
	);
}

/** Whether it runs our hook: by a launcher of ours, however it was installed. */
function isOurs(value: unknown): boolean {
	return (
		isEntry(value) &&
		["command", "bash", "powershell", "windows", "linux", "osx"].some((field) => {
			const line = value[field];
			return typeof line === "string" && /mcp-mem0.*\bhook --client \w/s.test(line);
		})
	);
}

function hooksChange(file: string, before: ConfigText, after: ConfigText): Change {
	const has = ({ text }: ConfigText) => text !== undefined && oursIn(text).length > 0;
	const keep = has(after);
	const backup = keep && has(before) ? undefined : { file: backupOf(file, "hooks"), keep };
	// A folder for hooks alone goes with the last of them.
	const within = basename(dirname(file)) === "hooks" ? dirname(dirname(file)) : undefined;
	return changeOf(file, before, after, { backup, within });
}
