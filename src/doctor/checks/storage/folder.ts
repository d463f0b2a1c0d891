import { access, constants, stat, statfs } from "node:fs/promises";
import { dirname } from "node:path";
import { type Check, failure, ok, skipped, warning } from "../../findings.ts";
import { advice, setVariable } from "../../fixes.ts";
import { openDirectory, type StorageTarget } from "./storageTarget.ts";

/** Bytes. With less, saves may fail soon. */
const scarce = 200 * 1024 * 1024;
/** Bytes. With less, the next save may fail. */
const hardlyAny = 10 * 1024 * 1024;

export const folder: Check<StorageTarget> = {
	stage: "folder",
	title: "Memory folder",
	run: async ({ config: { memoryDir: path } }) => {
		const problem = await problemOf(path);
		if (problem === undefined) return ok(`${path} can be written.`);
		const cause = "Its permissions or those of its parent forbid it, or it is not a folder.";
		const useDefault = setVariable("MEMORY_DIR", undefined, "Use the default folder");
		return failure(problem, cause, [useDefault, openDirectory]);
	},
};

export const diskSpace: Check<StorageTarget> = {
	stage: "space",
	title: "Disk space",
	optional: true,
	run: async ({ config: { memoryDir: path } }) => {
		let existing = path;
		while (!(await stat(existing).catch(() => undefined)) && dirname(existing) !== existing)
			existing = dirname(existing);
		const room = await statfs(existing).catch(() => undefined);
		if (!room) return skipped("The system does not tell how much room there is.");
		const free = room.bavail * room.bsize;
		const megabytes = Math.round(free / 1024 / 1024);
		const seen =
			megabytes > 10_000
				? `${Math.round(megabytes / 1024)} GB are free.`
				: `${megabytes.toLocaleString("en")} MB are free.`;
		if (free >= scarce) return ok(seen);
		const problem = free < hardlyAny ? failure : warning;
		return problem(seen, "When the disk is full, saves fail.", [advice("Free some space"), openDirectory]);
	},
};

/** Why a folder cannot be used. The first save creates a missing one, so its nearest existing parent counts. */
async function problemOf(memoryDir: string): Promise<string | undefined> {
	for (let path = memoryDir; ; path = dirname(path)) {
		try {
			if (!(await stat(path)).isDirectory()) return `${path} is not a folder.`;
			await access(path, constants.W_OK | constants.R_OK | constants.X_OK);
			return undefined;
		} catch (error) {
			const code = (error as NodeJS.ErrnoException).code ?? "unknown error";
			const missing = code === "ENOENT" && dirname(path) !== path;
			if (!missing && code !== "ENOTDIR") return `${path} cannot be written (${code}).`;
		}
	}
}
