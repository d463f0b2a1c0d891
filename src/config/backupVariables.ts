/** A row of the table of variables: where else backups are kept. */
export const backupFolder = {
	name: "BACKUP_DIR",
	section: "memory",
	setting: "backups.directory",
	type: "path",
	doc: "A second folder for the backups, such as one on another disk. They are always kept in the memory's folder, too.",
} as const;

/** Rows of the table of variables: when backups are made, and for how long they are kept. */
export const backupVariables = [
	{
		name: "BACKUP_INTERVAL",
		section: "advanced",
		setting: "backups.interval",
		type: "integer",
		default: "24",
		minimum: 0,
		maximum: 8760,
		doc: "Hours between automatic backups; 0 makes none but those before an update of the database, an import or a restore.",
	},
	{
		name: "BACKUP_DAYS",
		section: "advanced",
		setting: "backups.days",
		type: "integer",
		default: "7",
		minimum: 1,
		maximum: 366,
		doc: "Days of which the last backup is kept.",
	},
	{
		name: "BACKUP_WEEKS",
		section: "advanced",
		setting: "backups.weeks",
		type: "integer",
		default: "4",
		minimum: 0,
		maximum: 520,
		doc: "Weeks of which the last backup is kept.",
	},
] as const;
