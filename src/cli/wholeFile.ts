import { createWriteStream } from "node:fs";
import { realpath, rename, rm, stat } from "node:fs/promises";
import type { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { InputError } from "../memory/errors.ts";

/**
 * Writes a file that appears under its name only when it is whole.
 * @throws InputError naming the target when it cannot be written, or is there already.
 */
export async function writeWhole(parts: Readable, target: string, force: boolean): Promise<void> {
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
		await pipeline(parts, createWriteStream(partial, { mode: 0o600, flags: "wx", flush: true }));
		await rename(partial, final);
	} catch (error) {
		if (partial !== undefined) await rm(partial, { force: true });
		const { code, message } = error as NodeJS.ErrnoException;
		if (code === undefined) throw error;
		const said = partial === undefined ? message : message.replaceAll(partial, target);
		throw new InputError("file", `${target} cannot be written (${said}). Give another file.`);
	}
}
