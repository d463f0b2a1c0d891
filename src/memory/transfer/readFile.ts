import { dirname, isAbsolute, relative, sep } from "node:path";
import { openForeignDatabase } from "../../store/stores.ts";
import type { Origin, Project } from "../../store/types.ts";
import { InputError } from "../errors.ts";
import type { ImportRequest } from "../requests.ts";
import { elementsOf } from "./document.ts";
import { encodingOf, toUtf8 } from "./encoding.ts";
import type { ImportFile } from "./files.ts";
import { type Layout, piecesOf, recognise } from "./format.ts";
import { isChatGptExport, readConversation } from "./formats/chatgpt.ts";
import { databaseFormat } from "./formats/databases.ts";
import { textFormats } from "./formats/index.ts";
import { markdown } from "./formats/instructions.ts";
import type { TextFile, TextFormat } from "./formats/textFormat.ts";
import { headOf } from "./head.ts";
import { pieceError } from "./pieces.ts";
import { readPiece } from "./readPiece.ts";
import { type ReadRecord, type Remark, readRecord } from "./record.ts";
import { workFolderOf } from "./workFolder.ts";

/** Bytes. The longest text and metadata have half as much, with every character escaped. */
const longestPiece = 1_000_000;
/** Bytes of a conversation in ChatGPT's export, and of a text file that is read as a whole. */
const longestConversation = 64_000_000;
const longestText = 16_000_000;

/** What is in a file at one place: memories, or why there are none. */
export interface ImportPiece {
	readonly line: number;
	/** Bytes of the file up to its end. */
	readonly end: number;
	readonly requests: readonly ImportRequest[];
	readonly remarks: readonly Remark[];
	readonly problem?: InputError;
}

export interface ReadOptions {
	/** The project of a record with the scope "project" that names none. */
	readonly project: Project | undefined;
	/** The project that a folder belongs to. */
	readonly projectOf: (folder: string) => Promise<Project | undefined>;
	/** A format that was named; undefined: as the file shows. */
	readonly from?: string | undefined;
	/** A name that `TextDecoder` knows; undefined: as the file shows. */
	readonly encoding?: string | undefined;
}

export interface ReadableFile {
	/** How it is read, for people; undefined for lines, which need no name. */
	readonly format: string | undefined;
	readonly layout?: Layout;
	readonly pieces: AsyncIterable<ImportPiece>;
}

/**
 * Recognises a file by its content, and reads its memories one after the other.
 * @returns undefined for a file within a folder that seems to hold none.
 * @throws InputError for a file that cannot be read.
 */
