import { createReadStream } from "node:fs";
import { open, readdir, stat } from "node:fs/promises";
import { basename, join, relative, resolve, sep } from "node:path";
import { createGunzip } from "node:zlib";
import { unzipSync } from "fflate";
import { InputError } from "../errors.ts";
import { headOf } from "./head.ts";

/** A file that may hold memories. */
export interface ImportFile {
	/** For people, with slashes; of a file in an archive: below that of the archive. */
	readonly name: string;
	/** Bytes, as far as known. */
	readonly size: number;
	/** ms since 1970. */
	readonly modifiedAt?: number;
	/** Where it lies, if it is a file by itself. */
	readonly path?: string;
	/** Whether somebody named it, rather than its folder. */
	readonly isNamed: boolean;
	/** Read once. */
	readonly chunks: () => AsyncIterable<Uint8Array>;
}

/** Tells of a file that is not read. */
export type SkipFile = (name: string, why: string) => void;

/** Files of a folder or an archive that may hold memories, and files of a folder that are looked at. */
const mostFiles = 10_000;
const mostSeen = 500_000;
const deepest = 16;
/** Bytes of an archive, of what is in it unpacked, and of one file of it. */
const largestArchive = 512_000_000;
const largestUnpacked = 1_000_000_000;
const largestEntry = 256_000_000;
/** What may hold memories, by its name. */
const candidates =
	/(?:\.(?:md|mdc|markdown|json|jsonl|ndjson|db|sqlite3?|zip|gz)|(?:^|\/)\.(?:cursor|windsurf|roo|cline)rules)$/i;
const skippedFolders = new Set(["node_modules", ".git", ".hg", ".svn", ".venv", "__pycache__"]);

/**
 * The files that a path means: itself, those in a folder, those in an archive. Links are not followed within folders.
 * @throws InputError if it cannot be read.
 */
export async function* filesOf(path: string, skip: SkipFile): AsyncGenerator<ImportFile> {
	if (path === "-") {
		yield* unpacked({ name: "-", size: 0, isNamed: true, chunks: () => process.stdin }, skip);
		return;
	}
	const full = resolve(path);
	const found = await stat(full).catch((error: Error) => {
		throw unreadable(full, error);
	});
	if (!found.isDirectory()) {
		// It says so in time when it may not be read. A pipe would be at its end after that.
		if (found.isFile())
			await (
				await open(full).catch((error: Error) => {
					throw unreadable(full, error);
				})
			).close();
		yield* unpacked(fileAt(full, full.split(sep).join("/"), found, true), skip);
		return;
	}
	let seen = 0;
	let count = 0;
	for await (const each of walk(full, 0, skip)) {
		seen += 1;
		const name = relative(full, each).split(sep).join("/");
		const isCandidate = candidates.test(name);
		if (isCandidate) count += 1;
		if (count > mostFiles || seen > mostSeen) {
			const many = count > mostFiles ? `${mostFiles} files that may hold memories` : `${mostSeen} files`;
			skip(full, `the folder has more than ${many}. Import its parts one by one.`);
			return;
		}
		if (!isCandidate) continue;
		// Somebody may delete it meanwhile.
		const state = await stat(each).catch((error: Error) =>
			skip(each, `it cannot be read (${error.message}).`),
		);
		if (state)
			yield* unpacked(fileAt(each, join(basename(full), name).split(sep).join("/"), state, false), skip);
	}
}

function unreadable(path: string, error: NodeJS.ErrnoException): InputError {
	return error.code === "ENOENT"
		? new InputError("file", `There is no file or folder ${path}.`)
		: new InputError("file", `${path} cannot be read (${error.message}). Check the path.`);
}

function fileAt(
	path: string,
	name: string,
	{ size, mtimeMs }: { readonly size: number; readonly mtimeMs: number },
	isNamed: boolean,
): ImportFile {
	// What is appended meanwhile is for the next import. Pipes, and files of the system, have no size.
	const chunks = () => createReadStream(path, size > 0 ? { end: size - 1 } : {});
	return { name, size, modifiedAt: Math.round(mtimeMs), path, isNamed, chunks };
}

async function* walk(folder: string, depth: number, skip: SkipFile): AsyncGenerator<string> {
	if (depth > deepest) {
		skip(folder, `it is more than ${deepest} folders deep.`);
		return;
	}
	const entries = await readdir(folder, { withFileTypes: true }).catch((error: Error) => {
		skip(folder, `it cannot be read (${error.message}).`);
		return [];
	});
	for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
		const path = join(folder, entry.name);
		if (entry.isFile()) yield path;
		else if (entry.isDirectory() && !skippedFolders.has(entry.name)) yield* walk(path, depth + 1, skip);
	}
}

