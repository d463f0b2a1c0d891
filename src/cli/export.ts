import { resolve } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { InputError } from "../memory/errors.ts";
import { writeFolder, writeWhole } from "../memory/transfer/exportFiles.ts";
import {
	type FileFormat,
	type FolderFormat,
	fileFormats,
	folderFormats,
	type Source,
} from "../memory/transfer/exporting.ts";
import { counted } from "../text/wording.ts";
import { type Command, commandLine, type Flags } from "./command.ts";
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
	run: (launch, [path], flags) =>
		withMemory(configured(launch), ({ transfer }) => writeExport(transfer, path, flags)),
};

/** @throws InputError */
export async function writeExport(
	transfer: Source["transfer"],
	path: string | undefined,
	{ format = "jsonl", force, json }: Flags,
): Promise<number> {
	const chosen = Object.hasOwn(formats, String(format)) ? formats[String(format)] : undefined;
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
	let count = 0;
	const source = {
		transfer,
		onMemory: () => {
			count += 1;
		},
	};
	if ("files" in chosen) {
		const files = () => {
			count = 0;
			return chosen.files(source);
		};
		await writeFolder(files, target ?? "", force === true);
	} else {
		const parts = Readable.from(chosen.parts(source));
		if (target === undefined) await pipeline(parts, process.stdout, { end: false });
		else await writeWhole(parts, target, force === true);
	}
	say(`Exported ${counted(count)}${target === undefined ? "" : ` to ${target}`}.`);
	if (json) printJson({ exported: count, format, path: target });
	return 0;
}
