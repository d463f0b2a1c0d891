import { createHash } from "node:crypto";
import { type Change, changeOf } from "../change.ts";
import { ConfigFileError, readConfigFile } from "../configFile.ts";

/** A file that is ours as a whole, in a folder of another program. */
export interface OwnFile {
	readonly file: string;
	readonly text: string;
	/** Folders below this one are ours to remove once they are empty. */
	readonly within: string;
}

/** Stands at the end, because the head of such a file is for the program that reads it. */
const mark = /<!-- MCP Mem0 wrote this file, and removes it when you disconnect\. ([0-9a-f]{12}) -->\s*$/;

/** The text with our mark, which tells later whether somebody has edited it. */
function marked(text: string): string {
	return `${text.trimEnd()}\n\n<!-- MCP Mem0 wrote this file, and removes it when you disconnect. ${digest(text)} -->\n`;
}

/** @throws ConfigFileError for a file that somebody else wrote, or has edited. */
export async function planOwnFile({ file, text }: OwnFile): Promise<Change> {
	const before = await readConfigFile(file);
	const state = before.text === undefined ? "ours" : stateOf(before.text);
	if (state !== "ours") throw notOurs(file, state);
	// A file in which only the line endings differ is as it should be.
	const after = unix(before.text ?? "") === marked(text) ? before : { text: marked(text), bom: false };
	return changeOf(file, before, after);
}

/** @throws ConfigFileError for a file that somebody has edited. */
export async function planRemoval({ file, within }: OwnFile): Promise<Change> {
	const before = await readConfigFile(file);
	if (before.text === undefined) return changeOf(file, before, before);
	const state = stateOf(before.text);
	if (state === "edited") throw notOurs(file, state);
	if (state === "foreign") return changeOf(file, before, before);
	return changeOf(file, before, { text: undefined, bom: false }, { within });
}

function stateOf(text: string): "ours" | "edited" | "foreign" {
	const found = mark.exec(text);
	if (!found) return "foreign";
	return digest(text.slice(0, found.index)) === found[1] ? "ours" : "edited";
}

function notOurs(file: string, state: "edited" | "foreign"): ConfigFileError {
	const said = state === "edited" ? "edited since MCP Mem0 wrote it" : "not written by MCP Mem0";
	return new ConfigFileError({ file, said, advice: "It was left alone. Move or delete it, then try again." });
}

/** Of what counts in a text: a version control system may change its line endings. */
function digest(text: string): string {
	return createHash("sha256").update(unix(text).trim()).digest("hex").slice(0, 12);
}

function unix(text: string): string {
	return text.replaceAll("\r\n", "\n");
}
