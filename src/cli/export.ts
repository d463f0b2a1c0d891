import { createWriteStream } from "node:fs";
import { realpath, rename, rm, stat } from "node:fs/promises";
import { resolve } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { InputError } from "../memory/errors.ts";
import { exportRecords } from "../memory/transfer/jsonl.ts";
import { inJson } from "../text/inert.ts";
import { counted } from "../text/wording.ts";
import type { Command } from "./command.ts";
import { configured, withMemory } from "./context.ts";
import { say } from "./terminal.ts";

export const exportMemories: Command = {
	name: "export",
	summary: "write all memories as JSON lines, to stdout without FILE",
	operands: { label: "[FILE]", most: 1 },
	run: (launch, [file]) =>
		withMemory(configured(launch), async (memory) => {
			const target = file === undefined ? undefined : resolve(file);
			let count = 0;
			const lines = Readable.from(
				(async function* () {
					for await (const record of exportRecords(memory)) {
						count += 1;
						yield `${inJson(record)}\n`;
					}
				})(),
			);
			if (target === undefined) await pipeline(lines, process.stdout, { end: false });
			else await writeWhole(lines, target);
			say(`Exported ${counted(count)}${target === undefined ? "" : ` to ${target}`}.`);
			return 0;
		}),
};

/**
 * Writes a file that appears under its name only when it is whole.
 * @throws InputError naming the target when it cannot be written.
 */
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
		// A new file: one that lies there may be somebody else's, to read along.
		await pipeline(lines, createWriteStream(partial, { mode: 0o600, flags: "wx" }));
		await rename(partial, final);
	} catch (error) {
		if (partial !== undefined) await rm(partial, { force: true });
		const { code, message } = error as NodeJS.ErrnoException;
		if (code === undefined) throw error;
		const said = partial === undefined ? message : message.replaceAll(partial, target);
		throw new InputError("file", `${target} cannot be written (${said}). Give another file.`);
	}
}
