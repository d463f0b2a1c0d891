import { createWriteStream } from "node:fs";
import { mkdir, realpath, rename, rm, stat } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { InputError } from "../memory/errors.ts";
import {
	type FileFormat,
	type FolderFormat,
	fileFormats,
	folderFormats,
} from "../memory/transfer/exporting.ts";
import { counted } from "../text/wording.ts";
import { type Command, commandLine } from "./command.ts";
import { configured, withMemory } from "./context.ts";
import { printJson, say } from "./terminal.ts";

const formats: Readonly<Record<string, FileFormat | FolderFormat>> = { ...fileFormats, ...folderFormats };

export const exportMemories: Command = {
	name: "export",
	summary: "write all memories to a file or folder, or to stdout without PATH or with -",
	operands: { label: "[PATH]", most: 1 },
	flags: [
		{ name: "format", value: "FORMAT", summary: `${Object.keys(formats).join(", ")} (jsonl)` },
		{ name: "force", summary: "replace files that are there" },
		{ name: "json", summary: "tell as JSON what was written to PATH" },
	],
	run: (launch, [path], { format = "jsonl", force, json }) => {
		const chosen = formats[String(format)];
		if (!chosen)
			throw new InputError(
				commandLine,
				`--format ${JSON.stringify(format)} is not known. It takes ${Object.keys(formats).join(", ")}.`,
			);
		const target = path === undefined || path === "-" ? undefined : resolve(path);
		if (target === undefined && "files" in chosen)
			throw new InputError(
				commandLine,
				`${format} writes a folder: mcp-mem0 export FOLDER --format ${format}.`,
			);
		if (target === undefined && json)
			throw new InputError(
				commandLine,
				"export --json tells what was written to a PATH. Without one, stdout has the memories.",
			);
		return withMemory(configured(launch), async (memory) => {
			let count = 0;
			const source = {
				transfer: memory.transfer,
				onMemory: () => {
					count += 1;
				},
			};
			if ("files" in chosen) await writeFolder(chosen.files(source), target ?? "", force === true);
			else {
				const parts = Readable.from(chosen.parts(source));
				if (target === undefined) await pipeline(parts, process.stdout, { end: false });
				else await writeWhole(parts, target, force === true);
			}
			say(`Exported ${counted(count)}${target === undefined ? "" : ` to ${target}`}.`);
			if (json) printJson({ exported: count, format, path: target });
			return 0;
		});
	},
};

async function writeFolder(
	files: AsyncIterable<{ readonly name: string; readonly text: string }>,
	folder: string,
	force: boolean,
): Promise<void> {
	for await (const { name, text } of files) {
		const target = join(folder, name);
		await mkdir(dirname(target), { recursive: true, mode: 0o700 }).catch((error: Error) => {
			throw new InputError("file", `${folder} cannot be written (${error.message}). Give another folder.`);
		});
		await writeWhole(Readable.from([text]), target, force);
	}
}

/**
 * Writes a file that appears under its name only when it is whole.
 * @throws InputError naming the target when it cannot be written, or is there already.
 */
async function writeWhole(parts: Readable, target: string, force: boolean): Promise<void> {
	let partial: string | undefined;
	try {
		const existing = await stat(target).catch(() => undefined);
		if (existing && !existing.isFile()) {
			if (existing.isDirectory())
				throw new InputError("file", `${target} cannot be written (it is a folder). Give another file.`);
			// A device or a pipe is written to as it is; renaming a file onto it would replace it.
			await pipeline(parts, createWriteStream(target));
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
		await pipeline(parts, createWriteStream(partial, { mode: 0o600, flags: "wx" }));
		await rename(partial, final);
	} catch (error) {
		if (partial !== undefined) await rm(partial, { force: true });
		const { code, message } = error as NodeJS.ErrnoException;
		if (code === undefined) throw error;
		const said = partial === undefined ? message : message.replaceAll(partial, target);
		throw new InputError("file", `${target} cannot be written (${said}). Give another file.`);
	}
}
