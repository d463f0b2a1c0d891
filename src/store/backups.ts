/*
 * Backups of a store: what they are, and what somebody can do with them. See sqlite/backups/ for those of SQLite.
 */

import type { MemoryStore } from "./memoryStore.ts";

/** Why a backup was made: by the clock, because somebody asked, or before something that changes much. */
export const backupReasons = ["daily", "asked", "update", "import", "change", "restore"] as const;
export type BackupReason = (typeof backupReasons)[number];

/** A file that was verified when it was written. */
export interface BackupFile {
	readonly path: string;
	/** The file's name, by which people refer to it. */
	readonly name: string;
	/** ms since 1970. */
	readonly at: number;
	readonly reason: BackupReason;
	readonly bytes: number;
}

/** What is in a database, of all its users. */
export interface Contents {
	readonly schema: number;
	/** Live memories. */
	readonly memories: number;
	readonly users: number;
	/** Rows of the tables with what people saved, by the table's name. */
	readonly rows: Readonly<Record<string, number>>;
	/** Increases with every change to a memory. */
	readonly revision: number;
}

/** A backup that was read through. */
export interface ExaminedBackup extends BackupFile {
	/** Absent if it is damaged, or no database at all. */
	readonly contents?: Contents;
	/** What is wrong with it, in SQLite's words. */
	readonly damage?: string;
}

/** What restoring a backup changes, of all users. */
export interface RestorePreview {
	readonly contents: Contents;
	/** Memories that come back, go away, or get another text. */
	readonly added: number;
	readonly removed: number;
	readonly changed: number;
	/** Memories as they are now. */
	readonly now: number;
	/** Some texts of each kind. */
	readonly examples: {
		readonly added: readonly string[];
		readonly removed: readonly string[];
		readonly changed: readonly string[];
	};
}

export interface Restored {
	readonly contents: Contents;
	/** The backup of the state before, which takes the restore back; absent if there was no memory. */
	readonly before: BackupFile | undefined;
}

export interface Backups {
	/** The folder that always has them. */
	readonly folder: string;
	/** ms between automatic ones; 0: none. */
	readonly interval: number;
	/**
	 * Makes a backup, verifies it, copies it to the second folder and removes those that are no longer kept. Processes take
	 * turns: one made by another process meanwhile is returned if it serves the same purpose.
	 * @param told gets what went wrong with the second folder.
	 * @returns undefined if there is no database yet.
	 * @throws StoreError
	 */
	create(reason: BackupReason, told?: (remark: string) => void): Promise<BackupFile | undefined>;
	/** Whether an automatic backup is due at `now`. */
	isDue(now: number): Promise<boolean>;
	/** Of both folders, newest first. Does not open them. */
	list(): Promise<readonly BackupFile[]>;
	/** Whether the second folder has a backup, too. */
	hasCopy(file: BackupFile): Promise<boolean>;
	/** Reads a backup through. */
	examine(file: BackupFile): Promise<ExaminedBackup>;
	/** The newest one that is sound, and those before it that are not. */
	newestGood(files?: readonly BackupFile[]): Promise<{
		readonly good: ExaminedBackup | undefined;
		readonly damaged: readonly ExaminedBackup[];
	}>;
	/** @throws StoreError if the file is damaged, or no backup of a memory. */
	preview(path: string): Promise<RestorePreview>;
	/**
	 * Opens a copy of a backup and, if `work` says that it has changed it, puts that in the place of the backup, and of its
	 * copy in the second folder.
	 * @returns whether it was changed. @throws StoreError also for a damaged one.
	 */
	rewrite(file: BackupFile, work: (store: MemoryStore) => Promise<boolean>): Promise<boolean>;
	/**
	 * Puts the state of a backup in the place of the memory, in one transaction, after a backup of the state before.
	 * Processes that have the memory open go on with the restored one.
	 * @throws StoreError Nothing was changed then.
	 */
	restore(path: string): Promise<Restored>;
}
