import { elementsOf } from "./document.ts";
import { encodingOf, toUtf8 } from "./encoding.ts";
import { linesOf } from "./lines.ts";
import type { Piece } from "./pieces.ts";
import { isMemory } from "./record.ts";

/** A file that holds no memories that could be read. */
export interface ForeignFormat {
	/** Completes "it is …". */
	readonly name: string;
	/** What to do, in sentences. */
	readonly advice: string;
}

/**
 * - `lines`: one JSON record a line.
 * - `document`: one JSON document with a list of records.
 * - `record`: one JSON record, over several lines.
 * - `text`: one memory a line, in words.
 */
export type Layout = "lines" | "document" | "record" | "text";

const unpack = "Unpack it, and import the file inside.";
const asLines = 'Write one {"text": "…"} a line, or one fact a line in plain words, and import that.';
const binaries: readonly (readonly [signature: string, name: string, advice: string])[] = [
	["PK\x03\x04", "a ZIP archive", unpack],
	["PK\x05\x06", "an empty ZIP archive", unpack],
	["\x1f\x8b", "a gzip archive", unpack],
	["BZh", "a bzip2 archive", unpack],
	["\xfd7zXZ\0", "an xz archive", unpack],
	["7z\xbc\xaf\x27\x1c", "a 7z archive", unpack],
	["\x28\xb5\x2f\xfd", "a zstd archive", unpack],
	[
		"SQLite format 3\0",
		"an SQLite database",
		"Export its memories with the program that wrote it (mcp-mem0 export FILE, for one of MCP Mem0), and import that file.",
	],
	["%PDF-", "a PDF", asLines],
	["\xff\xfe\0\0", "text in UTF-32", "Save it as UTF-8, and import it again."],
	["\0\0\xfe\xff", "text in UTF-32", "Save it as UTF-8, and import it again."],
];
const binary: ForeignFormat = { name: "a binary file", advice: asLines };
const empty: ForeignFormat = { name: "empty", advice: "Check that the export was finished." };

/**
 * Tells how to read a file by its beginning, whatever its name.
 * @param encoding a name that `TextDecoder` knows; undefined: as the file shows.
 */
