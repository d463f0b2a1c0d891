import { mkdir } from "node:fs/promises";
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
import { say } from "./terminal.ts";
import { writeWhole } from "./wholeFile.ts";

const formats: Readonly<Record<string, FileFormat | FolderFormat>> = { ...fileFormats, ...folderFormats };

export const exportMemories: Command = {
	name: "export",
	summary: "write all memories to a file or folder, or to stdout without PATH or with -",
	operands: { label: "[PATH]", most: 1 },
	flags: [
		{ name: "format", value: "FORMAT", summary: `${Object.keys(formats).join(", ")} (jsonl)` },
		{ name: "force", summary: "replace files that are there" },
	],
	run: (launch, [path], { format = "jsonl", force }) => {
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
