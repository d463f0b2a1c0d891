import { readdir, stat } from "node:fs/promises";
import { basename, join, relative, sep } from "node:path";
import { built } from "./builtFiles.ts";
import type { Figure } from "./figure.ts";

const kilobyte = 1024;

/** What is installed, apart from the model's weights: what is read at start, and everything together. */
export async function measureSize(): Promise<readonly Figure[]> {
	const dist = built("dist");
	const { size } = await stat(built("dist/extension.js"));
	let sum = 0;
	for (const entry of await readdir(dist, { recursive: true, withFileTypes: true })) {
		const path = join(entry.parentPath, entry.name);
		if (entry.isFile() && isShipped(relative(dist, path))) sum += (await stat(path)).size;
	}
	return [
		{
			name: "dist/extension.js",
			unit: "KB",
			samples: [size / kilobyte],
			runs: "1",
			target: { atMost: 100, of: "median" },
		},
		{
			name: "dist without the model",
			unit: "MB",
			samples: [sum / kilobyte ** 2],
			runs: "1",
			target: { atMost: 3, of: "median" },
		},
	];
}

function isShipped(file: string): boolean {
	const isModel = file.startsWith(`model${sep}`);
	return !isModel && !file.endsWith(".map") && !/^meta-.*\.json$/.test(basename(file));
}
