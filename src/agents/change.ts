import { access, constants, rm, rmdir } from "node:fs/promises";
import { dirname, relative } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { createTwoFilesPatch, FILE_HEADERS_ONLY } from "diff";
import {
	ConfigFileError,
	type ConfigText,
	fileProblem,
	readConfigFile,
	writeConfigFile,
} from "./configFile.ts";

/** What would become of a file; nothing is written yet. */
export interface Change {
	readonly file: string;
	readonly before: ConfigText;
	/** Without a text: the file is removed. */
	readonly after: ConfigText;
	/** A unified diff; empty where nothing would change. */
	readonly diff: string;
	/** Where the text from before we put anything there is: kept now, or not needed any more. Absent: as it is. */
	readonly backup?: { readonly file: string; readonly keep: boolean } | undefined;
	/** Folders below this one go with the file once they are empty. */
	readonly within?: string | undefined;
}

export function changeOf(
	file: string,
	before: ConfigText,
	after: ConfigText,
	{ backup, within }: Pick<Change, "backup" | "within"> = {},
): Change {
	const same = before.text === after.text && before.bom === after.bom;
	const [old, now] = [before.text ?? "", after.text ?? ""];
	const diff = same
		? ""
		: createTwoFilesPatch(file, file, old, now, "now", "then", { headerOptions: FILE_HEADERS_ONLY });
	return { file, before, after, diff, backup, within };
}

/** @throws ConfigFileError, also if the file is not any more what the change was planned for. */
export async function apply({ file, before, after, backup, within }: Change): Promise<void> {
	const now = await readConfigFile(file);
	if (!isDeepStrictEqual(now, before))
		throw new ConfigFileError({
			file,
			said: "changed while you looked at the change",
			advice: "It was left alone. Look at the change again.",
		});
	if (isDeepStrictEqual(before, after)) return;
	if (backup?.keep && before.text !== undefined) {
		// A folder may bring a link of this name, to a file that would be overwritten.
		await rm(backup.file, { force: true });
		await writeConfigFile(backup.file, before);
	}
	if (after.text === undefined) await remove(file, within);
	else await writeConfigFile(file, after);
	if (backup?.keep === false) await rm(backup.file, { force: true });
}

async function remove(file: string, within: string | undefined): Promise<void> {
	try {
		await access(file, constants.W_OK);
		await rm(file);
	} catch (error) {
		throw fileProblem(file, error);
	}
	if (within === undefined) return;
	for (let folder = dirname(file); isBelow(folder, within); folder = dirname(folder)) {
		try {
			await rmdir(folder);
		} catch {
			// Somebody else's files are in it.
			return;
		}
	}
}

function isBelow(folder: string, within: string): boolean {
	const path = relative(within, folder);
	return path !== "" && !path.startsWith("..");
}
