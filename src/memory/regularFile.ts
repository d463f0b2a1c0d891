import { constants } from "node:fs";
import { type FileHandle, open, stat } from "node:fs/promises";

/**
 * Opens a file to read it, where another program or a workspace says which.
 * @throws Error for a pipe, a device or a folder; the system's error.
 */
export async function openRegular(path: string): Promise<FileHandle> {
	// Opening a device may set something going; opening a pipe waits for a writer, without `O_NONBLOCK`.
	const found = await stat(path);
	if (!found.isFile()) throw new Error(found.isDirectory() ? "a folder" : "not a regular file");
	const file = await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
	// Another may have taken its place.
	if ((await file.stat()).isFile()) return file;
	await file.close();
	throw new Error("not a regular file");
}