export async function recognise(
	head: Uint8Array,
	isWhole: boolean,
	encoding: string | undefined,
): Promise<{ readonly layout: Layout; readonly encoding: string } | { readonly foreign: ForeignFormat }> {
	const latin = Buffer.from(head.subarray(0, 16)).toString("latin1");
	const known = binaries.find(([signature]) => latin.startsWith(signature));
	if (known) return { foreign: { name: known[1], advice: known[2] } };
	const read = encoding ?? encodingOf(head);
	if (read === undefined) return { foreign: binary };
	const bytes: Uint8Array[] = [];
	for await (const part of toUtf8(only(head), read)) bytes.push(part);
	const text = new TextDecoder().decode(Buffer.concat(bytes));
	const start = text.trimStart();
	if (start === "" && isWhole) return { foreign: empty };
	if (/^[[{]/.test(start)) {
		const layout = await jsonLayout(text, isWhole);
		return layout ? { layout, encoding: read } : { foreign: brokenJson };
	}
	const lines = wholeLines(text, isWhole);
	if (lines.some(isJsonObject) || lines.every(isRecord)) return { layout: "lines", encoding: read };
	const foreign = foreignText(lines, start);
	return foreign ? { foreign } : { layout: "text", encoding: read };
}

const brokenJson: ForeignFormat = {
	name: "neither one JSON object a line nor a list of them",
	advice:
		'Import takes lines such as {"text": "…"}, a list of such objects, or a list in a field such as {"results": […]}. Objects over several lines become one a line with: jq -c . FILE.',
};

/** Lines of the head that are not cut off. */
function wholeLines(text: string, isWhole: boolean): readonly string[] {
	const lines = text.split(/\r\n?|\n/).map((line) => line.trim());
	return (isWhole ? lines : lines.slice(0, -1)).filter((line) => line !== "").slice(0, 200);
}

/** Undefined where it is none of them. */
async function jsonLayout(text: string, isWhole: boolean): Promise<Layout | undefined> {
	const lines = wholeLines(text, isWhole);
	const [first = ""] = lines;
	if (lines.length > 1 && isJsonObject(first)) return "lines";
	const whole = isWhole ? parsed(text) : undefined;
	if (isMemory(whole)) return "record";
	if (2 * lines.filter(isJsonObject).length > lines.length && lines.length > 1) return "lines";
	for await (const { text: element = "", list, outside } of elementsOf(
		only(Buffer.from(text)),
		3 * text.length,
	))
		if (outside === undefined) {
			if (element.startsWith("{") ? isRecord(element) : list === undefined && isRecord(element))
				return "document";
			break;
		}
	// Its lists may be empty.
	if (typeof whole === "object" && whole !== null && [whole, ...Object.values(whole)].some(Array.isArray))
		return "document";
	return lines.some(isJsonObject) ? "lines" : undefined;
}

function foreignText(lines: readonly string[], start: string): ForeignFormat | undefined {
	const most = (pattern: RegExp) => 2 * lines.filter((line) => pattern.test(line)).length > lines.length;
	if (/^<(!doctype html|html|head|body)/i.test(start)) return { name: "an HTML page", advice: asLines };
	if (/^<[?!\w]/.test(start)) return { name: "XML", advice: asLines };
	if (most(/^((export\s+)?[A-Za-z_]\w*\s*=|#)/) && lines.some((line) => line.includes("=")))
		return {
			name: "a file of settings (.env)",
			advice:
				"It holds no memories. To use its settings, name it with --env FILE, or import it in VS Code with Mem0: Import .env….",
		};
	if (lines.some((line) => /^(#{1,6} |```|---$|\|.*\|$)|\]\(/.test(line)))
		return { name: "Markdown", advice: asLines };
	if (most(/^(- )?[\w.-]+:( |$)/) && lines.some((line) => /^[\w.-]+:$/.test(line)))
		return { name: "YAML", advice: asLines };
	if (isTable(lines)) return { name: "a table (CSV)", advice: asLines };
	if (most(/[;{}]$/)) return { name: "a program or its configuration", advice: asLines };
	return most(/^\p{Ll}.{60}/u) && lines.length > 1
		? { name: "running text, in which a memory may take several lines", advice: asLines }
		: undefined;
}

/** A first line of names, or lines with as many values as it: in prose, a space follows a comma. */
function isTable([header = "", ...rows]: readonly string[]): boolean {
	const separator = [",", "\t", ";"].find((each) => header.includes(each));
	if (separator === undefined) return false;
	const [row = header] = rows;
	const columns = header.split(separator).map((cell) => cell.trim());
	const areNames = columns.every((cell) => /^"?\w[\w.-]*"?$/.test(cell));
	if (areNames && row.split(separator).length >= columns.length) return true;
	const cells = (line: string) => line.split(/[,;](?=\S)|\t/).length;
	const alike = rows.filter((line) => cells(line) >= cells(header)).length;
	return cells(header) > 1 && 2 * alike > rows.length;
}

function isRecord(json: string): boolean {
	const value = parsed(json);
	return typeof value === "string" || (typeof value === "object" && value !== null && !Array.isArray(value));
}

function isJsonObject(line: string): boolean {
	return line.startsWith("{") && isRecord(line);
}

function parsed(json: string): unknown {
	try {
		return JSON.parse(json);
	} catch {
		// Whatever it is, it is not JSON by itself.
		return undefined;
	}
}

async function* only(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
	yield bytes;
}

/** In JSON, an end of a line is a space like any other. */
async function* inOneLine(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
	for await (const chunk of chunks) yield chunk.map((byte) => (byte === 0x0a ? 0x20 : byte));
}

/** The pieces of a file, as `recognise` says to read it. */
export function piecesOf(
	chunks: AsyncIterable<Uint8Array>,
	{ layout, encoding }: { readonly layout: Layout; readonly encoding: string },
	longest: number,
): AsyncIterable<Piece> {
	const bytes = toUtf8(chunks, encoding);
	if (layout === "document") return elementsOf(bytes, longest);
	return linesOf(layout === "record" ? inOneLine(bytes) : bytes, longest);
}
