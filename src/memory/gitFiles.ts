import { setTimeout as sleep } from "node:timers/promises";
import { maxGitFile } from "./project.ts";
import { openRegular } from "./regularFile.ts";

/** ms a file may take to be read: one on a disk that hangs is passed over. */
const patience = 2000;

/** Reads a file of a workspace on this machine, as `identifyProject` wants it. */
export async function readGitFile(path: string): Promise<string | undefined> {
	const read = readRegular(path).catch(() => undefined);
	return Promise.race([read, sleep(patience, undefined, { ref: false })]);
}

async function readRegular(path: string): Promise<string | undefined> {
	const file = await openRegular(path);
	try {
		const { size } = await file.stat();
		if (size > maxGitFile) return undefined;
		const buffer = Buffer.alloc(size);
		const { bytesRead } = await file.read(buffer, 0, buffer.length, 0);
		return buffer.toString("utf8", 0, bytesRead);
	} finally {
		await file.close();
	}
}