/** The file itself, or what is packed in it. */
async function* unpacked(file: ImportFile, skip: SkipFile): AsyncGenerator<ImportFile> {
	const { head, chunks } = await headOf(file.chunks(), 16);
	const signature = Buffer.from(head.subarray(0, 4)).toString("latin1");
	if (signature.startsWith("\x1f\x8b"))
		yield { ...file, name: file.name, chunks: () => gunzipped(chunks, file.name) };
	else if (signature === "PK\x03\x04") yield* zipped(file, chunks, skip);
	// A pipe can be read only once.
	else yield { ...file, chunks: () => chunks };
}

async function* gunzipped(chunks: AsyncIterable<Uint8Array>, name: string): AsyncGenerator<Uint8Array> {
	const gunzip = createGunzip();
	const feed = (async () => {
		for await (const chunk of chunks) {
			if (gunzip.destroyed) return;
			if (!gunzip.write(chunk)) await new Promise((done) => gunzip.once("drain", done).once("close", done));
		}
		gunzip.end();
	})().catch((error: Error) => gunzip.destroy(error));
	let length = 0;
	try {
		for await (const chunk of gunzip) {
			length += (chunk as Uint8Array).length;
			if (length > largestUnpacked)
				throw new InputError("file", `${name} has more than ${largestUnpacked} bytes when it is unpacked.`);
			yield chunk as Uint8Array;
		}
	} catch (error) {
		if (error instanceof InputError) throw error;
		throw new InputError("file", `${name} is not a whole gzip file (${(error as Error).message}).`);
	} finally {
		gunzip.destroy();
		await feed;
	}
}

async function* zipped(
	archive: ImportFile,
	chunks: AsyncIterable<Uint8Array>,
	skip: SkipFile,
): AsyncGenerator<ImportFile> {
	const parts: Uint8Array[] = [];
	let length = 0;
	for await (const chunk of chunks) {
		length += chunk.length;
		if (length > largestArchive)
			throw new InputError(
				"file",
				`${archive.name} is larger than ${largestArchive} bytes. Unpack it, and import the files.`,
			);
		parts.push(chunk);
	}
	const bytes = Buffer.concat(parts);
	const entries = entriesOf(bytes, archive.name);
	const names = new Set(entries.map(({ name }) => name));
	let total = 0;
	for (const { name, originalSize } of entries) {
		const shown = `${archive.name}/${name}`;
		if (name.endsWith("/") || /(?:^|\/)(?:__MACOSX\/|\._)/.test(name)) continue;
		// Nothing is written to the disk, but its name says that somebody means harm.
		if (/^(?:\/|\\|[A-Za-z]:)|(?:^|[\\/])\.\.(?:[\\/]|$)/.test(name))
			skip(shown, "its name leads out of the archive.");
		else if (!candidates.test(name)) continue;
		else if (/\.zip$/i.test(name))
			skip(shown, "it is an archive in an archive. Unpack it, and import it by itself.");
		// OpenMemory has the same memories twice; this one lacks their categories.
		else if (name.endsWith("memories.json") && names.has(`${name}l.gz`)) continue;
		else if (originalSize > largestEntry || total + originalSize > largestUnpacked)
			skip(
				shown,
				`it has ${originalSize} bytes when it is unpacked, which is too much. Unpack it, and import its parts.`,
			);
		else {
			total += originalSize;
			const chunksOf = () => only(unzipped(bytes, name, archive.name));
			const { modifiedAt } = archive;
			const file = { name: shown, size: originalSize, isNamed: false, chunks: chunksOf };
			yield* unpacked(modifiedAt === undefined ? file : { ...file, modifiedAt }, skip);
		}
	}
}

function entriesOf(bytes: Uint8Array, name: string) {
	const entries: { readonly name: string; readonly originalSize: number }[] = [];
	wholeZip(name, () =>
		unzipSync(bytes, {
			filter: (entry) => {
				if (entries.length < mostFiles) entries.push({ name: entry.name, originalSize: entry.originalSize });
				return false;
			},
		}),
	);
	return entries;
}

/** No more bytes than the archive states: fflate unpacks into as many. */
function unzipped(bytes: Uint8Array, name: string, archive: string): Uint8Array {
	let isTaken = false;
	const files = wholeZip(archive, () =>
		unzipSync(bytes, {
			filter: (entry) => {
				const isWanted = !isTaken && entry.name === name;
				isTaken ||= isWanted;
				return isWanted;
			},
		}),
	);
	return files[name] ?? new Uint8Array();
}

function wholeZip<T>(name: string, read: () => T): T {
	try {
		return read();
	} catch (error) {
		throw new InputError("file", `${name} is not a whole ZIP archive (${(error as Error).message}).`);
	}
}

async function* only(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
	yield bytes;
}
