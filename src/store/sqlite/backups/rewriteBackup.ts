import { randomUUID } from "node:crypto";
import { closeSync, existsSync, mkdirSync, openSync } from "node:fs";
import { copyFile, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { BackupFile } from "../../backups.ts";
import type { MemoryStore } from "../../memoryStore.ts";
import { databaseFile, openStore } from "../sqliteStore.ts";
import { vacuum } from "../vacuum.ts";
import { partialPrefix } from "./backupFiles.ts";
import { backupError, writeWhole } from "./backupFolder.ts";
import { restorable } from "./previewRestore.ts";

/** See Backups.rewrite. Call it in turn. @param folders all that may have the backup. */
export async function rewriteBackup(
	file: BackupFile,
	folders: readonly string[],
	work: (store: MemoryStore) => Promise<boolean>,
	verify: (path: string) => Promise<unknown>,
): Promise<boolean> {
	await restorable(file.path);
	const workshop = join(dirname(file.path), `${partialPrefix}${randomUUID()}`);
	const copy = join(workshop, databaseFile);
	try {
		mkdirSync(workshop, { mode: 0o700 });
		closeSync(openSync(copy, "wx", 0o600));
		await copyFile(file.path, copy);
		const { store } = await openStore(workshop);
		try {
			if (!(await work(store))) return false;
		} finally {
			await store.close();
		}
		for (const folder of folders) {
			const target = join(folder, file.name);
			if (!existsSync(target)) continue;
			await writeWhole(target, folder, async (partial) => {
				await vacuum(copy, partial);
				await verify(partial);
			});
		}
		return true;
	} catch (error) {
		throw backupError(error, dirname(file.path), `The backup ${file.path} was not changed`);
	} finally {
		await rm(workshop, { recursive: true, force: true, maxRetries: 5 });
	}
}
