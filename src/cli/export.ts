import { createWriteStream } from "node:fs";
import { rename, rm } from "node:fs/promises";
import { resolve } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { exportRecords } from "../memory/transfer.ts";
import { counted } from "../memory/wording.ts";
import type { CliContext } from "./main.ts";

/** Writes every memory as a line of JSON. A file appears under its name only when it is whole. */
export async function exportMemories(context: CliContext, file: string | undefined): Promise<number> {
	const memory = await context.openMemory();
	try {
		let count = 0;
		const lines = Readable.from(
			(function* () {
				for (const record of exportRecords(memory)) {
					count += 1;
					yield `${JSON.stringify(record)}\n`;
				}
			})(),
		);
		if (file === undefined) {
			await pipeline(lines, process.stdout, { end: false });
		} else {
			const target = resolve(file);
			const partial = `${target}.${process.pid}.partial`;
			try {
				await pipeline(lines, createWriteStream(partial, { mode: 0o600 }));
				await rename(partial, target);
			} catch (error) {
				await rm(partial, { force: true });
				throw error;
			}
		}
		process.stderr.write(`Exported ${counted(count)}${file === undefined ? "" : ` to ${resolve(file)}`}.\n`);
		return 0;
	} finally {
		await memory.dispose();
	}
}
