import { constants } from "node:fs";
import { open, stat } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { maxGitFile } from "./project.ts";

/** ms a file may take to be read: one on a disk that hangs is passed over. */
const patience = 2000;

/** Reads a file of a workspace on this machine, as `identifyProject` wants it. */
export async function readGitFile(path: string): Promise<string | undefined> {
	const read = readRegular(path).catch(() => undefined);
	return Promise.race([read, sleep(patience, undefined, { ref: false })]);
}

async function readRegular(path: string): Promise<string | undefined> {
	// Opening a device may set something going; opening a pipe waits for a writer, without `O_NONBLOCK`.
	if (!(await stat(path)).isFile()) return undefined;
	const file = await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
	try {
		const found = await file.stat();
		if (!found.isFile() || found.size > maxGitFile) return undefined;
		const buffer = Buffer.alloc(found.size);
		const { bytesRead } = await file.read(buffer, 0, buffer.length, 0);
		return buffer.toString("utf8", 0, bytesRead);
	} finally {
		await file.close();
	}
}
