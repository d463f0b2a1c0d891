/** When backups are made, where, and for how long they are kept. */
export interface BackupSettings {
	/** ms between automatic backups; 0: none. */
	readonly interval: number;
	/** Of how many days, and weeks, the last backup is kept. */
	readonly days: number;
	readonly weeks: number;
	/** Absolute path of a second folder for them. */
	readonly directory: string | undefined;
}
