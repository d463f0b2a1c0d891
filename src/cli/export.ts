import { createWriteStream } from "node:fs";
import { realpath, rename, rm, stat } from "node:fs/promises";
import { resolve } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { InputError } from "../memory/errors.ts";
import { exportRecords } from "../memory/transfer/jsonl.ts";
import { counted } from "../text/wording.ts";
import type { CliContext } from "./context.ts";

/** Writes every memory as a line of JSON. A file appears under its name only when it is whole. */
export async function exportMemories(context: CliContext, file: string | undefined): Promise<number> {
	const memory = await context.openMemory();
	try {
		let count = 0;
		const lines = Readable.from(
			(async function* () {
				for await (const record of exportRecords(memory)) {
					count += 1;
					yield `${JSON.stringify(record)}\n`;
				}
			})(),
		);
		if (file === undefined) await pipeline(lines, process.stdout, { end: false });
		else await writeWhole(lines, resolve(file));
		process.stderr.write(`Exported ${counted(count)}${file === undefined ? "" : ` to ${resolve(file)}`}.\n`);
		return 0;
	} finally {
		await memory.dispose();
	}
}

/** @throws InputError naming the target when it cannot be written. */
async function writeWhole(lines: Readable, target: string): Promise<void> {
	let partial: string | undefined;
	try {
		const existing = await stat(target).catch(() => undefined);
		if (existing && !existing.isFile()) {
			// A device or a pipe is written to as it is; renaming a file onto it would replace it.
			await pipeline(lines, createWriteStream(target));
			return;
		}
		const final = existing ? await realpath(target) : target;
		partial = `${final}.${process.pid}.partial`;
		await pipeline(lines, createWriteStream(partial, { mode: 0o600 }));
		await rename(partial, final);
	} catch (error) {
		if (partial !== undefined) await rm(partial, { force: true });
		const { code, message } = error as NodeJS.ErrnoException;
		if (code === undefined) throw error;
		const said = partial === undefined ? message : message.replaceAll(partial, target);
		throw new InputError("file", `${target} cannot be written (${said}). Give another file.`);
	}
}
