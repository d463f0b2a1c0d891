import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import type { Figure } from "./figure.ts";

/** Of all files in a folder. */
export async function bytesIn(folder: string): Promise<number> {
	const files = await readdir(folder, { recursive: true });
	const sizes = await Promise.all(files.map(async (file) => (await stat(join(folder, file))).size));
	return sizes.reduce((sum, size) => sum + size, 0);
}

/** Text, index of words, signatures and history; and what pages leave free. */
export function diskFigure(name: string, bytes: number, runs: string): Figure {
	return { name, unit: "bytes", samples: [bytes], runs, target: { atMost: 4096, of: "median" } };
}
