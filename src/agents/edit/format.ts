/** The keys that lead to the object, or list, of servers. */
export type EntryPath = readonly [string, ...string[]];

/**
 * A file format whose files are edited in place: comments, order, indentation and line endings stay, and so does
 * everything but the entry.
 */
export interface Format {
	/** @returns the entry of that name; undefined if there is none. @throws UnreadableText */
	readonly get: (text: string, path: EntryPath, name: string) => Entry | undefined;
	/** @returns the names of all entries. @throws UnreadableText */
	readonly names: (text: string, path: EntryPath) => readonly string[];
	/** @returns the text with the entry added, or replaced. @throws UnreadableText */
	readonly set: (text: string, path: EntryPath, name: string, entry: Entry) => string;
	/** @returns the text without the entry. @throws UnreadableText */
	readonly remove: (text: string, path: EntryPath, name: string) => string;
}

export type Entry = Readonly<Record<string, unknown>>;

/** The text is not of its format, or has something else where servers belong. */
export class UnreadableText extends Error {
	override readonly name = "UnreadableText";
	/** From 1. */
	readonly line: number;

	constructor(said: string, line: number) {
		super(said);
		this.line = line;
	}
}

export function isEntry(value: unknown): value is Entry {
	return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function lineAt(text: string, offset: number): number {
	return text.slice(0, offset).split("\n").length;
}

/** The line ending that the text uses. */
export function lineEnding(text: string): "\r\n" | "\n" {
	return /\r\n/.test(text) ? "\r\n" : "\n";
}

/** What a level is indented by, as the first indented line shows it. */
export function indentation(text: string, otherwise: string): string {
	return /^([ \t]+)\S/m.exec(text)?.[1] ?? otherwise;
}
