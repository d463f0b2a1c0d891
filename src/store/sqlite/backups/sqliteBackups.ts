import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import type { BackupSettings } from "../../../config/backupSettings.ts";
import type { BackupFile, BackupReason, Backups, Contents, ExaminedBackup } from "../../backups.ts";
import { StoreError } from "../../errors.ts";
import { schemaVersion } from "../schema.ts";
import { vacuum } from "../vacuum.ts";
import { backupName, backupsFolder, backupsIn, removeOld } from "./backupFiles.ts";
import { backupError, copyTo, inTurn, makeBackupFolder, writeWhole } from "./backupFolder.ts";
import { contentsOf, isBetween } from "./contents.ts";
import { previewRestore } from "./previewRestore.ts";
import { restoreBackup } from "./restoreBackup.ts";
import { rewriteBackup } from "./rewriteBackup.ts";

/** A backup that another process made for the same purpose within this time, in ms, is as good. */
const sameTime = 60_000;
/** Of these, somebody else's is not as good: it has what was changed since. */
const always: readonly BackupReason[] = ["asked", "restore"];

/** @param path of the database. */
export function sqliteBackups(path: string, settings: BackupSettings): Backups {
	const folder = join(dirname(path), backupsFolder);
	const { directory, interval } = settings;
	const list = async () => {
		const own = backupsIn(folder);
		const names = new Set(own.map(({ name }) => name));
		const others = directory === undefined ? [] : backupsIn(directory).filter(({ name }) => !names.has(name));
		return [...own, ...others].sort((a, b) => b.at - a.at);
	};
	const isDue = async (now: number) => {
		const [newest] = backupsIn(folder);
		// A clock that was ahead has made backups of the future.
		return interval > 0 && existsSync(path) && !(newest && Math.abs(now - newest.at) < interval);
	};
	const examine = async (file: BackupFile): Promise<ExaminedBackup> => ({
		...file,
		...(await contentsOf(file.path, { thorough: true })),
	});

	const create: Backups["create"] = async (reason, told = () => undefined) => {
		if (!existsSync(path)) return undefined;
		makeBackupFolder(folder);
		return inTurn(folder, async () => {
			const now = Date.now();
			const [newest] = backupsIn(folder);
			const isAnothers = newest?.reason === reason && Math.abs(now - newest.at) < sameTime;
			if (isAnothers && !always.includes(reason)) return newest;
			if (reason === "daily" && newest && !(await isDue(now))) return newest;
			const written = await writeBackup(path, folder, reason, now);
			removeOld(folder, settings, now);
			if (directory !== undefined)
				await copyTo(directory, written.path, (partial) => verified(partial).then(() => undefined)).then(
					() => removeOld(directory, settings, now),
					(error: Error) => told(error.message),
				);
			return written;
		});
	};

	return {
		folder,
		interval,
		create,
		isDue,
		list,
		hasCopy: async ({ name }) => directory !== undefined && existsSync(join(directory, name)),
		examine,
		async newestGood(files) {
			const damaged: ExaminedBackup[] = [];
			for (const file of files ?? (await list())) {
				const examined = await examine(file);
				if (examined.contents) return { good: examined, damaged };
				damaged.push(examined);
			}
			return { good: undefined, damaged };
		},
		rewrite: (file, work) => {
			makeBackupFolder(folder);
			const folders = directory === undefined ? [folder] : [folder, directory];
			return inTurn(folder, () => rewriteBackup(file, folders, work, verified));
		},
		preview: (file) => previewRestore(path, file),
		restore: async (file) => {
			makeBackupFolder(folder);
			const now = existsSync(path) ? await contentsOf(path, { thorough: false }) : {};
			if (now.contents && now.contents.schema < schemaVersion) await create("update");
			return inTurn(folder, () => restoreBackup({ path, folder, file, settings }));
		},
	};
}

/**
 * Writes one backup. Call it in turn.
 * @throws StoreError
 */
async function writeBackup(
	path: string,
	folder: string,
	reason: BackupReason,
	now: number,
): Promise<BackupFile> {
	const name = backupName(now, reason);
	const target = join(folder, name);
	await writeWhole(target, folder, async (partial) => {
		const before = await contentsOf(path, { thorough: false });
		await vacuum(path, partial);
		const copy = await verified(partial);
		const after = await contentsOf(path, { thorough: false });
		if (before.contents && after.contents && !isBetween(copy, before.contents, after.contents))
			throw backupError(new Error("the copy does not have as many rows as the memory"), folder);
	});
	const [written] = backupsIn(folder).filter((each) => each.name === name);
	if (!written) throw backupError(new Error(`${target} is gone`), folder);
	return written;
}

/** @throws StoreError if a file is damaged. */
async function verified(path: string): Promise<Contents> {
	const { contents, damage } = await contentsOf(path, { thorough: true });
	if (contents) return contents;
	throw new StoreError("corrupt", path, `the copy is damaged: ${damage ?? "unknown"}`);
}
