import { createWriteStream } from "node:fs";
import { mkdir, realpath, rename, rm, rmdir, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { plural } from "../../text/wording.ts";
import { InputError } from "../errors.ts";
import type { ExportedFile } from "./exporting.ts";

/** The files of an export that are in the folder already, by their paths. */
export async function existingFiles(
	files: AsyncIterable<ExportedFile>,
	folder: string,
): Promise<readonly string[]> {
	if (!(await stat(folder).catch(() => undefined))) return [];
	const there: string[] = [];
	for await (const { name } of files) {
		const path = join(folder, name);
		if (await stat(path).catch(() => undefined)) there.push(path);
	}
	return there;
}

/**
 * Writes a folder of files. When one of them fails, those that are new are taken away again.
 * @param files makes them anew at each call.
 * @param force replaces those that are there.
 * @throws InputError
 */
export async function writeFolder(
	files: () => AsyncIterable<ExportedFile>,
	folder: string,
	force: boolean,
	signal?: AbortSignal,
): Promise<void> {
	const there = new Set(await existingFiles(files(), folder));
	const [first] = there;
	if (first !== undefined && !force)
		throw new InputError(
			"file",
			`${plural(there.size, "# file is", "# files are")} there already, such as ${first}. Replace what is there with --force, or give another folder.`,
		);
	const written: string[] = [];
	const made = new Set<string>();
	try {
		for await (const { name, text } of files()) {
			signal?.throwIfAborted();
			const target = join(folder, name);
			const above = await mkdir(dirname(target), { recursive: true, mode: 0o700 }).catch((error: Error) => {
				throw new InputError("file", `${folder} cannot be written (${error.message}). Give another folder.`);
			});
			if (above !== undefined) for (const each of foldersBetween(above, dirname(target))) made.add(each);
			await writeWhole(Readable.from([text]), target, force);
			if (!there.has(target)) written.push(target);
		}
	} catch (error) {
		for (const path of written) await rm(path, { force: true });
		// The innermost first. One that has something else in it stays.
		for (const path of [...made].reverse()) await rmdir(path).catch(() => undefined);
		throw error;
	}
}

/** From the outermost to the innermost, both included. */
function foldersBetween(outermost: string, innermost: string): readonly string[] {
	return innermost.length <= outermost.length
		? [outermost]
		: [...foldersBetween(outermost, dirname(innermost)), innermost];
}

/**
 * Writes a file that appears under its name only when it is whole. Its owner alone can read it.
 * @throws InputError naming the target when it cannot be written, or is there already.
 */
export async function writeWhole(
	parts: Readable,
	target: string,
	force: boolean,
	signal?: AbortSignal,
): Promise<void> {
	let partial: string | undefined;
	const options = signal ? { signal } : {};
	try {
		const existing = await stat(target).catch(() => undefined);
		if (existing && !existing.isFile()) {
			if (existing.isDirectory())
				throw new InputError("file", `${target} cannot be written (it is a folder). Give another file.`);
			// A device or a pipe is written to as it is; renaming a file onto it would replace it.
			await pipeline(parts, createWriteStream(target), options);
			return;
		}
		if (existing && !force)
			throw new InputError(
				"file",
				`${target} is there already. Replace it with --force, or give another name.`,
			);
		const final = existing ? await realpath(target) : target;
		partial = `${final}.${process.pid}.partial`;
		// A new file: one that lies there may be somebody else's, to read along.
		await pipeline(parts, createWriteStream(partial, { mode: 0o600, flags: "wx", flush: true }), options);
		await rename(partial, final);
	} catch (error) {
		if (partial !== undefined) await rm(partial, { force: true });
		if (signal?.aborted) throw error;
		throw writeError(error, target, partial);
	}
}

function writeError(error: unknown, target: string, partial: string | undefined): unknown {
	const { code, message } = error as NodeJS.ErrnoException;
	if (code === undefined) return error;
	if (code === "ENOSPC" || code === "EDQUOT")
		return new InputError(
			"file",
			`No space is left for ${target}: nothing was written. Free some space, or give another place.`,
		);
	const said = partial === undefined ? message : message.replaceAll(partial, target);
	return new InputError("file", `${target} cannot be written (${said}). Give another file.`);
}