export async function readFile(file: ImportFile, options: ReadOptions): Promise<ReadableFile | undefined> {
	const { head, isWhole, chunks } = await headOf(file.chunks(), longestPiece);
	if (Buffer.from(head.subarray(0, 16)).toString("latin1") === "SQLite format 3\0") return readDatabase(file);
	const encoding = options.encoding ?? encodingOf(head);
	const beginning = encoding === undefined ? "" : await decoded(head, encoding);
	const named = textFormats.find(({ id }) => id === options.from);
	const isJson = /^\s*[[{]/.test(beginning);
	if (!isJson || named) {
		const text: TextFile = {
			name: fullName(file),
			text: beginning.replace(/\r\n?/g, "\n"),
			modifiedAt: file.modifiedAt,
		};
		const format =
			named ?? (encoding !== undefined && options.from === undefined ? textFormatOf(text, file) : undefined);
		if (format && encoding !== undefined)
			return { format: format.name, pieces: readText(file, format, chunks, encoding, options) };
	}
	if (encoding !== undefined && (options.from === "chatgpt" || isChatGptExport(beginning))) {
		const elements = elementsOf(toUtf8(chunks, encoding), longestConversation);
		return {
			format: "ChatGPT's conversations",
			pieces: inPieces(elements, encoding, ({ text = "" }) => readConversation(text)),
		};
	}
	if (
		!file.isNamed &&
		!(isJson && /"(?:text|memory|content|fact|observations|relationType)"\s*:/.test(beginning))
	)
		return undefined;
	const format = await recognise(head, isWhole, options.encoding);
	if ("foreign" in format)
		throw new InputError("file", `it is ${format.foreign.name}. ${format.foreign.advice}`);
	if (format.layout === "text" && options.from !== undefined && options.from !== "text")
		throw new InputError("from", `it is not in the format ${options.from}.`);
	const origin = originOf(file, undefined);
	const pieces = piecesOf(chunks, format, longestPiece);
	return {
		format: undefined,
		layout: format.layout,
		pieces: inPieces(pieces, format.encoding, (piece) =>
			withOrigin(readPiece(piece, format.layout, options.project), origin),
		),
	};
}

/** The folders above the one that was named tell whose file it is, too. */
function fullName({ path, name }: ImportFile): string {
	return path === undefined ? name : path.split(sep).join("/");
}

/** The format of a text by its content or, where that says nothing, by its name; lines in plain words have none. */
function textFormatOf(text: TextFile, file: ImportFile): TextFormat | undefined {
	const format = textFormats.find(({ isFormat }) => isFormat(text));
	// Whoever names a folder of notes does not mean every page in it.
	return format === markdown && !file.isNamed ? undefined : format;
}

async function* inPieces(
	pieces: ReturnType<typeof piecesOf>,
	encoding: string,
	read: (piece: Parameters<typeof readPiece>[0]) => ReadRecord,
): AsyncGenerator<ImportPiece> {
	for await (const piece of pieces) {
		const { line, end, outside, text, problem } = piece;
		const place = { line, end, requests: [], remarks: [] };
		if (outside !== undefined) yield { ...place, remarks: [{ kind: "dropped", field: outside }] };
		else if (problem) yield { ...place, problem: pieceError(problem, encoding) };
		else if (text?.trim() !== "") yield { ...place, ...tried(() => read(piece)) };
	}
}

async function* readText(
	file: ImportFile,
	format: TextFormat,
	chunks: AsyncIterable<Uint8Array>,
	encoding: string,
	options: ReadOptions,
): AsyncGenerator<ImportPiece> {
	const parts: Uint8Array[] = [];
	let length = 0;
	for await (const chunk of toUtf8(chunks, encoding)) {
		length += chunk.length;
		if (length > longestText) throw new InputError("length", `it is longer than ${longestText} bytes.`);
		parts.push(chunk);
	}
	const text = wholeText(Buffer.concat(parts), encoding).replace(/\r\n?/g, "\n");
	const project = await projectOfFile(file, format, options);
	const found = format.parse({ name: fullName(file), text, modifiedAt: file.modifiedAt });
	if (found.length === 0 && file.isNamed)
		throw new InputError("file", "it has no memories in it. Check that it is whole.");
	for (const { line, lastLine, id, request } of found) {
		const isOwn = request.was !== undefined;
		const source = isOwn ? {} : { source: { format: format.id, ...(id === undefined ? {} : { id }) } };
		const metadata = { ...(request.metadata as object | undefined), ...source };
		const isOfProject = project && !isOwn && request.scope === undefined;
		const scoped = isOfProject ? { scope: "project", project } : {};
		// One of ours keeps what it had, or had not.
		const origin = isOwn ? request.origin : originOf(file, [line, lastLine ?? line]);
		yield { line, end: length, requests: [{ ...request, ...scoped, metadata, origin }], remarks: [] };
	}
}

/** The project that a file's memories are about. */
async function projectOfFile({ path }: ImportFile, { id }: TextFormat, { projectOf }: ReadOptions) {
	if (path === undefined) return undefined;
	if (id === "instructions") return projectOf(dirname(path));
	const folder = id === "claude-code" || id === "vscode-memory" ? await workFolderOf(path) : undefined;
	return folder === undefined ? undefined : projectOf(folder);
}

/** @throws InputError */
function wholeText(bytes: Uint8Array, encoding: string): string {
	try {
		return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
	} catch {
		throw new InputError(
			"encoding",
			encoding === "utf-8"
				? "it is not UTF-8. If it is in Windows-1252 or Latin-1, import it again with --encoding windows-1252."
				: `it is not valid in ${encoding}.`,
		);
	}
}

function readDatabase(file: ImportFile): ReadableFile {
	const { path } = file;
	if (path === undefined)
		throw new InputError(
			"file",
			"it is an SQLite database in an archive or a pipe. Unpack it, and import the file.",
		);
	const database = openForeignDatabase(path);
	const format = (() => {
		try {
			return databaseFormat(database);
		} catch (error) {
			database.close();
			throw error;
		}
	})();
	const origin = originOf(file, undefined);
	return {
		format: `the database of ${format.id}`,
		pieces: (async function* () {
			try {
				for (const { row, record } of format.records(database))
					yield {
						line: row,
						end: 0,
						requests: [],
						remarks: [],
						...tried(() => withOrigin(readRecord(record, undefined), origin)),
					};
			} finally {
				database.close();
			}
		})(),
	};
}

function withOrigin(read: ReadRecord, origin: Origin): ReadRecord {
	return {
		...read,
		requests: read.requests.map((request) => (request.was ? request : { ...request, origin })),
	};
}

/** The file as a memory's origin: below the working directory relative to it, else by its name alone. */
function originOf({ name, path }: ImportFile, lines: readonly [number, number] | undefined): Origin {
	const below = path === undefined ? name : relative(process.cwd(), path).split(sep).join("/");
	const isOutside = below.startsWith("..") || isAbsolute(below);
	const file = isOutside ? name.split("/").slice(-2).join("/") : below;
	return { how: "import", ...(file === "-" ? {} : { file }), ...(lines ? { lines } : {}) };
}

function tried(read: () => ReadRecord): ReadRecord | { readonly problem: InputError } {
	try {
		return read();
	} catch (error) {
		if (!(error instanceof InputError)) throw error;
		return { problem: error };
	}
}

async function decoded(head: Uint8Array, encoding: string): Promise<string> {
	const parts: Uint8Array[] = [];
	const whole = async function* () {
		yield head;
	};
	for await (const part of toUtf8(whole(), encoding)) parts.push(part);
	return new TextDecoder().decode(Buffer.concat(parts));
}
