import { open } from "node:fs/promises";

/**
 * Writes a file for its owner's eyes. A file that exists is narrowed before anything is written to it.
 * @returns whether nobody else can read it; file systems without rights cannot promise that.
 */
export async function writeOwnFile(path: string, text: string): Promise<boolean> {
	const file = await open(path, "a", 0o600);
	try {
		// Where rights cannot be set, the result says so.
		await file.chmod(0o600).catch(() => undefined);
		await file.truncate();
		await file.writeFile(text);
		return ((await file.stat()).mode & 0o077) === 0;
	} finally {
		await file.close();
	}
}
